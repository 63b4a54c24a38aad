import RegistryPorts

/// A read that waits for a connection. It is run once: with the tables, or with the reason why there are none.
typealias ReadJob = @Sendable (Result<MetadataTables, StorageFault>) -> Void

/// Runs the reads that wait, several in one transaction. Lives on a thread that reads.
struct GroupRead {
    let connection: Connection
    let readsPerTransactionMax: Int

    /// Serves the queue until it is closed and empty.
    func serve(_ queue: JobQueue<ReadJob>) {
        let tables = MetadataTables(connection: connection)
        while true {
            // Taken before the transaction begins: each read sees whatever was acknowledged before it was asked for.
            let jobs = queue.take(atMost: readsPerTransactionMax)
            guard !jobs.isEmpty else { break }
            do {
                try connection.beginReading()
                for job in jobs { job(.success(tables)) }
                connection.rollBack()
            } catch {
                for job in jobs { job(.failure(error)) }
            }
        }
    }
}
