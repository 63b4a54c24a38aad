public import OCI
public import RegistryCore
public import TransparencyLog

/// Events, and the projections that are written with them.
///
/// A SQL server does all of this with one serializable transaction for each `write`; the embedded store collects
/// waiting writes into one durable commit.
public protocol MetadataStore: MetadataReader {
    /// Runs `body` in a transaction of its own. When this returns, what it wrote survives a power cut; when `body`
    /// throws, nothing of it is kept and other writes in the same commit are not touched.
    ///
    /// Writes happen one after another. `body` runs on the store's thread: it decides and writes, and waits for
    /// nothing.
    ///
    /// - Throws: what `body` throws, or `StorageFault`. After `.syncFailed` the process must stop.
    func write<T: Sendable>(_ body: @escaping @Sendable (any MetadataTransaction) throws -> T) async throws -> T
}

/// Reads of one consistent moment each; what an acknowledged `write` wrote is seen by every read that starts later.
public protocol MetadataReader: RepositoryReader {
    func record(named name: ArtifactName, in tenant: Tenant) async throws(StorageFault) -> SealedRecord?
    func record(_ key: ArtifactKey) async throws(StorageFault) -> SealedRecord?
    /// Names in their order, with the records that they point at. A row that cannot be read keeps nobody from the
    /// others.
    func listing(_ query: RecordQuery) async throws(StorageFault) -> [NamedRecord]
    /// Kept with each change, never counted by reading.
    func counts() async throws(StorageFault) -> RecordCounts

    /// Entries of one artifact version, oldest first, at most `limit` from index `start` on.
    func entries(of key: ArtifactKey, from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry]
    /// Entries about the registry itself, oldest first, found without reading the others.
    func registryEntries(from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry]
    /// Entries of the whole log, in order.
    func entries(from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry]
    func logHead() async throws(StorageFault) -> LogHead
    /// The newest entry of each version that entries are filed under, at most `limit` whose number is higher than `id`.
    func newestEntries(after id: Int64, limit: Int) async throws(StorageFault) -> [NewestEntry]
    /// Consecutive hashes of one tile level; fewer when the tree ends.
    func logHashes(level: Int, from index: UInt64, limit: Int) async throws(StorageFault) -> [LogHash]

    func evidence(of key: ArtifactKey) async throws(StorageFault) -> [EvidenceEntry]
    func evidenceDocument(_ digest: Digest) async throws(StorageFault) -> [UInt8]?
    func manifest(_ digest: Digest) async throws(StorageFault) -> [UInt8]?
    /// What is kept about an inspection.
    func inspection(_ key: InspectionKey) async throws(StorageFault) -> [UInt8]?
    func verification(of blob: Digest) async throws(StorageFault) -> SealedVerification?

    /// How many artifact versions keep a blob, and how many names the views of trusted ones give it.
    func uses(of blob: Digest) async throws(StorageFault) -> BlobUses
    /// Versions that use a blob, whatever their state: at most `limit`, and at most `VersionPage.limitMax`, whose
    /// number is higher than `id`.
    func users(of blob: Digest, after id: Int64, limit: Int) async throws(StorageFault) -> [BlobUser]
    /// Versions with waivers, in pages as those of `users`.
    func waivedRecords(after id: Int64, limit: Int) async throws(StorageFault) -> [ContentRecord]
    /// Views that still have to follow a change of state, oldest first, at most `limit` after the one with this id.
    func pendingViews(after id: Int64, limit: Int) async throws(StorageFault) -> [PendingView]
}

extension MetadataReader {
    /// The records of a listing that can be read.
    package func records(_ query: RecordQuery) async throws(StorageFault) -> [SealedRecord] {
        try await listing(query).compactMap(\.record)
    }
}

/// One write in progress. Synchronous: it lives inside `MetadataStore.write`.
public protocol MetadataTransaction: RepositoryTransaction {
    func record(named name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> SealedRecord?
    func record(_ key: ArtifactKey) throws(StorageFault) -> SealedRecord?
    /// Versions with a content, in pages as those of `users`.
    func records(
        withContent sha256: Digest, in tenant: Tenant, after id: Int64, limit: Int
    ) throws(StorageFault) -> [ContentRecord]
    /// As `MetadataReader.users`. Changing the records of one page moves no version to another.
    func users(of blob: Digest, after id: Int64, limit: Int) throws(StorageFault) -> [BlobUser]
    /// Whether a name lies beneath this one: `a/b` beneath `a`.
    func hasNames(beneath name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> Bool
    func logHead() throws(StorageFault) -> LogHead

    /// Inserts or replaces the projection of a version, and keeps the counts true.
    ///
    /// - Throws: `.changed` when the record that is there is newer, or has another name.
    func put(_ record: SealedRecord) throws(StorageFault)
    /// Lets a name point at a version, which may get its record, its blobs and its name in any order.
    ///
    /// - Throws: `.changed` when the version's record has another name.
    func point(_ name: ArtifactName, in tenant: Tenant, at version: Digest) throws(StorageFault)
    /// Appends to the log. `entry.index` is the size of the log so far.
    ///
    /// - Throws: `.changed` for another index; `.corrupted` when hashes and head are not those of the entry's bytes.
    func append(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault)
    /// Seals the end of the log as it is now. Whatever is appended takes the seal away.
    func putHeadSeal(_ seal: [UInt8]) throws(StorageFault)
    /// - Throws: `.digestMismatch` when the bytes hash to something else. Putting them again changes nothing.
    func putManifest(_ bytes: [UInt8], digest: Digest) throws(StorageFault)
    /// Which blobs a version consists of, one for each path; once for each version.
    ///
    /// - Throws: `.changed` when it consists of others already.
    func putUses(of blobs: [Digest], by key: ArtifactKey) throws(StorageFault)
    /// - Throws: `.digestMismatch` when the document hashes to something else than the entry says.
    func putEvidence(_ document: [UInt8], entry: EvidenceEntry, of key: ArtifactKey) throws(StorageFault)
    func putInspection(_ document: [UInt8], _ key: InspectionKey) throws(StorageFault)
    func putVerification(_ verification: SealedVerification, of blob: Digest) throws(StorageFault)
    /// Forgets that a blob was ever found intact.
    func removeVerification(of blob: Digest) throws(StorageFault)
    func putPendingView(of name: ArtifactName, in tenant: Tenant) throws(StorageFault)
    func removePendingView(_ id: Int64) throws(StorageFault)
}
