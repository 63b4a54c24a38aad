import Dispatch
import GRDB
public import RegistryPorts
import TransparencyLog

/// Metadata in one SQLite file beside the server.
///
/// One thread writes. It makes all the writes that wait durable with one sync of the write-ahead log, so that many
/// writers at once are faster than one. Reads have connections and threads of their own and never wait for a write.
///
/// Whoever can change the file can hide artifacts and make us refuse to serve. They cannot make an artifact look
/// trusted: records and verifications carry seals that the services check, and documents are read under their digest.
///
/// Another process may read the file meanwhile, and may even write to it: everything that is remembered here is
/// compared with the file inside each transaction.
public final class SQLiteMetadataStore: MetadataStore, Sendable {
    let path: String
    private let writes: JobQueue<WriterJob>
    private let reads: JobQueue<ReadJob>
    private let heads = HeadMemory()
    private let checkpoints: Checkpoints
    private let writing = DispatchGroup()
    private let reading = DispatchGroup()

    /// Opens the database, makes it if there is none, and brings an older one up to date. The time this takes does not
    /// depend on how much is in it.
    ///
    /// - Parameter path: the file; SQLite keeps two more beside it while it is open (`-wal`, `-shm`).
    /// - Throws: `.unavailable` when the file belongs to a newer program or cannot be opened, `.corrupted` when it is
    ///   another program's, or none at all.
    public static func open(
        at path: String, limits: SQLiteStoreLimits = SQLiteStoreLimits()
    ) async throws(StorageFault) -> SQLiteMetadataStore {
        let store = SQLiteMetadataStore(path: path, limits: limits)
        do {
            try await store.start(limits)
        } catch {
            await store.close()
            throw error
        }
        return store
    }

    private init(path: String, limits: SQLiteStoreLimits) {
        self.path = path
        writes = JobQueue(limit: limits.writesWaitingMax)
        reads = JobQueue(limit: limits.readsWaitingMax)
        checkpoints = Checkpoints(limits)
    }

    deinit {
        writes.close()
        reads.close()
    }

    private func start(_ limits: SQLiteStoreLimits) async throws(StorageFault) {
        let (path, writes, reads, heads, checkpoints) = (path, writes, reads, heads, checkpoints)
        try await DatabaseThread.start("metadata-writer", running: writing) { () throws(StorageFault) in
            try DatabaseQueue.writing(to: path)
        } prepare: { connection throws(StorageFault) in
            try Schema.migrate(connection)
            try checkpoints.recover(on: connection)
            try FileSync.syncDirectory(of: path)
        } serve: { connection in
            GroupCommit(connection, limits: limits, heads: heads, checkpoints: checkpoints).serve(writes)
            _ = try? connection.checkpoint(.truncate)
        }
        for number in 1...max(1, limits.readers) {
            try await DatabaseThread.start("metadata-reader-\(number)", running: reading) { () throws(StorageFault) in
                try DatabaseQueue.reading(from: path)
            } serve: { connection in
                GroupRead(connection: connection, readsPerTransactionMax: limits.readsPerTransactionMax).serve(reads)
            }
        }
    }

    /// Finishes what was accepted, then closes the file. What is asked for afterwards is refused with `.unavailable`.
    public func close() async {
        // The writer is last: only then can it copy the whole log into the database.
        reads.close()
        await reading.finished()
        writes.close()
        await writing.finished()
    }

    /// Why the write-ahead log could not be copied into the database the last time it was tried; `nil` when it could.
    ///
    /// No acknowledged write is in danger, but the log takes room until this ends.
    public var lastCheckpointFault: StorageFault? { checkpoints.lastFault }

    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = WriteJob { transaction in
                let result = Result { try body(transaction) }
                let isKept = if case .success = result { true } else { false }
                return WriteJob.Outcome(isKept: isKept) { fault in
                    if let fault { continuation.resume(throwing: fault) } else { continuation.resume(with: result) }
                }
            } refuse: { fault in
                continuation.resume(throwing: fault)
            }
            add(.change(job))
        }
    }

    /// Hands a job to the thread that writes.
    func add(_ job: WriterJob) {
        switch writes.add(job) {
        case .accepted: break
        case .full: job.refuse(.overloaded)
        case .closed: job.refuse(Self.closed)
        }
    }

    /// Runs `body` in a transaction of a connection that reads.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (MetadataTables) throws(StorageFault) -> T
    ) async throws(StorageFault) -> T {
        let result: Result<T, StorageFault> = await withCheckedContinuation { continuation in
            let job: ReadJob = { tables in
                continuation.resume(
                    returning: Result { () throws(StorageFault) in try body(try tables.get()) })
            }
            switch reads.add(job) {
            case .accepted: break
            case .full: job(.failure(.overloaded))
            case .closed: job(.failure(Self.closed))
            }
        }
        return try result.get()
    }

    public func logHead() async throws(StorageFault) -> LogHead {
        let heads = heads
        return try await read { tables throws(StorageFault) in try tables.logHead(knowing: heads.value).head }
    }

    static var closed: StorageFault { .unavailable(reason: "the store is closed") }
}

extension DispatchGroup {
    fileprivate func finished() async {
        await withCheckedContinuation { continuation in
            notify(queue: .global()) { continuation.resume() }
        }
    }
}
