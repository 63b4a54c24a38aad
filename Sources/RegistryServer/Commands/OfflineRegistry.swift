import InspectionWorker
import Logging
import StorageFilesystem
import StorageSQLite

/// The registry for a command that works on the store while no server does.
enum OfflineRegistry {
    /// Opens, lends, closes. The lock of the store keeps the server out meanwhile.
    ///
    /// - Throws: `StoreFault.noStore` where nobody ever kept anything; nothing is made there.
    static func use(
        _ configuration: ServerConfiguration, _ index: RegistryOpening.Index = .believed,
        _ body: (RegistryAssembly) async throws -> Void
    ) async throws {
        let logger = Logger(label: "pratique") { label in
            JSONLogHandler(label: label, level: .warning, now: { SystemClock().now() })
        }
        let registry = try await RegistryOpening.open(configuration, index, mustExist: true, logger: logger)
        let result: Result<Void, any Error>
        do { result = .success(try await body(registry)) } catch { result = .failure(error) }
        await registry.inspector.stop()
        await registry.metadata.close()
        registry.store.close()
        try result.get()
    }
}
