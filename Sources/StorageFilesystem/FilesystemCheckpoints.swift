import LinuxFiles
public import RegistryPorts

/// The newest signed checkpoint, in a file that is replaced as a whole.
public struct FilesystemCheckpoints: CheckpointStore {
    private static let name = "checkpoint"
    private static let bytesMax = 64 << 10

    private let directory: Directory
    private let pool = BlockingPool(threadsMax: 1, waitingMax: 64)

    public init(_ store: FilesystemStore) {
        directory = store.log
    }

    public func fetch() async throws(StorageFault) -> [UInt8]? {
        try await pool.run { () throws(StorageFault) in try fetchNow() }
    }

    public func replace(_ current: [UInt8]?, with next: [UInt8]) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            guard try fetchNow() == current else { throw .changed }
            try storing { () throws(FileFault) in try DurableFile.replace(Self.name, in: directory, with: next) }
        }
    }

    private func fetchNow() throws(StorageFault) -> [UInt8]? {
        do throws(FileFault) {
            return try directory.openFile(Self.name).readAll(bytesMax: Self.bytesMax)
        } catch {
            if error.kind == .notFound { return nil }
            throw StorageFault(error)
        }
    }
}
