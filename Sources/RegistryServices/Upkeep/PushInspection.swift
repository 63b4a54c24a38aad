public import RegistryCore
import Synchronization

/// Inspects what was pushed, beside serving, so that whoever looks at it sees findings before anybody promotes it.
///
/// Nothing depends on this: a promote inspects whatever was not inspected. What does not fit into the queue, or waits
/// in it when the process ends, is left to that.
public final class PushInspection: Ledger.Listener, Sendable {
    /// Most versions that wait.
    public static let waitingMax = 10_000
    /// How many times as long as an inspection the pause after it is: pushes go first.
    public static let pauseFactor = 4

    private let waiting: AsyncStream<ArtifactName>
    private let queue: AsyncStream<ArtifactName>.Continuation
    private let clock: any Clock<Duration>

    /// - Parameter clock: measures how long an inspection takes, and waits.
    public init(clock: any Clock<Duration>) {
        self.clock = clock
        (waiting, queue) = AsyncStream.makeStream(
            of: ArtifactName.self, bufferingPolicy: .bufferingNewest(Self.waitingMax))
    }

    public func committed(_ names: [ArtifactName], logSize: UInt64) {
        for name in names where name.pushed != nil { queue.yield(name) }
    }

    /// Inspects what is pushed, one version after another, until the task is cancelled.
    public func run(_ promotion: Promotion) async {
        for await name in waiting {
            let duration = await Self.measure(clock) { _ = try? await promotion.inspect(name) }
            guard (try? await clock.sleep(for: duration * Self.pauseFactor)) != nil else { return }
        }
    }

    private static func measure(_ clock: some Clock<Duration>, _ work: () async -> Void) async -> Duration {
        await clock.measure(work)
    }
}
