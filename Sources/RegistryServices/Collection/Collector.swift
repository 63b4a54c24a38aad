public import RegistryCore
public import RegistryPorts
import Synchronization

/// Collections beside serving, one at a time.
public final class Collector: Sendable {
    public struct Report: Sendable, Hashable {
        public var startedAt: Timestamp
        public var endedAt: Timestamp
        public var isRehearsal: Bool
        public var result: Collection.Result
        /// What was taken out of repositories before.
        public var retention = Retention.Result()
    }

    private let clock: any WallClock
    private let report: @Sendable (Report) -> Void
    private let collection: @Sendable () -> Collection
    private let isRunning = Mutex(false)
    private let latest = Mutex<Report?>(nil)
    private let retention = Mutex<Retention?>(nil)

    /// - Parameters:
    ///   - report: hears of each collection that is no rehearsal.
    ///   - collection: one as of now.
    public init(
        clock: any WallClock, report: @escaping @Sendable (Report) -> Void = { _ in },
        collection: @escaping @Sendable () -> Collection
    ) {
        self.clock = clock
        self.report = report
        self.collection = collection
    }

    /// From now on manifests go first that repositories need not keep.
    public func use(_ retention: Retention) {
        self.retention.withLock { $0 = retention }
    }

    /// What the last collection removed; `nil` before the first. Rehearsals are none.
    public var last: Report? { latest.withLock { $0 } }

    /// - Throws: `.overloaded` when one is under way, or this one was broken off; as `Collection.collect`.
    public func run(isRehearsal: Bool, pace: CollectionPace? = nil) async throws(RegistryError) -> Report {
        guard let report = try await runUnlessRunning(isRehearsal: isRehearsal, pace: pace) else {
            throw RegistryError(.overloaded, "A collection is under way.")
        }
        return report
    }

    /// The same for those to whom the collection that is under way is as good.
    ///
    /// - Returns: `nil` when one is.
    public func runUnlessRunning(
        isRehearsal: Bool, pace: CollectionPace? = nil
    ) async throws(RegistryError) -> Report? {
        let isFree = isRunning.withLock { running in
            defer { running = true }
            return !running
        }
        guard isFree else { return nil }
        defer { isRunning.withLock { $0 = false } }
        let start = clock.now()
        // What keeps it from a repository stands in the result: bytes are collected all the same.
        let retained = try await retention.withLock { $0 }?.run(isRehearsal: isRehearsal, pace: pace)
        let result = try await collection().collect(isRehearsal: isRehearsal, pace: pace)
        let done = Report(
            startedAt: start, endedAt: clock.now(), isRehearsal: isRehearsal, result: result,
            retention: retained ?? Retention.Result())
        if !isRehearsal {
            latest.withLock { $0 = done }
            report(done)
        }
        return done
    }
}
