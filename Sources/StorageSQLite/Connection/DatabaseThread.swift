import Dispatch
import Foundation
import GRDB
import RegistryPorts

/// A thread that owns one connection for as long as the store is open.
///
/// All that the writer's thread does to the disk is done in the order in which it does it, on no other thread.
enum DatabaseThread {
    /// Starts the thread, and returns when its connection is open.
    ///
    /// - Parameters:
    ///   - open: opens the connection, on the thread.
    ///   - prepare: whatever must succeed before the store is open.
    ///   - serve: works until there is nothing more to do; then the connection is closed.
    ///   - running: left when the thread ends.
    static func start(
        _ name: String, running: DispatchGroup, open: @escaping @Sendable () throws(StorageFault) -> DatabaseQueue,
        prepare: @escaping @Sendable (Connection) throws(StorageFault) -> Void = { _ in },
        serve: @escaping @Sendable (Connection) -> Void
    ) async throws(StorageFault) {
        let opened: Result<Void, StorageFault> = await withCheckedContinuation { continuation in
            running.enter()
            let thread = Thread {
                defer { running.leave() }
                // Only the thread itself can tell the system its name.
                Thread.current.name = name
                let queue: DatabaseQueue
                do throws(StorageFault) { queue = try open() } catch {
                    return continuation.resume(returning: .failure(error))
                }
                // Inside this call the connection belongs to this thread; it does not return before the end.
                queue.inDatabase { database in
                    let connection = Connection(database)
                    do throws(StorageFault) { try prepare(connection) } catch {
                        return continuation.resume(returning: .failure(error))
                    }
                    continuation.resume(returning: .success(()))
                    serve(connection)
                    connection.rollBack()
                }
                try? queue.close()
            }
            thread.start()
        }
        try opened.get()
    }
}
