public import RegistryCore
public import RegistryPorts
import Synchronization

/// Looks at what is trusted again, where it was admitted by other rules, another policy or other scanners than those
/// in force. Beside serving, one artifact after another, oldest decision first.
///
/// Nothing is remembered but what records say: which of them are outdated is found by reading them, so that a process
/// that was killed goes on where it stopped. A store that does not answer ends the round, and nothing is changed by
/// that.
public final class Reinspection: Sendable {
    /// How many times as long as a look the pause after it is: everybody else goes first.
    public static let pauseFactor = 4
    /// Most outdated artifacts that are in memory; those decided later are found by the next walk.
    static let batchMax = 20_000
    /// Most artifacts that a report names.
    public static let namedMax = 100

    private let directory: ArtifactDirectory
    private let promotion: Promotion
    private let clock: any WallClock
    private let timer: any Clock<Duration>
    private let hear: @Sendable (Failure) -> Void
    private let state = Mutex(Report())

    /// - Parameters:
    ///   - timer: measures how long a look takes, and waits.
    ///   - hear: told of everything that is not admitted any more.
    public init(
        directory: ArtifactDirectory, promotion: Promotion, clock: any WallClock, timer: any Clock<Duration>,
        hear: @escaping @Sendable (Failure) -> Void
    ) {
        self.directory = directory
        self.promotion = promotion
        self.clock = clock
        self.timer = timer
        self.hear = hear
    }

    public var report: Report { state.withLock { $0 } }

    /// Looks at all that is outdated, once.
    ///
    /// - Returns: whether everything came to a result.
    /// - Throws: storage faults, after which the next round goes on.
    @discardableResult
    public func round() async throws(RegistryError) -> Bool {
        let standard = try await promotion.assessor.renewedStandard()
        state.withLock { $0.begin(standard, at: clock.now()) }
        var unresolved: Set<ArtifactName> = []
        do throws(RegistryError) {
            while !Task.isCancelled {
                let batch = try await outdated(by: standard, without: unresolved)
                guard !batch.isEmpty else { break }
                for name in batch {
                    guard !Task.isCancelled else { break }
                    if try await !look(at: name) { unresolved.insert(name) }
                }
            }
        } catch {
            state.withLock { $0.end(.stopped, at: clock.now(), fault: error.code) }
            throw error
        }
        let isWhole = !Task.isCancelled && unresolved.isEmpty
        state.withLock { $0.end(isWhole ? .done : .stopped, at: clock.now(), fault: nil) }
        return isWhole
    }

    /// - Returns: whether it came to a result.
    private func look(at name: ArtifactName) async throws(RegistryError) -> Bool {
        let (result, duration) = await Self.measure(timer) { [promotion] in
            do throws(RegistryError) { return .success(try await promotion.recheck(name)) } catch {
                return .failure(error)
            }
        }
        let isResolved: Bool
        switch result {
        case .success(let outcome):
            state.withLock { $0.add(outcome, name) }
            isResolved = outcome != .unresolved
            if case .refused(let codes, let isQuarantined) = outcome {
                hear(Failure(name: name, codes: codes, isQuarantined: isQuarantined))
            }
        case .failure(let error):
            switch error.code {
            // About this artifact, and told elsewhere: it is damaged, or somebody changes it now.
            case .integrityFailed, .recordTampered, .artifactNotFound, .concurrentChange, .stateConflict:
                state.withLock { $0.add(.unresolved, name) }
                isResolved = false
            default: throw error
            }
        }
        try? await timer.sleep(for: duration * Self.pauseFactor)
        return isResolved
    }

    private static func measure(
        _ timer: some Clock<Duration>, _ work: () async -> Result<RecheckOutcome, RegistryError>
    ) async -> (Result<RecheckOutcome, RegistryError>, Duration) {
        var result = Result<RecheckOutcome, RegistryError>.success(.passedOver)
        let duration = await timer.measure { result = await work() }
        return (result, duration)
    }

    /// Names of what is outdated, those first whose decision is oldest; also counts what was looked at and failed.
    private func outdated(
        by standard: DecisionStandard, without names: Set<ArtifactName>
    ) async throws(RegistryError) -> [ArtifactName] {
        var found: [(name: ArtifactName, time: Timestamp)] = []
        var (count, failing): (UInt64, UInt64) = (0, 0)
        var failures: [Failure] = []
        var query: RecordQuery? = RecordQuery(state: .trusted)
        while let next = query {
            guard !Task.isCancelled else { return [] }
            let page = try await directory.page(next)
            for record in page.records {
                guard record.isOutdated(by: standard) else {
                    guard let recheck = record.recheck else { continue }
                    failing += 1
                    if failures.count < Self.namedMax {
                        failures.append(Failure(name: record.name, codes: recheck.codes, isQuarantined: false))
                    }
                    continue
                }
                count += 1
                guard !names.contains(record.name) else { continue }
                found.append((record.name, record.promotedAt ?? .earliest))
            }
            if found.count >= 2 * Self.batchMax { Self.keepOldest(&found) }
            query = page.next
        }
        Self.keepOldest(&found)
        state.withLock { $0.counted(outdated: count, failing: failing, failures) }
        return found.map(\.name)
    }

    private static func keepOldest(_ found: inout [(name: ArtifactName, time: Timestamp)]) {
        found.sort { ($0.time, $0.name) < ($1.time, $1.name) }
        found.removeLast(max(0, found.count - batchMax))
    }
}

extension Reinspection {
    /// Something trusted that is not admitted any more.
    public struct Failure: Sendable, Hashable {
        public var name: ArtifactName
        /// The rules of the policy that denied.
        public var codes: [String]
        /// Whether it was taken out of service.
        public var isQuarantined: Bool
    }

    public enum Phase: String, Sendable, Hashable {
        /// Nothing was looked for since the start.
        case unknown
        case running
        case done
        /// It ended before everything came to a result, and goes on later.
        case stopped
    }

    /// How far it is.
    public struct Report: Sendable {
        public var phase = Phase.unknown
        public var standard: DecisionStandard?
        public var startedAt: Timestamp?
        public var endedAt: Timestamp?
        /// What still has to be looked at, as far as it is known.
        public var outdated: UInt64 = 0
        /// In this round.
        public var admitted: UInt64 = 0
        public var refused: UInt64 = 0
        public var quarantined: UInt64 = 0
        public var unresolved: UInt64 = 0
        /// Trusted artifacts that are not admitted any more, in all.
        public var failing: UInt64 = 0
        /// Some of them.
        public var failures: [Failure] = []
        /// Why it stopped.
        public var fault: ErrorCode?

        public init() {}

        mutating func begin(_ standard: DecisionStandard, at time: Timestamp) {
            self = Report()
            (phase, self.standard, startedAt) = (.running, standard, time)
        }

        mutating func counted(outdated: UInt64, failing: UInt64, _ failures: [Failure]) {
            (self.outdated, self.failing, self.failures) = (outdated, failing, failures)
        }

        mutating func add(_ outcome: RecheckOutcome, _ name: ArtifactName) {
            if outcome != .unresolved { outdated -= min(1, outdated) }
            switch outcome {
            case .passedOver: break
            case .admitted: admitted += 1
            case .unresolved: unresolved += 1
            case .refused(_, isQuarantined: true):
                refused += 1
                quarantined += 1
            case .refused(let codes, isQuarantined: false):
                refused += 1
                failing += 1
                guard failures.count < Reinspection.namedMax else { return }
                failures.append(Failure(name: name, codes: codes, isQuarantined: false))
            }
        }

        mutating func end(_ phase: Phase, at time: Timestamp, fault: ErrorCode?) {
            (self.phase, endedAt, self.fault) = (phase, time, fault)
        }
    }
}
