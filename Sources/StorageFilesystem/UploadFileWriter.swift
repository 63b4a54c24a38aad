import LinuxFiles
import OCI
import RegistryPorts

/// Writes and hashes what arrives on the pool's threads: the connection's thread never waits for the disk.
///
/// Pieces are gathered to batches. One batch is written and hashed while the next one is gathered, so receiving and
/// hashing share the time; a slow disk slows the client by at most one batch.
actor UploadFileWriter: UploadWriter {
    private static let batchBytes = 1 << 20
    /// Bytes after which the room on the disk is looked at again.
    private static let roomCheckBytes: UInt64 = 16 << 20

    private let growing: GrowingFile
    private let name: String
    private let store: FilesystemStore
    private let pool: BlockingPool
    /// Bytes that were given to the file or are on their way to it.
    private var taken: UInt64
    private var batch: [UInt8] = []
    private var underway: Task<StorageFault?, Never>?
    private var roomCheckedAt: UInt64?
    private var failure: StorageFault?
    private var isClosed = false

    init(_ growing: GrowingFile, name: String, offset: UInt64, store: FilesystemStore, pool: BlockingPool) {
        self.growing = growing
        self.name = name
        self.store = store
        self.pool = pool
        taken = offset
    }

    var offset: UInt64 { taken &+ UInt64(batch.count) }

    func append(_ bytes: [UInt8]) async throws(StorageFault) {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        batch.append(contentsOf: bytes)
        guard batch.count >= Self.batchBytes else { return }
        try await settle()
        start()
    }

    func suspend() async throws(StorageFault) {
        isClosed = true
        // Whatever came of it, no batch is under way any more.
        defer { growing.release() }
        try await drain()
    }

    func finish() async throws(StorageFault) -> any StagedBlob {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        isClosed = true
        defer { growing.release() }
        try await drain()
        let (growing, name, store) = (growing, name, store)
        return try await pool.run { () throws(StorageFault) in
            let digest = try Digest(stored: growing.digest())
            return try storing { () throws(FileFault) in
                // Away from where uploads are found: whoever starts the same one again gets a file of their own, and
                // nobody writes to this one while it is inspected and kept.
                let staged = try store.staging.newName("upload")
                try store.uploads.rename(name, to: store.staging.directory, as: staged, mode: .noReplace)
                let file = StagedFile(adopting: growing.file, name: staged, in: store.staging.directory)
                try growing.file.setPermissions(0o444)
                return try StagedBytes(file, digest: digest)
            }
        }
    }

    private func drain() async throws(StorageFault) {
        try await settle()
        guard !batch.isEmpty else { return }
        start()
        try await settle()
    }

    /// Waits for the batch that is under way.
    private func settle() async throws(StorageFault) {
        if let underway {
            let fault = await underway.value
            self.underway = nil
            failure = failure ?? fault
        }
        if let failure { throw failure }
    }

    private func start() {
        let (growing, store, bytes, position) = (growing, store, batch, taken)
        let checksRoom = roomCheckedAt.map { position &- $0 >= Self.roomCheckBytes } ?? true
        if checksRoom { roomCheckedAt = position }
        batch = []
        batch.reserveCapacity(Self.batchBytes)
        taken &+= UInt64(bytes.count)
        underway = Task { [pool] in
            do throws(StorageFault) {
                try await pool.run { () throws(StorageFault) in
                    try storing { () throws(FileFault) in
                        if checksRoom { try store.requireRoom(for: Self.roomCheckBytes) }
                        try growing.append(bytes, at: position)
                    }
                }
                return nil
            } catch {
                return error
            }
        }
    }
}
