import RegistryPorts

/// Runs the bodies that wait and makes them durable together. Lives on the one thread that writes.
///
/// Each body has a savepoint of its own, so that one that throws takes back what it wrote and nothing else. No task is
/// woken before the commit returned, not even one whose body threw: it may have thrown because of what another body of
/// the same commit wrote.
final class GroupCommit {
    private let connection: Connection
    private let tables: MetadataTables
    private let limits: SQLiteStoreLimits
    private let heads: HeadMemory
    private let checkpoints: Checkpoints
    /// Set for good when the disk could not say what is on it.
    private var refusal: StorageFault?

    init(_ connection: Connection, limits: SQLiteStoreLimits, heads: HeadMemory, checkpoints: Checkpoints) {
        self.connection = connection
        self.limits = limits
        self.heads = heads
        self.checkpoints = checkpoints
        tables = MetadataTables(connection: connection)
    }

    /// Serves the queue until it is closed and empty.
    func serve(_ queue: JobQueue<WriterJob>) {
        var waiting: ArraySlice<WriterJob> = []
        while true {
            if waiting.isEmpty { waiting = queue.take(atMost: limits.writesPerCommitMax)[...] }
            guard let first = waiting.first else { break }
            switch first {
            case .maintenance(let job):
                waiting.removeFirst()
                if let refusal { job.refuse(refusal) } else { job.run(connection) }
            case .change:
                waiting = commit(waiting)
            }
            copyLog()
        }
    }

    /// Commits the first of the jobs, and as many of the next as fit.
    ///
    /// - Returns: the jobs that are left.
    private func commit(_ jobs: ArraySlice<WriterJob>) -> ArraySlice<WriterJob> {
        do throws(StorageFault) {
            if let refusal { throw refusal }
            try connection.beginWriting()
        } catch {
            for job in jobs { job.refuse(error) }
            return []
        }
        var left = jobs
        var outcomes: [WriteJob.Outcome] = []
        do {
            var batch = Batch()
            while outcomes.isEmpty || batch.writtenBytes < limits.commitBytesMax,
                case .change(let job)? = left.first
            {
                left.removeFirst()
                outcomes.append(try run(job, in: &batch))
            }
            let head = try putHead(of: batch)
            try connection.commit()
            if let head { heads.remember(head) }
            for outcome in outcomes { outcome.answer(nil) }
        } catch {
            connection.rollBack()
            if case .syncFailed = error { refusal = error }
            for outcome in outcomes { outcome.answer(error) }
        }
        return left
    }

    /// What the bodies of one commit hand on to each other.
    private struct Batch {
        var head: LogHead?
        var writtenBytes = 0
    }

    /// - Throws: when the whole commit is lost. The job was then refused.
    private func run(_ job: WriteJob, in batch: inout Batch) throws(StorageFault) -> WriteJob.Outcome {
        do {
            try connection.run("SAVEPOINT body")
        } catch {
            job.refuse(error)
            throw error
        }
        let transaction = WriteTransaction(
            tables: tables, documentBytesMax: limits.documentBytesMax, head: batch.head, knownHead: heads.value)
        let outcome = job.run(transaction)
        transaction.end()
        do throws(StorageFault) {
            if let fault = connection.transactionFault { throw fault }
            if !outcome.isKept { try connection.run("ROLLBACK TO body") }
            try connection.run("RELEASE body")
        } catch {
            outcome.answer(error)
            throw error
        }
        if outcome.isKept {
            batch.head = transaction.head
            batch.writtenBytes += transaction.writtenBytes
        }
        return outcome
    }

    /// - Returns: the new end of the log, `nil` when nobody appended.
    private func putHead(of batch: Batch) throws(StorageFault) -> KnownHead? {
        guard let head = batch.head else { return nil }
        if let known = heads.value, known.head == head { return nil }
        let next = KnownHead(head)
        try tables.putLogHead(next)
        return next
    }

    private func copyLog() {
        guard refusal == nil else { return }
        do {
            try checkpoints.run(on: connection)
        } catch {
            if case .syncFailed = error { refusal = error }
        }
    }
}
