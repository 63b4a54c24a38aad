import OCI
public import RegistryCore
public import RegistryPorts
import TransparencyLog

/// Makes every projection anew from the log: records, names, uses of blobs, repositories and tags, lists of evidence,
/// hashes.
/// (`rebuild-index`)
///
/// Works on a store that nothing else works on. Only entries that a signed checkpoint commits to, or after which the
/// log's end was sealed, are replayed: whoever could write into the store could have appended others, and this puts the
/// registry's seal on what they say.
public struct Rebuild: Sendable {
    /// Most versions whose manifest may be missing before giving up.
    private static let missingMax = 10_000
    private static let pageSize = 1_000

    private let store: any RebuildableMetadataStore
    private let sealer: RecordSealer
    private let publisher: LogPublisher

    public init(store: any RebuildableMetadataStore, sealer: RecordSealer, publisher: LogPublisher) {
        self.store = store
        self.sealer = sealer
        self.publisher = publisher
    }

    public struct Report: Sendable, Hashable {
        public var entries: UInt64 = 0
        public var versions: UInt64 = 0
        /// Documents that events cite and that are not there any more.
        public var missingDocuments: UInt64 = 0
        /// Deleted versions whose manifest is not there any more.
        public var missingManifests: UInt64 = 0
    }

    /// Replaces the projections in one transaction; when this throws, the old ones stand.
    ///
    /// - Throws: `.recordTampered` when the log is not the one that was signed, does not replay, or when the manifest
    ///   of a version that keeps its bytes is missing, or when the log has entries that this registry neither signed
    ///   nor sealed; storage faults.
    public func run() async throws(RegistryError) -> Report {
        let signed = try await publisher.kept()
        let sealer = sealer
        do {
            return try await store.rebuild { projections in
                var replay = ProjectionReplay(projections: projections, sealer: sealer, signed: signed)
                while try replay.page(limit: Self.pageSize) {}
                return try replay.finish(missingMax: Self.missingMax)
            }
        } catch { throw RegistryError(anyFault: error) }
    }
}

/// The replay in progress.
private struct ProjectionReplay {
    let projections: any ProjectionRebuild
    let sealer: RecordSealer
    let signed: Checkpoint?
    private var head = LogHead(frontier: TreeFrontier())
    private var newest = NewestSum()
    private var report = Rebuild.Report()
    /// Versions without a manifest, which must have been deleted in the end.
    private var missing: Set<ArtifactKey> = []

    init(projections: any ProjectionRebuild, sealer: RecordSealer, signed: Checkpoint?) {
        self.projections = projections
        self.sealer = sealer
        self.signed = signed
    }

    /// - Returns: whether there may be more.
    mutating func page(limit: Int) throws -> Bool {
        let entries = try projections.entries(from: head.size, limit: limit)
        for entry in entries { try replay(entry) }
        return entries.count == limit
    }

    mutating func finish(missingMax: Int) throws -> Rebuild.Report {
        let size = signed?.size ?? 0
        guard head.size >= size else {
            throw RegistryError(
                .recordTampered,
                "The log has \(head.size) entries and \(size) were signed: it was rolled back or cut off.")
        }
        let old = LogHead(frontier: head.frontier, seal: try projections.headSeal())
        guard head.size == size || sealer.open(old) != nil else {
            throw RegistryError(
                .recordTampered, "Entries \(size) to \(head.size) of the log were not written by this registry.")
        }
        try projections.putHeadSeal(sealer.seal(newest, at: head.frontier.head))
        guard missing.count <= missingMax else {
            throw RegistryError(.recordTampered, "\(missing.count) versions have lost their manifest.")
        }
        for key in missing {
            guard let record = try projections.record(key)?.record, record.state.keepsBytes else { continue }
            throw RegistryError(.recordTampered, "The manifest of \(record.name) is missing or altered.")
        }
        report.entries = head.size
        report.missingManifests = UInt64(missing.count)
        return report
    }

    private mutating func replay(_ entry: LogEntry) throws {
        guard entry.index == head.size else {
            throw RegistryError(.recordTampered, "Entry \(head.size) of the log is missing.")
        }
        let event: RegistryEvent
        do { event = try RegistryEvent(decoding: entry.bytes, index: entry.index) } catch {
            throw RegistryError(.recordTampered, "Entry \(entry.index) of the log cannot be read.", cause: error)
        }
        let hashes = head.frontier.append(MerkleHashing.leaf(entry.bytes))
        if let signed, head.size == signed.size, head.frontier.root != signed.root {
            throw RegistryError(.recordTampered, "The log does not contain what was signed: history was rewritten.")
        }
        var filed = entry
        filed.key = event.key
        filed.place = event.place
        try projections.file(filed, hashes: hashes, head: head)
        switch event.subject {
        case .registry: break
        case .artifact(let key, let name): try apply(event, to: key, name)
        case .repository(let repository):
            try RepositoryReplay(projections: projections, sealer: sealer).apply(event, to: repository)
        }
    }

    private mutating func apply(_ event: RegistryEvent, to key: ArtifactKey, _ name: ArtifactName) throws {
        let before = try projections.record(key)?.record
        let after: ArtifactRecord
        do { after = try ArtifactRecord.replaying(event, onto: before) } catch {
            throw RegistryError(
                .recordTampered, "Entry \(event.index) of the log cannot follow the ones before it.", cause: error)
        }
        if before == nil {
            report.versions += 1
            if let blobs = try blobs(of: key) {
                try projections.putUses(of: blobs, by: key)
            } else {
                missing.insert(key)
            }
            try projections.point(name, in: key.tenant, at: key.version)
            if let pushed = name.pushed {
                let repository = RepositoryKey(tenant: key.tenant, name: pushed.repository)
                try RepositoryReplay(projections: projections, sealer: sealer).place(key.version, in: repository)
            }
        }
        for citation in event.cited {
            guard let document = try projections.evidenceDocument(citation.digest) else {
                report.missingDocuments += 1
                continue
            }
            var evidence = citation
            evidence.sizeBytes = UInt64(document.count)
            try projections.list(evidence, of: key)
        }
        newest.replace(before?.headIndex, with: event.index, of: key, sealer)
        try projections.put(sealer.seal(after))
        if (before?.state == .trusted) != (after.state == .trusted) {
            try projections.putPendingView(of: name, in: key.tenant)
        }
    }

    private func blobs(of key: ArtifactKey) throws -> [Digest]? {
        try projections.document(key.version).flatMap(ArtifactManifests.contents)?.files.map(\.digest)
    }
}
