import OCI
public import RegistryCore
public import RegistryPorts
import TransparencyLog

/// Checks every promise that stored data can break, reading everything once and keeping little of it in memory.
///
/// The log is walked from its first entry. Where an entry acquires a version, the version is checked whole: its events
/// are replayed and held against its record, its evidence, manifest, blobs and view. So each version is seen exactly once.
public struct Fsck: Sendable {
    let store: any MetadataReader
    let blobs: any BlobStore
    let views: any TrustedViews
    let manifests: ArtifactManifests
    let sealer: RecordSealer
    /// The newest signed checkpoint, verified by `LogPublisher.load`, if there is one.
    let signed: Checkpoint?
    let isDeep: Bool

    static let pageSize = 1_000

    /// - Parameters:
    ///   - publisher: after its `load`.
    ///   - isDeep: hash every blob, too; else only its presence and size are looked at.
    public init(
        store: any MetadataReader, blobs: any BlobStore, views: any TrustedViews, manifests: ArtifactManifests,
        sealer: RecordSealer, publisher: LogPublisher, isDeep: Bool
    ) {
        self.store = store
        self.blobs = blobs
        self.views = views
        self.manifests = manifests
        self.sealer = sealer
        signed = publisher.current
        self.isDeep = isDeep
    }

    public func run() async throws(RegistryError) -> FsckReport {
        var report = FsckReport()
        let pending = Set(
            try await read { () async throws(StorageFault) in
                try await store.pendingViews(limit: 1_000_000)
            }.map(\.name))
        try await checkLog(&report, pending)
        try await checkNames(&report)
        try await checkViews(&report, pending)
        try await checkBlobs(&report)
        return report
    }

    func read<T>(_ body: () async throws(StorageFault) -> T) async throws(RegistryError) -> T {
        try await throughStore(body)
    }

    private func checkLog(_ report: inout FsckReport, _ pending: Set<ArtifactName>) async throws(RegistryError) {
        let head = try await read { () async throws(StorageFault) in try await store.logHead() }
        var frontier = TreeFrontier()
        while frontier.size < head.size {
            let start = frontier.size
            let page = try await read { () async throws(StorageFault) in
                try await store.entries(from: start, limit: Self.pageSize)
            }
            let hashes = try await read { () async throws(StorageFault) in
                try await store.logHashes(level: 0, from: start, limit: Self.pageSize)
            }
            guard !page.isEmpty else { break }
            for (offset, entry) in page.enumerated() {
                guard entry.index == frontier.size else {
                    report.add(.logEntryUnreadable, frontier.size, "the entry is missing")
                    return
                }
                let leaf = MerkleHashing.leaf(entry.bytes)
                if offset >= hashes.count || hashes[offset] != leaf {
                    report.add(.logHashWrong, entry.index, "the stored hash is not that of the entry")
                }
                _ = frontier.append(leaf)
                if let signed, frontier.size == signed.size, frontier.root != signed.root {
                    report.add(.logRewritten, entry.index, "entries up to here are not the ones that were signed")
                }
                try await check(entry, &report, pending)
            }
        }
        report.entries = frontier.size
        if frontier.size != head.size || frontier.root != head.frontier.root {
            report.add(.logHeadWrong, head.size, "the log's head is not that of its \(frontier.size) entries")
        }
        if let signed, signed.size > frontier.size {
            report.add(
                .logRewritten, frontier.size, "\(signed.size) entries were signed: the log was cut off or rolled back")
        }
    }

    private func check(
        _ entry: LogEntry, _ report: inout FsckReport, _ pending: Set<ArtifactName>
    ) async throws(RegistryError) {
        let event: RegistryEvent
        do { event = try RegistryEvent(decoding: entry.bytes, index: entry.index) } catch {
            report.add(.logEntryUnreadable, entry.index, "the entry is no event: \(error)")
            return
        }
        guard case .artifact(let key, let name) = event.subject else { return }
        if entry.key != key {
            report.add(.historyIllegal, entry.index, "the entry is filed under another version than it speaks of")
        }
        guard case .acquired = event.body else { return }
        report.versions += 1
        try await checkVersion(key, name, &report, pending)
    }

    /// Records that names point at: each has a history, and there are as many as the counts say.
    private func checkNames(_ report: inout FsckReport) async throws(RegistryError) {
        var counts: [ArtifactState: UInt64] = [:]
        var query = RecordQuery(limit: Self.pageSize)
        while true {
            let page = try await read { () async throws(StorageFault) in try await store.records(query) }
            for sealed in page {
                counts[sealed.record.state, default: 0] += 1
                let key = sealed.record.key
                let first = try await read { () async throws(StorageFault) in
                    try await store.entries(of: key, from: 0, limit: 1)
                }
                if first.isEmpty {
                    report.add(.recordWithoutHistory, sealed.record.name, "no event speaks of this record")
                }
            }
            guard page.count == query.limit, let last = page.last?.record.name else { break }
            query.after = last
        }
        let stored = try await read { () async throws(StorageFault) in try await store.counts() }
        for state in ArtifactState.allCases where counts[state] ?? 0 != stored.byState[state] ?? 0 {
            report.add(
                .countsWrong, state.rawValue,
                "there are \(counts[state] ?? 0), and \(stored.byState[state] ?? 0) are counted")
        }
    }

    private func checkViews(_ report: inout FsckReport, _ pending: Set<ArtifactName>) async throws(RegistryError) {
        let names = try await read { () async throws(StorageFault) in try await views.names(limit: 10_000_000) }
        for name in names where !pending.contains(name) {
            let sealed = try await read { () async throws(StorageFault) in
                try await store.record(named: name, in: .default)
            }
            guard sealed?.record.state != .trusted else { continue }
            report.add(.viewLeftOver, name, "a view shows what is not trusted")
        }
    }

    private func checkBlobs(_ report: inout FsckReport) async throws(RegistryError) {
        var after: Digest?
        while true {
            let start = after
            let page = try await read { () async throws(StorageFault) in
                try await blobs.blobs(after: start, limit: Self.pageSize)
            }
            for blob in page {
                report.blobs += 1
                let uses = try await read { () async throws(StorageFault) in try await store.uses(of: blob.digest) }
                guard uses.kept == 0 else { continue }
                report.orphanBlobs += 1
                report.orphanBytes &+= blob.sizeBytes
            }
            guard page.count == Self.pageSize, let last = page.last?.digest else { return }
            after = last
        }
    }
}
