import OCI
public import RegistryCore
public import RegistryPorts
import TransparencyLog

/// Checks every promise that stored data can break, reading everything once and keeping little of it in memory.
///
/// The log is walked from its first entry. Where an entry acquires a version, the version is checked whole: its events
/// are replayed and held against its record, its evidence, manifest, blobs and view. So each version is seen exactly
/// once.
///
/// Damage is a problem in the report; only a store that does not answer is an error.
public struct Fsck: Sendable {
    let store: any MetadataReader
    let blobs: any BlobStore
    let views: any TrustedViews
    let manifests: ArtifactManifests
    let sealer: RecordSealer
    let isDeep: Bool
    private let publisher: LogPublisher

    static let pageSize = 1_000
    /// Versions that are checked at a time: enough for reads to share transactions.
    static let width = 32
    private static let viewsMax = 10_000_000

    /// - Parameters:
    ///   - publisher: knows the newest signed checkpoint.
    ///   - isDeep: hash every blob, too; else only its presence, size and links are looked at.
    public init(
        store: any MetadataReader, blobs: any BlobStore, views: any TrustedViews, manifests: ArtifactManifests,
        sealer: RecordSealer, publisher: LogPublisher, isDeep: Bool
    ) {
        self.store = store
        self.blobs = blobs
        self.views = views
        self.manifests = manifests
        self.sealer = sealer
        self.publisher = publisher
        self.isDeep = isDeep
    }

    public func run() async throws(RegistryError) -> FsckReport {
        var report = FsckReport()
        let pending = Set(
            try await throughStore { () async throws(StorageFault) in
                try await store.pendingViews(after: 0, limit: Self.viewsMax)
            }.map(\.name))
        var log = FsckLog(fsck: self, signed: try await signed(&report), pending: pending)
        try await log.run(&report)
        try await log.repositories.check(with: self, &report)
        try await checkNames(&report)
        try await checkViews(&report, pending)
        try await checkBlobs(&report)
        return report
    }

    private func signed(_ report: inout FsckReport) async throws(RegistryError) -> Checkpoint? {
        do { return try await publisher.kept() } catch {
            guard error.code == .recordTampered else { throw error }
            report.add(.checkpointForged, "checkpoint", error.message)
            return nil
        }
    }

    /// Records that names point at: each has a history, and there are as many as the counts say.
    private func checkNames(_ report: inout FsckReport) async throws(RegistryError) {
        var counts: [ArtifactState: UInt64] = [:]
        var query = RecordQuery(limit: Self.pageSize)
        while true {
            let next = query
            let page = try await readable("records", .recordUnreadable, &report) { () async throws(StorageFault) in
                try await store.listing(next)
            }
            guard let page else { return }
            for listed in page where listed.record == nil {
                report.add(.recordUnreadable, listed.name, "the row is no record")
            }
            let records = page.compactMap(\.record?.record)
            for record in records { counts[record.state, default: 0] += 1 }
            report.add(
                try await checkEach(records) { record throws(RegistryError) in
                    try await withoutHistory(record)
                })
            guard page.count == query.limit, let last = page.last?.name else { break }
            query.after = last
        }
        let stored = try await throughStore { () async throws(StorageFault) in try await store.counts() }
        for state in ArtifactState.allCases where counts[state] ?? 0 != stored.byState[state] ?? 0 {
            report.add(
                .countsWrong, state.rawValue,
                "there are \(counts[state] ?? 0), and \(stored.byState[state] ?? 0) are counted")
        }
    }

    private func withoutHistory(_ record: ArtifactRecord) async throws(RegistryError) -> [FsckProblem] {
        let first = try await throughStore { () async throws(StorageFault) in
            try await store.entries(of: record.key, from: 0, limit: 1)
        }
        return first.isEmpty
            ? [FsckProblem(.recordWithoutHistory, record.name.description, "no event speaks of this record")] : []
    }

    private func checkViews(_ report: inout FsckReport, _ pending: Set<ArtifactName>) async throws(RegistryError) {
        let names = try await throughStore { () async throws(StorageFault) in
            try await views.names(limit: Self.viewsMax)
        }
        report.add(
            try await checkEach(names.filter { !pending.contains($0) }) { name throws(RegistryError) in
                let sealed = try await throughStore { () async throws(StorageFault) in
                    try await store.record(named: name, in: .default)
                }
                if let sealed, let record = try? sealer.open(sealed), record.state == .trusted { return [] }
                return [FsckProblem(.viewLeftOver, name.description, "a view shows what is not trusted")]
            })
    }

    private func checkBlobs(_ report: inout FsckReport) async throws(RegistryError) {
        var after: Digest?
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await blobs.blobs(after: start, limit: Self.pageSize)
            }
            for blob in page {
                report.blobs += 1
                let isUsed = try await throughStore { () async throws(StorageFault) in
                    if try await store.uses(of: blob.digest).kept > 0 { return true }
                    return try await store.isNamed(blob.digest)
                }
                guard !isUsed else { continue }
                report.orphanBlobs += 1
                report.orphanBytes &+= blob.sizeBytes
            }
            guard page.count == Self.pageSize, let last = page.last?.digest else { return }
            after = last
        }
    }

    /// Reads something that may be damaged.
    ///
    /// - Returns: `nil` after the problem was reported.
    func readable<T>(
        _ subject: String, _ code: FsckProblem.Code, _ report: inout FsckReport,
        _ body: () async throws(StorageFault) -> T
    ) async throws(RegistryError) -> T? {
        do { return try await body() } catch {
            guard case .corrupted(let reason) = error else { throw RegistryError(error) }
            report.add(code, subject, reason)
            return nil
        }
    }

    /// Checks many things, several at a time.
    ///
    /// - Returns: the problems in the order of the things.
    func checkEach<Item: Sendable>(
        _ items: [Item], _ check: @escaping @Sendable (Item) async throws(RegistryError) -> [FsckProblem]
    ) async throws(RegistryError) -> [FsckProblem] {
        let results = await withTaskGroup(of: Checked.self) { group in
            var results = [Result<[FsckProblem], RegistryError>](repeating: .success([]), count: items.count)
            for (index, item) in items.enumerated() {
                if index >= Self.width, let checked = await group.next() { results[checked.index] = checked.result }
                group.addTask { Checked(index: index, result: await Self.result(of: check, item)) }
            }
            for await checked in group { results[checked.index] = checked.result }
            return results
        }
        var problems: [FsckProblem] = []
        for result in results { problems += try result.get() }
        return problems
    }

    private struct Checked: Sendable {
        var index: Int
        var result: Result<[FsckProblem], RegistryError>
    }

    private static func result<Item: Sendable>(
        of check: @Sendable (Item) async throws(RegistryError) -> [FsckProblem], _ item: Item
    ) async -> Result<[FsckProblem], RegistryError> {
        do { return .success(try await check(item)) } catch { return .failure(error) }
    }
}
