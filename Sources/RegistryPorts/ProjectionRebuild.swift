public import OCI
public import RegistryCore
public import TransparencyLog

/// A metadata store whose projections can be made anew from the entries of its log.
public protocol RebuildableMetadataStore: MetadataStore {
    /// Runs `body` in one transaction in which there are no projections yet: no records, names, uses, lists of
    /// evidence, pending views, places, tags and log hashes. What was received and is in no manifest is forgotten.
    /// Entries and documents are the truth, and stay. Readers see the old projections until this returns; when `body`
    /// throws, the old ones stand.
    ///
    /// - Throws: what `body` throws, or `StorageFault`.
    func rebuild<T: Sendable>(_ body: @escaping @Sendable (any ProjectionRebuild) throws -> T) async throws -> T
}

/// Projections that are being made anew. Synchronous: it lives inside `RebuildableMetadataStore.rebuild`.
public protocol ProjectionRebuild {
    /// Entries of the log, in order, filed as they were before.
    func entries(from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry]
    /// - Throws: `.corrupted` when the bytes are not what their digest says, if the store looks.
    func manifest(_ digest: Digest) throws(StorageFault) -> [UInt8]?
    /// - Throws: `.corrupted` when the bytes are not what their digest says, if the store looks.
    func evidenceDocument(_ digest: Digest) throws(StorageFault) -> [UInt8]?
    /// The seal of the log's end, as it was before.
    func headSeal() throws(StorageFault) -> [UInt8]
    /// What was put for a version so far.
    func record(_ key: ArtifactKey) throws(StorageFault) -> SealedRecord?

    /// Files an entry, whose bytes stay, under the version or the repository that it speaks of. Entries come in order,
    /// each of them once.
    func file(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault)
    /// Seals the end of the log, once every entry is filed.
    func putHeadSeal(_ seal: [UInt8]) throws(StorageFault)
    func put(_ record: SealedRecord) throws(StorageFault)
    func point(_ name: ArtifactName, in tenant: Tenant, at version: Digest) throws(StorageFault)
    func putUses(of blobs: [Digest], by key: ArtifactKey) throws(StorageFault)
    /// Lists a document that is stored already.
    func list(_ evidence: EvidenceEntry, of key: ArtifactKey) throws(StorageFault)
    func putPendingView(of name: ArtifactName, in tenant: Tenant) throws(StorageFault)

    // As in `RepositoryTransaction`.
    func put(_ tag: SealedTag, in repository: RepositoryKey) throws(StorageFault)
    func removeTag(_ tag: Tag, from repository: RepositoryKey) throws(StorageFault)
    func place(_ manifest: ManifestPlace, in repository: RepositoryKey) throws(StorageFault)
    func remove(_ version: Digest, from repository: RepositoryKey) throws(StorageFault)
}
