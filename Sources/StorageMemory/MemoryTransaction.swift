import struct Crypto.SHA256
import struct Crypto.SHA512
import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// A body's own copy of everything, which becomes the store's when the body returns.
final class MemoryTransaction: MetadataTransaction {
    private(set) var tables: MemoryTables
    private(set) var misuses: [StoreMisuse] = []
    private(set) var touched: Set<ArtifactKey> = []
    private(set) var pointed: [ArtifactKey: ArtifactName] = [:]
    private var isOpen = true

    init(_ tables: MemoryTables) {
        self.tables = tables
    }

    /// Nobody may use the transaction after its body returned.
    func end() {
        isOpen = false
    }

    func requireOpen() throws(StorageFault) {
        guard isOpen else { throw .unavailable(reason: "a transaction was used after its end") }
    }

    func change(_ repository: RepositoryKey, _ body: (inout MemoryRepository) -> Void) throws(StorageFault) {
        try requireOpen()
        body(&tables.repositories[repository, default: MemoryRepository()])
    }

    private func refuse(_ misuse: StoreMisuse, _ fault: StorageFault) -> StorageFault {
        misuses.append(misuse)
        return fault
    }

    private func requireDigest(_ digest: Digest, of document: [UInt8]) throws(StorageFault) {
        let actual: Digest?
        switch digest.algorithm {
        case .sha256: actual = try? Digest(sha256: Array(SHA256.hash(data: document)))
        case .sha512: actual = try? Digest(sha512: Array(SHA512.hash(data: document)))
        }
        guard let actual, actual == digest else {
            throw refuse(.wrongDigest(digest), .digestMismatch(actual: actual ?? digest))
        }
    }
}

// What a body reads.
extension MemoryTransaction {
    func record(named name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> SealedRecord? {
        try requireOpen()
        return tables.record(named: name, in: tenant)
    }

    func record(_ key: ArtifactKey) throws(StorageFault) -> SealedRecord? {
        try requireOpen()
        return tables.records[key]
    }

    func records(
        withContent sha256: Digest, in tenant: Tenant, after id: Int64, limit: Int
    ) throws(StorageFault) -> [ContentRecord] {
        try requireOpen()
        return tables.records(withContent: sha256, in: tenant, after: id, limit: limit)
    }

    func users(of blob: Digest, after id: Int64, limit: Int) throws(StorageFault) -> [BlobUser] {
        try requireOpen()
        return tables.users(of: blob, after: id, limit: limit)
    }

    func hasNames(beneath name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> Bool {
        try requireOpen()
        return (tables.names[tenant] ?? [:]).keys.contains { $0.description.hasPrefix("\(name)/") }
    }

    func logHead() throws(StorageFault) -> LogHead {
        try requireOpen()
        return tables.logHead
    }
}

// Records, names and the log.
extension MemoryTransaction {
    func put(_ record: SealedRecord) throws(StorageFault) {
        try requireOpen()
        let key = record.record.key
        if let old = tables.records[key]?.record {
            guard old.name == record.record.name else {
                throw refuse(.recordRenamed(key, from: old.name, to: record.record.name), .changed)
            }
            guard old.headIndex <= record.record.headIndex else {
                throw refuse(.recordWentBack(key, from: old.headIndex, to: record.record.headIndex), .changed)
            }
        }
        tables.records[key] = record
        touched.insert(key)
    }

    func point(_ name: ArtifactName, in tenant: Tenant, at version: Digest) throws(StorageFault) {
        try requireOpen()
        let key = ArtifactKey(tenant: tenant, version: version)
        if let record = tables.records[key]?.record, record.name != name {
            throw refuse(.recordRenamed(key, from: record.name, to: name), .changed)
        }
        tables.names[tenant, default: [:]][name] = version
        pointed[key] = name
    }

    func append(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault) {
        try requireOpen()
        guard entry.index == tables.frontier.size else {
            throw refuse(.appendOutOfOrder(index: entry.index, size: tables.frontier.size), .changed)
        }
        var next = tables.frontier
        guard next.append(MerkleHashing.leaf(entry.bytes)) == hashes, next == head.frontier else {
            throw refuse(
                .wrongHashes(index: entry.index),
                .corrupted(reason: "the hashes of entry \(entry.index) are not those of its bytes"))
        }
        tables.entries.append(entry)
        tables.frontier = next
        tables.headSeal = []
        for stored in hashes {
            while tables.hashes.count <= stored.level { tables.hashes.append([]) }
            tables.hashes[stored.level].append(stored.hash)
        }
    }

    func putHeadSeal(_ seal: [UInt8]) throws(StorageFault) {
        try requireOpen()
        tables.headSeal = seal
    }
}

// What versions consist of, and what is known about it.
extension MemoryTransaction {
    func putManifest(_ bytes: [UInt8], digest: Digest) throws(StorageFault) {
        try requireOpen()
        try requireDigest(digest, of: bytes)
        tables.manifests[digest] = bytes
    }

    func putUses(of blobs: [Digest], by key: ArtifactKey) throws(StorageFault) {
        try requireOpen()
        let blobs = blobs.sorted()
        if let used = tables.blobs[key], !used.isEmpty, used != blobs { throw refuse(.usesChanged(key), .changed) }
        tables.blobs[key] = blobs
        touched.insert(key)
    }

    func putEvidence(_ document: [UInt8], entry: EvidenceEntry, of key: ArtifactKey) throws(StorageFault) {
        try requireOpen()
        try requireDigest(entry.digest, of: document)
        tables.evidenceDocuments[entry.digest] = document
        list(entry, of: key)
    }

    func list(_ entry: EvidenceEntry, of key: ArtifactKey) {
        var entries = tables.evidence[key] ?? []
        let isKnown = entries.contains {
            $0.eventIndex == entry.eventIndex && $0.kind == entry.kind && $0.digest == entry.digest
        }
        guard !isKnown else { return }
        entries.insert(entry, at: entries.firstIndex { $0.eventIndex > entry.eventIndex } ?? entries.endIndex)
        tables.evidence[key] = entries
    }

    func putInspection(_ document: [UInt8], _ key: InspectionKey) throws(StorageFault) {
        try requireOpen()
        tables.inspections[key] = document
    }

    func putVerification(_ verification: SealedVerification, of blob: Digest) throws(StorageFault) {
        try requireOpen()
        tables.verifications[blob] = verification
    }

    func removeVerification(of blob: Digest) throws(StorageFault) {
        try requireOpen()
        tables.verifications[blob] = nil
    }

    func putPendingView(of name: ArtifactName, in tenant: Tenant) throws(StorageFault) {
        try requireOpen()
        tables.lastPendingView += 1
        tables.pendingViews.append(PendingView(id: tables.lastPendingView, tenant: tenant, name: name))
    }

    func removePendingView(_ id: Int64) throws(StorageFault) {
        try requireOpen()
        tables.pendingViews.removeAll { $0.id == id }
    }
}

// What a commit must not leave behind.
extension MemoryTransaction {
    /// Looks at what the body changed, as it would be committed.
    func finish() {
        for (key, name) in pointed where tables.names[key.tenant]?[name] == key.version && tables.records[key] == nil {
            misuses.append(.nameWithoutRecord(name))
        }
        for key in touched {
            guard let record = tables.records[key]?.record else {
                misuses.append(.usesWithoutRecord(key))
                continue
            }
            if record.headIndex >= tables.frontier.size {
                misuses.append(.recordBeyondLog(key, headIndex: record.headIndex))
            }
        }
    }
}
