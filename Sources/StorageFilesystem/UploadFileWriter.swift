import LinuxFiles
import OCI
import RegistryPorts

/// Writes and hashes what arrives, batch by batch, so that receiving, hashing and writing share the time. Whole batches
/// go past the page cache, so that the sync at the end has the last one to write, however large the upload is.
actor UploadFileWriter: UploadWriter {
    private let growing: GrowingFile
    private let name: String
    private let algorithm: Digest.Algorithm
    private let store: FilesystemStore
    private let pool: BlockingPool
    /// Hears how far an upload was hashed that waits for its next piece.
    private let suspended: @Sendable (SuspendedHash) -> Void
    private let batches: UploadBatches
    private var isClosed = false

    init(
        _ growing: GrowingFile, name: String, offset: UInt64, algorithm: Digest.Algorithm, store: FilesystemStore,
        pool: BlockingPool, suspended: @escaping @Sendable (SuspendedHash) -> Void
    ) {
        self.growing = growing
        self.name = name
        self.algorithm = algorithm
        self.store = store
        self.pool = pool
        self.suspended = suspended
        batches = UploadBatches(from: offset, store, pool, look: { growing.hash($0) }) {
            batch, position throws(FileFault) in
            try growing.write(batch, at: position)
        }
    }

    var offset: UInt64 { batches.offset }

    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        try await batches.append(bytes)
    }

    func suspend() async throws(StorageFault) {
        isClosed = true
        // Whatever came of it, no batch is under way any more.
        defer { growing.release() }
        try await batches.drain()
        if let hash = growing.suspendedHash { suspended(hash) }
    }

    func finish() async throws(StorageFault) -> any StagedBlob {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        isClosed = true
        defer { growing.release() }
        try await batches.drain()
        let (growing, name, algorithm, store) = (growing, name, algorithm, store)
        return try await pool.run { () throws(StorageFault) in
            let digest = try Digest(stored: growing.digest(), algorithm)
            return try storing { () throws(FileFault) in
                try store.stageUpload(growing.file, named: name, digest: digest, isCold: true)
            }
        }
    }
}
