package import LinuxFiles
package import RegistryPorts

/// Gathers what arrives to batches, and looks at them and writes them on the pool's threads: the connection's thread
/// never waits for the disk. One batch is written while the next one is looked at and another one gathered; a slow disk
/// slows the client by at most two batches.
///
/// Its owner is an actor, and nobody else uses it.
package final class UploadBatches {
    private static let batchBytes = 1 << 20
    /// Bytes after which the room on the disk is looked at again.
    private static let roomCheckBytes: UInt64 = 16 << 20

    /// One batch that is looked at, and one that is written: before there are more the client waits.
    private static let underwayMax = 2

    /// Writes a batch at an offset: one at a time, in order, and none after one that could not be written.
    package typealias Sink = @Sendable (AlignedBuffer, UInt64) throws(FileFault) -> Void
    /// Sees each batch before it is written: one at a time, in order.
    package typealias Look = @Sendable (AlignedBuffer) -> Void

    private final class Underway: Sendable {
        let batch: AlignedBuffer
        let look: Task<StorageFault?, Never>
        let write: Task<StorageFault?, Never>

        init(_ batch: AlignedBuffer, look: Task<StorageFault?, Never>, write: Task<StorageFault?, Never>) {
            self.batch = batch
            self.look = look
            self.write = write
        }
    }

    private let store: FilesystemStore
    private let pool: BlockingPool
    private let look: Look?
    private let write: Sink
    /// Bytes that were given to the file or are on their way to it.
    private var taken: UInt64
    /// Where the last batch ended that was written.
    package private(set) var written: UInt64
    private var batch: AlignedBuffer?
    /// What the last batch was in, empty again.
    private var spare: AlignedBuffer?
    /// The oldest first.
    private var underway: [Underway] = []
    private var roomCheckedAt: UInt64?
    private var failure: StorageFault?

    package init(
        from offset: UInt64, _ store: FilesystemStore, _ pool: BlockingPool, look: Look? = nil,
        write: @escaping Sink
    ) {
        self.store = store
        self.pool = pool
        self.look = look
        self.write = write
        taken = offset
        written = offset
    }

    var offset: UInt64 { taken &+ UInt64(batch?.count ?? 0) }

    package func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
        var done = 0
        let count = bytes.count
        while done < count {
            let batch = batch ?? spare ?? AlignedBuffer(capacity: Self.batchBytes)
            spare = nil
            self.batch = batch
            done += Self.fill(batch, from: bytes, at: done, upTo: batchBytesMax)
            guard batch.count >= batchBytesMax else { return }
            try await settle(leaving: Self.underwayMax - 1)
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
    package func drain() async throws(StorageFault) {
        if let batch, batch.count > 0 {
            try await settle(leaving: Self.underwayMax - 1)
            start()
        }
        try await settle(leaving: 0)
    }

    /// Waits until no more than `countMax` batches are under way.
    private func settle(leaving countMax: Int) async throws(StorageFault) {
        while underway.count > countMax, let oldest = underway.first {
            let fault = await oldest.write.value
            guard underway.first === oldest else { continue }
            underway.removeFirst()
            if fault == nil { written &+= UInt64(oldest.batch.count) }
            oldest.batch.removeAll()
            spare = oldest.batch
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
        let earlier = underway.last
        let isLookedAt = Self.task(after: earlier?.look, nil, pool, Self.job(look, batch))
        let isWritten = Self.task(
            after: isLookedAt, earlier?.write, pool, Self.job(write, batch, at: position, store, room: room))
        underway.append(Underway(batch, look: isLookedAt, write: isWritten))
    }

    private typealias Job = @Sendable () throws(StorageFault) -> Void

    private static func job(_ look: Look?, _ batch: AlignedBuffer) -> Job? {
        guard let look else { return nil }
        return { () throws(StorageFault) in look(batch) }
    }

    private static func job(
        _ write: @escaping Sink, _ batch: AlignedBuffer, at position: UInt64, _ store: FilesystemStore, room: UInt64?
    ) -> Job {
        return { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                if let room { try store.requireRoom(for: room) }
                try write(batch, position)
            }
        }
    }

    /// Does a job when others are done, unless one of them failed.
    private static func task(
        after first: Task<StorageFault?, Never>?, _ second: Task<StorageFault?, Never>?, _ pool: BlockingPool,
        _ job: Job?
    ) -> Task<StorageFault?, Never> {
        Task {
            if let fault = await first?.value { return fault }
            if let fault = await second?.value { return fault }
            do throws(StorageFault) {
                if let job { try await pool.run(job) }
                return nil
            } catch {
                return error
            }
        }
    }
}
