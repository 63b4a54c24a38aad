import Synchronization

/// The end of the log as it was committed last, so that nobody rebuilds it from the hashes.
///
/// It may be behind, or wrong: whoever uses it compares it with the file.
final class HeadMemory: Sendable {
    private let known = Mutex<KnownHead?>(nil)

    var value: KnownHead? { known.withLock { $0 } }

    func remember(_ head: KnownHead) {
        known.withLock { $0 = head }
    }
}
