import Foundation
import RegistryPorts
import StorageMemory
import StorageSQLite

/// The stores that a registry runs on.
enum TestStore: CaseIterable {
    case memory, sqlite

    /// Lends an empty store, and removes it afterwards.
    func withStore<T>(_ body: (any RebuildableMetadataStore) async throws -> T) async throws -> T {
        switch self {
        case .memory: return try await body(MemoryMetadataStore())
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let store = try await SQLiteMetadataStore.open(at: folder.appending(path: "registry.db").path)
            let result: Result<T, any Error>
            do { result = .success(try await body(store)) } catch { result = .failure(error) }
            await store.close()
            return try result.get()
        }
    }
}
