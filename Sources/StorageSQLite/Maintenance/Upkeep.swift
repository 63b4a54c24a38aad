import Foundation
import GRDB
public import RegistryPorts

extension SQLiteMetadataStore {
    /// Gives unused room in the file back to the disk. Writes wait meanwhile, reads do not; it needs as much room again
    /// as the file has.
    public func vacuum() async throws(StorageFault) {
        let result: Result<Void, StorageFault> = await withCheckedContinuation { continuation in
            add(
                .maintenance(
                    MaintenanceJob { connection in
                        continuation.resume(returning: Result { () throws(StorageFault) in try connection.vacuum() })
                    } refuse: { fault in
                        continuation.resume(returning: .failure(fault))
                    }))
        }
        try result.get()
    }

    /// Reads the whole database and says what is wrong with it; nothing when all is well. Writes go on meanwhile.
    ///
    /// Checks the file's structure, that nothing refers to what is not there, that the log has no gaps, and counts
    /// again whatever is kept counted.
    public func integrityCheck() async throws(StorageFault) -> [String] {
        try await onOwnConnection { connection throws(StorageFault) in
            try connection.beginReading()
            return try IntegrityCheck(connection: connection).problems()
        }
    }

    /// Runs `body` on a connection of its own that reads, so that no other read waits for it.
    func onOwnConnection<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(StorageFault) -> T
    ) async throws(StorageFault) -> T {
        let path = path
        let result: Result<T, StorageFault> = await withCheckedContinuation { continuation in
            let thread = Thread {
                Thread.current.name = "metadata-upkeep"
                continuation.resume(
                    returning: Result { () throws(StorageFault) in
                        try Self.onOwnConnection(to: path, body)
                    })
            }
            thread.start()
        }
        return try result.get()
    }

    private static func onOwnConnection<T>(
        to path: String, _ body: (Connection) throws(StorageFault) -> T
    ) throws(StorageFault) -> T {
        let queue = try DatabaseQueue.reading(from: path)
        defer { try? queue.close() }
        do {
            return try queue.inDatabase { database in
                let connection = Connection(database)
                defer { connection.rollBack() }
                return try body(connection)
            }
        } catch {
            throw StorageFault(error)
        }
    }
}

extension Connection {
    fileprivate func vacuum() throws(StorageFault) {
        // A copy of the whole database does not belong into memory.
        try run("PRAGMA temp_store = FILE")
        defer { try? run("PRAGMA temp_store = MEMORY") }
        try run("VACUUM")
        _ = try checkpoint(.truncate)
        _ = takeWrittenPages()
    }
}
