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

        public var record: ArtifactRecord
        public var status: Status
        public var file: String?
        public var found: String?
    }

    public struct Result: Sendable {
        public var startedAt: Timestamp
        public var endedAt: Timestamp
        public var rows: [Row]
        public var bytes: UInt64

        public var failures: Int { rows.count { $0.status != .verified } }
    }

    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let verification: Verification
    private let ledger: Ledger
    private let width: Int
    private let last = Mutex<Result?>(nil)
    private let running = Mutex(false)

    /// - Parameter width: artifacts that are read at a time; the number of cores.
    public init(
        directory: ArtifactDirectory, manifests: ArtifactManifests, verification: Verification, ledger: Ledger,
        width: Int
    ) {
        self.directory = directory
        self.manifests = manifests
        self.verification = verification
        self.ledger = ledger
        self.width = max(1, width)
    }

    public var lastResult: Result? { last.withLock { $0 } }

    /// Checks every artifact that keeps its bytes.
    ///
    /// - Parameter onRow: hears each result as it comes, in no order.
    /// - Throws: `.overloaded` when a sweep is under way; storage faults.
    public func run(
        pace: ReadPace, onRow: @escaping @Sendable (Row) async -> Void = { _ in }
    ) async throws(RegistryError) -> Result {
        let isFree = running.withLock { running in
            defer { running = true }
            return !running
        }
        guard isFree else { throw RegistryError(.overloaded, "A sweep is under way.") }
        defer { running.withLock { $0 = false } }
        var result = Result(startedAt: ledger.now(), endedAt: ledger.now(), rows: [], bytes: 0)
        var query = RecordQuery()
        while true {
            let page = try await directory.records(query)
            let rows = await check(page.filter { $0.state.keepsBytes }, pace, onRow)
            result.rows.append(contentsOf: rows)
            result.bytes = rows.reduce(result.bytes) { $0 &+ $1.record.acquisition.content.sizeBytes }
            guard page.count == query.limit, let next = page.last?.name else { break }
            query.after = next
        }
        result.endedAt = ledger.now()
        result.rows.sort { $0.record.name < $1.record.name }
        let done = result
        last.withLock { $0 = done }
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
                if let record = waiting.next() { group.addTask { await self.row(record, pace) } }
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
        } catch {
            return Row(record: record, status: .undecided, found: error.code.rawValue)
        }
    }
}
