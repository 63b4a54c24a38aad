import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// The part of a commit that one body writes.
final class WriteTransaction: MetadataTransaction {
    private let tables: MetadataTables
    private let documentBytesMax: Int
    private let knownHead: KnownHead?
    private var isOpen = true
    private var lastVersion: (key: ArtifactKey, id: Int64)?
    private var lastRepository: (key: RepositoryKey, id: Int64)?

    /// The end of the log after this body; `nil` while nobody asked for it.
    private(set) var head: LogHead?
    /// How much the body wrote, about.
    private(set) var writtenBytes = 0

    /// - Parameters:
    ///   - head: as the bodies before in the same commit left it.
    ///   - knownHead: the end of the log as it was committed last.
    init(tables: MetadataTables, documentBytesMax: Int, head: LogHead?, knownHead: KnownHead?) {
        self.tables = tables
        self.documentBytesMax = documentBytesMax
        self.head = head
        self.knownHead = knownHead
    }

    /// Nobody may use the transaction after its body returned.
    func end() {
        isOpen = false
    }

    func open() throws(StorageFault) -> MetadataTables {
        guard isOpen else { throw .unavailable(reason: "a transaction was used after its end") }
        return tables
    }

    func takeIn(_ bytes: [UInt8]) throws(StorageFault) {
        guard bytes.count <= documentBytesMax else {
            throw .unavailable(reason: "\(bytes.count) bytes are more than one row may hold")
        }
        writtenBytes += bytes.count
    }

    func setRebuiltHead(_ next: LogHead) {
        head = next
    }

    func versionID(_ key: ArtifactKey) throws(StorageFault) -> Int64 {
        if let lastVersion, lastVersion.key == key { return lastVersion.id }
        let id = try open().makeVersionID(key)
        lastVersion = (key, id)
        return id
    }

    func repositoryID(_ key: RepositoryKey) throws(StorageFault) -> Int64 {
        if let lastRepository, lastRepository.key == key { return lastRepository.id }
        let id = try open().makeRepositoryID(key)
        lastRepository = (key, id)
        return id
    }

    func filing(of entry: LogEntry) throws(StorageFault) -> MetadataTables.Filing {
        MetadataTables.Filing(
            version: try entry.key.map { key throws(StorageFault) in try versionID(key) },
            repository: try entry.place.map { place throws(StorageFault) in try repositoryID(place.repository) },
            tag: entry.place?.tag)
    }
}

// What a body reads.
extension WriteTransaction {
    func record(named name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> SealedRecord? {
        try open().record(named: name, in: tenant)
    }

    func record(_ key: ArtifactKey) throws(StorageFault) -> SealedRecord? {
        try open().record(key)
    }

    func records(
        withContent sha256: Digest, in tenant: Tenant, after id: Int64, limit: Int
    ) throws(StorageFault) -> [ContentRecord] {
        try open().records(withContent: sha256, in: tenant, after: id, limit: limit)
    }

    func users(of blob: Digest, after id: Int64, limit: Int) throws(StorageFault) -> [BlobUser] {
        try open().users(of: blob, after: id, limit: limit)
    }

    func hasNames(beneath name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> Bool {
        try open().hasNames(beneath: name, in: tenant)
    }

    func logHead() throws(StorageFault) -> LogHead {
        let tables = try open()
        if let head { return head }
        let current = try tables.logHead(knowing: knownHead).head
        head = current
        return current
    }
}

// Records, names and the log.
extension WriteTransaction {
    func put(_ record: SealedRecord) throws(StorageFault) {
        let tables = try open()
        let key = record.record.key
        let name = record.record.name
        let id = try versionID(key)
        let old = try tables.recordHead(version: id)
        if let old {
            guard old.name == name, old.headIndex <= record.record.headIndex else { throw .changed }
        }
        try tables.put(record, version: id)
        try tables.changeUses(by: id, from: BlobShare(old?.state), to: BlobShare(record.record.state))
        guard old?.state != record.record.state, let target = try tables.target(of: name, in: key.tenant),
            target.version == id
        else { return }
        try tables.put(name, in: key.tenant, version: id)
        try tables.count(from: target.countedState, to: record.record.state)
    }

    func point(_ name: ArtifactName, in tenant: Tenant, at version: Digest) throws(StorageFault) {
        let tables = try open()
        let id = try versionID(ArtifactKey(tenant: tenant, version: version))
        let old = try tables.target(of: name, in: tenant)
        guard old?.version != id else { return }
        let record = try tables.recordHead(version: id)
        if let record, record.name != name { throw .changed }
        try tables.put(name, in: tenant, version: id)
        try tables.count(from: old?.countedState, to: record?.state)
    }

    func append(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault) {
        let tables = try open()
        let current = try logHead()
        guard entry.index == current.size else { throw .changed }
        var next = current.frontier
        guard next.append(MerkleHashing.leaf(entry.bytes)) == hashes, next == head.frontier else {
            throw .corrupted(reason: "the hashes of entry \(entry.index) are not those of its bytes")
        }
        try takeIn(entry.bytes)
        try tables.putEntry(entry, under: try filing(of: entry))
        for hash in hashes { try tables.putHash(hash) }
        self.head = LogHead(frontier: head.frontier)
    }

    func putHeadSeal(_ seal: [UInt8]) throws(StorageFault) {
        _ = try open()
        head = LogHead(frontier: try logHead().frontier, seal: seal)
    }
}

// What versions consist of, and what is known about it.
extension WriteTransaction {
    func putManifest(_ bytes: [UInt8], digest: Digest) throws(StorageFault) {
        try takeIn(bytes)
        try open().put(bytes, digest: digest, .manifest)
    }

    func putUses(of blobs: [Digest], by key: ArtifactKey) throws(StorageFault) {
        let tables = try open()
        let id = try versionID(key)
        let paths = Dictionary(blobs.map { ($0, Int64(1)) }, uniquingKeysWith: +)
        let used = try tables.blobs(usedBy: id)
        guard used.isEmpty else {
            // A version is the digest of what it consists of: it cannot come to consist of something else.
            guard used == paths else { throw .changed }
            return
        }
        let share = BlobShare(try tables.recordHead(version: id)?.state)
        for (blob, count) in paths { try tables.putUse(of: blob, by: id, paths: count, counting: share) }
    }

    func putEvidence(_ document: [UInt8], entry: EvidenceEntry, of key: ArtifactKey) throws(StorageFault) {
        try takeIn(document)
        let tables = try open()
        try tables.put(document, digest: entry.digest, .evidence)
        try tables.put(entry, version: try versionID(key))
    }

    func putInspection(_ document: [UInt8], _ key: InspectionKey) throws(StorageFault) {
        try takeIn(document)
        try open().putInspection(document, key)
    }

    func putVerification(_ verification: SealedVerification, of blob: Digest) throws(StorageFault) {
        try open().put(verification, of: blob)
    }

    func removeVerification(of blob: Digest) throws(StorageFault) {
        try open().removeVerification(of: blob)
    }

    func putPendingView(of name: ArtifactName, in tenant: Tenant) throws(StorageFault) {
        try open().putPendingView(of: name, in: tenant)
    }

    func removePendingView(_ id: Int64) throws(StorageFault) {
        try open().removePendingView(id)
    }
}
