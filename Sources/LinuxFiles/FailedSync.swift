import Synchronization

/// What this process does when a disk does not confirm a write.
///
/// Linux reports such a failure once, and nobody can say afterwards what is on the disk. So it concerns the process,
/// and not only whoever asked for the sync: what others wrote may be lost as well.
public enum FailedSync {
    private static let handler = Mutex<(@Sendable (FileFault) -> Void)?>(nil)

    /// Calls `handler` at every sync that fails, before the fault is thrown. A server ends itself in it.
    public static func onFailure(_ handler: @escaping @Sendable (FileFault) -> Void) {
        self.handler.withLock { $0 = handler }
    }

    static func report(_ fault: FileFault) {
        handler.withLock { $0 }?(fault)
    }
}
