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
    public func run(_ inspection: LateInspection) async {
        for await name in waiting {
            let duration = await Self.measure(clock) { await inspection.inspect(name) }
            guard (try? await clock.sleep(for: duration * Self.pauseFactor)) != nil else { return }
        }
    }

    private static func measure(_ clock: some Clock<Duration>, _ work: () async -> Void) async -> Duration {
        await clock.measure(work)
    }
}

/// Inspects one version that was only received, and writes down what is found.
public struct LateInspection: Sendable {
    private let directory: ArtifactDirectory
    private let assessor: Assessor
    private let ledger: Ledger
    private let heavyWork: WorkLimiter

    public init(directory: ArtifactDirectory, assessor: Assessor, ledger: Ledger, heavyWork: WorkLimiter) {
        self.directory = directory
        self.assessor = assessor
        self.ledger = ledger
        self.heavyWork = heavyWork
    }

    /// - Returns: whether something was written. A version that somebody promotes or withdraws meanwhile, and one
    ///   whose inspection comes to no result, is left as it is.
    @discardableResult
    func inspect(_ name: ArtifactName) async -> Bool {
        do {
            let record = try await directory.record(named: name)
            guard record.state == .acquired, record.inspection == nil else { return false }
            let assessment = try await heavyWork.run { () async throws(RegistryError) in
                try await assessor.assess(record)
            }
            guard assessment.decision.outcome != .undecided else { return false }
            return try await ledger.write(.registry(.sweep)) { entry in
                let now = try entry.record(named: name)
                guard now.headIndex == record.headIndex else { return false }
                _ = try entry.record(assessment, now)
                return true
            }
        } catch {
            // A promote says why.
            return false
        }
    }
}
