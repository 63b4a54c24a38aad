import LinuxFiles
import OCI
import RegistryPorts

/// Writes and hashes what arrives on the pool's threads: the connection's thread never waits for the disk.
///
/// Pieces are gathered to batches. One batch is written and hashed while the next one is gathered, so receiving and
/// hashing share the time; a slow disk slows the client by at most one batch. Whole batches go past the page cache, so
/// that the sync at the end has the last one to write, however large the upload is.
actor UploadFileWriter: UploadWriter {
    private static let batchBytes = 1 << 20
    /// Bytes after which the room on the disk is looked at again.
    private static let roomCheckBytes: UInt64 = 16 << 20

    private let growing: GrowingFile
    private let name: String
    private let algorithm: Digest.Algorithm
    private let store: FilesystemStore
    private let pool: BlockingPool
    /// Hears how far an upload was hashed that waits for its next piece.
    private let suspended: @Sendable (SuspendedHash) -> Void
    /// Bytes that were given to the file or are on their way to it.
    private var taken: UInt64
    private var batch: AlignedBuffer?
    /// What the last batch was in, empty again.
    private var spare: AlignedBuffer?
    private var underway: (batch: AlignedBuffer, task: Task<StorageFault?, Never>)?
    private var roomCheckedAt: UInt64?
    private var failure: StorageFault?
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
        taken = offset
    }

    var offset: UInt64 { taken &+ UInt64(batch?.count ?? 0) }

    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        var done = 0
        let count = bytes.count
        while done < count {
            let batch = batch ?? spare ?? AlignedBuffer(capacity: Self.batchBytes)
            spare = nil
            self.batch = batch
            done += Self.fill(batch, from: bytes, at: done, upTo: batchBytesMax)
            guard batch.count >= batchBytesMax else { return }
            try await settle()
            start()
        }
    }

    /// Batches end where pages do, so that all but the first and the last can be written past the cache.
    private var batchBytesMax: Int {
        Self.batchBytes - Int(taken % UInt64(AlignedBuffer.alignment))
    }

    private static func fill(
        _ batch: AlignedBuffer, from bytes: some Collection<UInt8>, at start: Int, upTo countMax: Int
    ) -> Int {
        let taken = bytes.withContiguousStorageIfAvailable { bytes in
            batch.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...]), upTo: countMax)
        }
        if let taken { return taken }
        return Array(bytes.dropFirst(start).prefix(countMax)).withUnsafeBytes { batch.append($0, upTo: countMax) }
    }

    func suspend() async throws(StorageFault) {
        isClosed = true
        // Whatever came of it, no batch is under way any more.
        defer { growing.release() }
        try await drain()
        if let hash = growing.suspendedHash { suspended(hash) }
    }

    func finish() async throws(StorageFault) -> any StagedBlob {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        isClosed = true
        defer { growing.release() }
        try await drain()
        let (growing, name, algorithm, store) = (growing, name, algorithm, store)
        return try await pool.run { () throws(StorageFault) in
            let digest = try Digest(stored: growing.digest(), algorithm)
            return try storing { () throws(FileFault) in
                // Away from where uploads are found: whoever starts the same one again gets a file of their own, and
                // nobody writes to this one while it is inspected and kept.
                let staged = try store.staging.newName("upload")
                try store.uploads.rename(name, to: store.staging.directory, as: staged, mode: .noReplace)
                let file = StagedFile(adopting: growing.file, name: staged, in: store.staging.directory)
                try growing.file.setPermissions(0o444)
                return try StagedBytes(file, digest: digest, isCold: true)
            }
        }
    }

    private func drain() async throws(StorageFault) {
        try await settle()
        guard let batch, batch.count > 0 else { return }
        start()
        try await settle()
    }

    /// Waits for the batch that is under way.
    private func settle() async throws(StorageFault) {
        if let underway {
            let fault = await underway.task.value
            self.underway = nil
            underway.batch.removeAll()
            spare = underway.batch
            failure = failure ?? fault
        }
        if let failure { throw failure }
    }

    private func start() {
        guard let batch else { return }
        let (growing, store, position) = (growing, store, taken)
        let checksRoom = roomCheckedAt.map { position &- $0 >= Self.roomCheckBytes } ?? true
        if checksRoom { roomCheckedAt = position }
        taken &+= UInt64(batch.count)
        self.batch = nil
        let task = Task { [pool] () -> StorageFault? in
            do throws(StorageFault) {
                try await pool.run { () throws(StorageFault) in
                    try storing { () throws(FileFault) in
                        if checksRoom { try store.requireRoom(for: Self.roomCheckBytes) }
                        try growing.append(batch, at: position)
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        underway = (batch, task)
    }
}
