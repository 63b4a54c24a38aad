import struct Crypto.SHA256
import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// Everything that the store keeps, as plain values: a copy of it is a transaction.
///
/// Nothing is kept counted or sorted. What a database has to keep true with each change is computed here when it is
/// asked for, so that the two can be compared.
struct MemoryTables: Sendable {
    var records: [ArtifactKey: SealedRecord] = [:]
    var names: [Tenant: [ArtifactName: Digest]] = [:]
    var entries: [LogEntry] = []
    var hashes: [[LogHash]] = []
    var frontier = TreeFrontier()
    var headSeal: [UInt8] = []
    var manifests: [Digest: [UInt8]] = [:]
    var evidenceDocuments: [Digest: [UInt8]] = [:]
    var evidence: [ArtifactKey: [EvidenceEntry]] = [:]
    var inspections: [InspectionKey: [UInt8]] = [:]
    var verifications: [Digest: SealedVerification] = [:]
    /// One for each path, sorted.
    var blobs: [ArtifactKey: [Digest]] = [:]
    var repositories: [RepositoryKey: MemoryRepository] = [:]
    var pendingViews: [PendingView] = []
    var lastPendingView: Int64 = 0

    func record(named name: ArtifactName, in tenant: Tenant) -> SealedRecord? {
        names[tenant]?[name].flatMap { records[ArtifactKey(tenant: tenant, version: $0)] }
    }

    func listing(_ query: RecordQuery) -> [NamedRecord] {
        let limit = max(0, min(query.limit, RecordQuery.limitMax))
        let names = (names[query.tenant] ?? [:]).keys.filter { name in query.after.map { name > $0 } ?? true }
        let admitted = names.sorted().lazy
            .compactMap { name in record(named: name, in: query.tenant).map { NamedRecord(name: name, record: $0) } }
            .filter { listed in listed.record.map { query.admits($0.record, named: listed.name) } ?? false }
        return Array(admitted.prefix(limit))
    }

    var logHead: LogHead { LogHead(frontier: frontier, seal: headSeal) }

    /// A version's number is the index of its first entry, and one more.
    func newestEntries(after id: Int64, limit: Int) -> [NewestEntry] {
        var newest: [ArtifactKey: NewestEntry] = [:]
        for entry in entries {
            guard let key = entry.key else { continue }
            newest[key, default: NewestEntry(id: Int64(clamping: entry.index) + 1, key: key, index: 0)].index =
                entry.index
        }
        return Array(newest.values.filter { $0.id > id }.sorted { $0.id < $1.id }.prefix(max(0, limit)))
    }

    var counts: RecordCounts {
        var counts = RecordCounts(byState: [:])
        for (tenant, versions) in names {
            for version in versions.values {
                guard let record = records[ArtifactKey(tenant: tenant, version: version)] else { continue }
                counts.byState[record.record.state, default: 0] += 1
            }
        }
        return counts
    }

    func users(of blob: Digest, after id: Int64, limit: Int) -> [BlobUser] {
        let users = users(of: blob).map { BlobUser(id: $0.number, key: $0) }.filter { $0.id > id }
        return Array(users.sorted { $0.id < $1.id }.prefix(max(0, min(limit, VersionPage.limitMax))))
    }

    func records(
        withContent sha256: Digest, in tenant: Tenant, after id: Int64, limit: Int
    ) -> [ContentRecord] {
        let found = records.values
            .filter { $0.record.key.tenant == tenant && $0.record.acquisition.content.sha256 == sha256 }
            .map { ContentRecord(id: $0.record.key.number, record: $0) }.filter { $0.id > id }
        return Array(found.sorted { $0.id < $1.id }.prefix(max(0, min(limit, VersionPage.limitMax))))
    }

    func waivedRecords(after id: Int64, limit: Int) -> [ContentRecord] {
        let found = records.values.filter { !$0.record.waivers.isEmpty }
            .map { ContentRecord(id: $0.record.key.number, record: $0) }.filter { $0.id > id }
        return Array(found.sorted { $0.id < $1.id }.prefix(max(0, min(limit, VersionPage.limitMax))))
    }

    private func users(of blob: Digest) -> [ArtifactKey] {
        blobs.filter { $0.value.contains(blob) }.map(\.key)
    }

    func uses(of blob: Digest) -> BlobUses {
        var uses = BlobUses(kept: 0, shown: 0)
        for key in users(of: blob) {
            guard let state = records[key]?.record.state else { continue }
            if state.keepsBytes { uses.kept += 1 }
            if state == .trusted { uses.shown += UInt64(blobs[key, default: []].count { $0 == blob }) }
        }
        return uses
    }

    func hashes(level: Int, from index: UInt64, limit: Int) -> [LogHash] {
        guard hashes.indices.contains(level) else { return [] }
        return hashes[level].page(from: index, limit: limit)
    }
}

extension Array {
    /// At most `limit` elements from `start` on, none when there are no such elements.
    func page(from start: UInt64, limit: Int) -> [Element] {
        guard let start = Int(exactly: start), start < count, limit > 0 else { return [] }
        return Array(self[start...].prefix(limit))
    }
}

extension ArtifactKey {
    /// A number that the version always has, and that says nothing about when it came.
    var number: Int64 {
        var hash = SHA256()
        hash.update(data: Array("\(tenant):\(version)".utf8))
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | Int64($1) } & .max | 1
    }
}

extension RecordQuery {
    fileprivate func admits(_ record: ArtifactRecord, named name: ArtifactName) -> Bool {
        (state == nil || record.state == state) && (format == nil || record.acquisition.format == format)
            && (source == nil || record.acquisition.source == source)
            && (nameContains.map { name.contains(bytesOf: $0) } ?? true)
    }
}

extension ArtifactName {
    /// Names are ASCII: comparing bytes is comparing characters, once the text is ASCII too.
    fileprivate func contains(bytesOf text: String) -> Bool {
        let (name, part) = (Array(description.utf8), Array(text.utf8))
        guard part.count <= name.count else { return false }
        return (0...name.count - part.count).contains { name[$0..<$0 + part.count].elementsEqual(part) }
    }
}
