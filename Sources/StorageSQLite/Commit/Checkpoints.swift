import GRDB
import RegistryPorts
import Synchronization

/// Copies the write-ahead log into the database when it has grown, on the thread that writes, between commits.
final class Checkpoints: Sendable {
    private let checkpointPages: Int
    private let walPagesMax: Int
    private let state = Mutex(State())

    private struct State {
        /// Pages written since the last copy that was complete.
        var pages = 0
        /// Pages at which copying is tried again.
        var next = 0
        var fault: StorageFault?
    }

    init(_ limits: SQLiteStoreLimits) {
        checkpointPages = limits.checkpointPages
        walPagesMax = limits.walPagesMax
    }

    /// Why the log could not be copied the last time it was tried. No commit is lost by it, but the log grows.
    var lastFault: StorageFault? { state.withLock { $0.fault } }

    /// Makes durable what an earlier process left in the log, before anybody reads it.
    ///
    /// After a crash the log may hold commits that were never synced. Nobody was told of them, but from now on they are
    /// read: they must be on the disk first. Copying writes each page anew, so that even pages whose sync failed before
    /// reach it. When there is no room for the copy, the log itself was synced by then, and reading must go on.
    func recover(on connection: Connection) throws(StorageFault) {
        do throws(StorageFault) {
            // Somebody else's reader may keep the log from being emptied. That is no harm, if every page of it could be
            // copied; one that stands before the newest commits keeps those from being copied too.
            if try connection.checkpoint(.truncate) > 0, try connection.checkpoint(.passive) > 0 {
                throw StorageFault.unavailable(
                    reason: "another program reads the database, so that its log cannot be made durable")
            }
        } catch {
            guard error == .full else { throw error }
            state.withLock { $0.fault = error }
        }
        _ = connection.takeWrittenPages()
    }

    /// - Throws: `.syncFailed` and whatever else kept the log from being copied.
    func run(on connection: Connection) throws(StorageFault) {
        let written = connection.takeWrittenPages()
        let (pages, isDue) = state.withLock { state in
            state.pages += written
            return (state.pages, state.pages >= max(state.next, checkpointPages))
        }
        guard isDue else { return }
        do {
            // Readers that follow one another without a gap would let the log grow for ever: at some size wait for
            // them, but not long, because all writes wait too and a copy of the whole file is also a reader.
            let left = try connection.checkpoint(pages >= walPagesMax ? .restart : .passive, waiting: .short)
            state.withLock { state in
                if left == 0 { state.pages = 0 }
                state.next = state.pages + checkpointPages
                state.fault = nil
            }
        } catch {
            state.withLock { state in
                state.next = state.pages + checkpointPages
                state.fault = error
            }
            throw error
        }
    }
}
