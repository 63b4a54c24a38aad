import LinuxFiles
import RegistryPorts

/// Gathers what arrives to batches and writes them on the pool's threads: the connection's thread never waits for the
/// disk. One batch is written while the next one is gathered; a slow disk slows the client by at most one batch.
///
/// Its owner is an actor, and nobody else uses it.
final class UploadBatches {
    private static let batchBytes = 1 << 20
    /// Bytes after which the room on the disk is looked at again.
    private static let roomCheckBytes: UInt64 = 16 << 20

    /// Writes a batch at an offset.
    typealias Sink = @Sendable (AlignedBuffer, UInt64) throws(FileFault) -> Void

    private let store: FilesystemStore
    private let pool: BlockingPool
    private let write: Sink
    /// Bytes that were given to the file or are on their way to it.
    private var taken: UInt64
    /// Where the last batch ended that was written.
    private(set) var written: UInt64
    private var batch: AlignedBuffer?
    /// What the last batch was in, empty again.
    private var spare: AlignedBuffer?
    private var underway: (batch: AlignedBuffer, task: Task<StorageFault?, Never>)?
    private var roomCheckedAt: UInt64?
    private var failure: StorageFault?

    init(from offset: UInt64, _ store: FilesystemStore, _ pool: BlockingPool, write: @escaping Sink) {
        self.store = store
        self.pool = pool
        self.write = write
        taken = offset
        written = offset
    }

    var offset: UInt64 { taken &+ UInt64(batch?.count ?? 0) }

    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
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

    /// Returns when all is written.
    func drain() async throws(StorageFault) {
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
            if fault == nil { written &+= UInt64(underway.batch.count) }
            underway.batch.removeAll()
            spare = underway.batch
            failure = failure ?? fault
        }
        if let failure { throw failure }
    }

    private func start() {
        guard let batch else { return }
        let position = taken
        let checksRoom = roomCheckedAt.map { position &- $0 >= Self.roomCheckBytes } ?? true
        if checksRoom { roomCheckedAt = position }
        taken &+= UInt64(batch.count)
        self.batch = nil
        let room = checksRoom ? Self.roomCheckBytes : nil
        underway = (batch, Self.task(batch, at: position, store, pool, room: room, write))
    }

    private static func task(
        _ batch: AlignedBuffer, at position: UInt64, _ store: FilesystemStore, _ pool: BlockingPool, room: UInt64?,
        _ write: @escaping Sink
    ) -> Task<StorageFault?, Never> {
        Task {
            do throws(StorageFault) {
                try await pool.run { () throws(StorageFault) in
                    try storing { () throws(FileFault) in
                        if let room { try store.requireRoom(for: room) }
                        try write(batch, position)
                    }
                }
                return nil
            } catch {
                return error
            }
        }
    }
}
