/// Syncs one directory for many callers at a time.
///
/// A caller that comes while a sync is under way waits for the next one, which it shares with all who came meanwhile:
/// names made before the call are durable when it returns, and n callers cost at most two syncs. For threads of a
/// `BlockingPool`; it blocks.
public final class DirectorySync: Sendable {
    private struct State {
        /// Number of the last sync that began, and of the last that ended.
        var begun: UInt64 = 0
        var ended: UInt64 = 0
        var isRunning: Bool { begun != ended }
        /// A sync failed: nothing can be acknowledged any more.
        var failure: FileFault?
    }

    private let syncNow: @Sendable () throws(FileFault) -> Void
    private let state = Monitor(State())

    public convenience init(_ directory: Directory) {
        self.init { () throws(FileFault) in try directory.sync() }
    }

    /// - Parameter syncNow: makes all names that exist when it is called durable.
    package init(_ syncNow: @escaping @Sendable () throws(FileFault) -> Void) {
        self.syncNow = syncNow
    }

    /// Returns when every name that was made before this call survives a power cut.
    ///
    /// - Throws: `.syncFailed`, from then on for every caller.
    public func sync() throws(FileFault) {
        enum Step {
            case run
            case done(FileFault?)
        }
        // Only a sync that begins from now on is sure to include our names.
        let needed = state.change(waking: .nobody) { $0.begun &+ 1 }
        let step = state.wait { state -> Step? in
            if let failure = state.failure { return .done(failure) }
            if state.ended >= needed { return .done(nil) }
            guard !state.isRunning else { return nil }
            state.begun &+= 1
            return .run
        }
        switch step {
        case .done(let failure):
            if let failure { throw failure }
        case .run:
            let failure = runSync()
            state.change { state in
                state.ended = state.begun
                state.failure = failure
            }
            if let failure { throw failure }
        }
    }

    private func runSync() -> FileFault? {
        do throws(FileFault) {
            try syncNow()
            return nil
        } catch {
            return error
        }
    }
}
