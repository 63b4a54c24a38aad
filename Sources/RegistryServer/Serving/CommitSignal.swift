import RegistryCore
import RegistryServices

/// Tells the background work that something was committed. Many commits while nobody looks are one signal.
final class CommitSignal: Ledger.Listener, Sendable {
    let commits: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (commits, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func committed(_ names: [ArtifactName], logSize: UInt64) {
        continuation.yield()
    }

    /// What was to be done after the last commit was not done.
    func again() {
        continuation.yield()
    }

    func finish() {
        continuation.finish()
    }
}
