import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Reads every stored byte again, on all cores, and puts what is not what it was into quarantine.
public final class IntegritySweep: Sendable {
    /// One artifact's result.
    public struct Row: Sendable, Hashable {
        public enum Status: String, Sendable, Hashable {
            case verified, failed
            /// It could not be checked, which is neither.
            case undecided
        }

        public var name: ArtifactName
        /// `nil` when somebody edited it: nothing of what it says is repeated.
        public var record: ArtifactRecord?
        public var status: Status
        public var file: String?
        public var found: String?

        init(record: ArtifactRecord, status: Status, file: String? = nil, found: String? = nil) {
            name = record.name
            self.record = record
            self.status = status
            self.file = file
            self.found = found
        }

        init(tampered name: ArtifactName) {
            self.name = name
            status = .failed
            found = ErrorCode.recordTampered.rawValue
        }
    }

    /// What came of a sweep that went over everything. Its size does not grow with the number of artifacts.
    public struct Result: Sendable {
        public enum Status: String, Sendable, Hashable {
            case ok, failed
            /// Nothing failed, and something could not be checked.
            case incomplete
        }

        public var startedAt: Timestamp
        public var endedAt: Timestamp
        /// Artifacts whose bytes were compared: what was verified and what failed.
        public var checked: UInt64
        public var failures: UInt64
        /// Artifacts that could not be checked, which is neither.
        public var undecided: UInt64
        /// Bytes of the artifacts that were checked.
        public var bytes: UInt64
        /// At most 1,000, in the order of their names; where there are more, those that are not verified go first.
        public var rows: [Row]
        /// Artifacts of which there is no row.
        public var rowsOmitted: UInt64

        public var status: Status { failures > 0 ? .failed : undecided > 0 ? .incomplete : .ok }
    }

    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let verification: Verification
    private let viewKeeper: ViewKeeper
    private let ledger: Ledger
    private let width: Int
    private let last = Mutex<Result?>(nil)
    private let running = Mutex(false)

    /// - Parameter width: artifacts that are read at a time; the number of cores.
    public init(
        directory: ArtifactDirectory, manifests: ArtifactManifests, verification: Verification,
        viewKeeper: ViewKeeper, ledger: Ledger, width: Int
    ) {
        self.directory = directory
        self.manifests = manifests
        self.verification = verification
        self.viewKeeper = viewKeeper
        self.ledger = ledger
        self.width = max(1, width)
    }

    public var lastResult: Result? { last.withLock { $0 } }

    /// Checks every artifact that keeps its bytes. One whose record somebody edited has failed, and loses its view.
    ///
    /// - Parameter onRow: hears each result as it comes, in no order.
    /// - Throws: `.overloaded` when a sweep is under way, or this one was broken off, of which no result stays; storage
    ///   faults.
    public func run(
        pace: ReadPace, onRow: @escaping @Sendable (Row) async -> Void = { _ in }
    ) async throws(RegistryError) -> Result {
        guard let result = try await runUnlessRunning(pace: pace, onRow: onRow) else {
            throw RegistryError(.overloaded, "A sweep is under way.")
        }
        return result
    }

    /// The same for those to whom the sweep that is under way is as good.
    ///
    /// - Returns: `nil` when one is.
    public func runUnlessRunning(
        pace: ReadPace, onRow: @escaping @Sendable (Row) async -> Void = { _ in }
    ) async throws(RegistryError) -> Result? {
        let isFree = running.withLock { running in
            defer { running = true }
            return !running
        }
        guard isFree else { return nil }
        defer { running.withLock { $0 = false } }
        var tally = Tally(startedAt: ledger.now())
        var query = RecordQuery()
        while true {
            let page = try await directory.page(query)
            for row in await check(page.records.filter({ $0.state.keepsBytes }), pace, onRow) { tally.add(row) }
            for name in page.tampered {
                // Whether or not that goes well, the row says that it failed.
                _ = try? await viewKeeper.follow(name)
                let row = Row(tampered: name)
                await onRow(row)
                tally.add(row)
            }
            // What was not reached is not known: a result would say more than was seen.
            guard !Task.isCancelled else { throw RegistryError(.overloaded, "The sweep was broken off.") }
            guard let next = page.next else { break }
            query = next
        }
        let result = tally.result(at: ledger.now())
        last.withLock { $0 = result }
        return result
    }

    private func check(
        _ records: [ArtifactRecord], _ pace: ReadPace, _ onRow: @escaping @Sendable (Row) async -> Void
    ) async -> [Row] {
        await withTaskGroup(of: Row?.self) { group in
            var rows: [Row] = []
            var waiting = records.makeIterator()
            for _ in 0..<width {
                guard let record = waiting.next() else { break }
                group.addTask { await self.row(record, pace) }
            }
            for await row in group {
                if let row {
                    await onRow(row)
                    rows.append(row)
                }
                guard !Task.isCancelled, let record = waiting.next() else { continue }
                group.addTask { await self.row(record, pace) }
            }
            return rows
        }
    }

    /// - Returns: `nil` for what was deleted or replaced while it was read.
    private func row(_ record: ArtifactRecord, _ pace: ReadPace) async -> Row? {
        do {
            let files = try await manifests.files(of: record.key)
            guard let (file, damage) = try await verification.verify(record, files, pace: pace) else {
                return Row(record: record, status: .verified)
            }
            let now = try await directory.record(named: record.name)
            return Row(
                record: now, status: .failed, file: file.path.description, found: damage.description)
        } catch  where error.code == .concurrentChange {
            return nil
        } catch  where error.code == .recordTampered {
            return Row(tampered: record.name)
        } catch {
            return Row(record: record, status: .undecided, found: error.code.rawValue)
        }
    }
}

/// The result of a sweep while it grows.
private struct Tally {
    private let startedAt: Timestamp
    private var checked: UInt64 = 0
    private var failures: UInt64 = 0
    private var undecided: UInt64 = 0
    private var bytes: UInt64 = 0
    private var rows = BoundedRows<IntegritySweep.Row>()

    init(startedAt: Timestamp) {
        self.startedAt = startedAt
    }

    mutating func add(_ row: IntegritySweep.Row) {
        rows.add(row, isBad: row.status != .verified)
        guard row.status != .undecided else { return undecided += 1 }
        checked += 1
        if row.status == .failed { failures += 1 }
        bytes &+= row.record?.acquisition.content.sizeBytes ?? 0
    }

    func result(at time: Timestamp) -> IntegritySweep.Result {
        IntegritySweep.Result(
            startedAt: startedAt, endedAt: time, checked: checked, failures: failures, undecided: undecided,
            bytes: bytes, rows: rows.rows.sorted { $0.name < $1.name }, rowsOmitted: rows.omitted)
    }
}
