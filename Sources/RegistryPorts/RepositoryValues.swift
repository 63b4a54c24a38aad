public import OCI
public import RegistryCore

/// What a tag points at, with the keyed MAC that says this registry let it.
public struct SealedTag: Sendable, Hashable {
    public var tag: Tag
    public var version: Digest
    /// The event that let it point there.
    public var eventIndex: UInt64
    public var time: Timestamp
    /// HMAC-SHA256, 32 bytes.
    public var seal: [UInt8]

    public init(tag: Tag, version: Digest, eventIndex: UInt64, time: Timestamp, seal: [UInt8]) {
        self.tag = tag
        self.version = version
        self.eventIndex = eventIndex
        self.time = time
        self.seal = seal
    }
}

/// A manifest that has a subject, as lists of referrers show it.
public struct StoredReferrer: Sendable, Hashable {
    public var subject: Digest
    public var version: Digest
    /// The artifact type, or the config's media type where that is absent; what lists are filtered by.
    public var artifactType: String
    /// The descriptor as JSON without white space (image-spec 1.1, descriptor.md).
    public var descriptor: [UInt8]

    public init(subject: Digest, version: Digest, artifactType: String, descriptor: [UInt8]) {
        self.subject = subject
        self.version = version
        self.artifactType = artifactType
        self.descriptor = descriptor
    }
}

/// What a manifest brings into a repository, for the counts that are kept with it.
public struct ManifestPlace: Sendable, Hashable {
    public var version: Digest
    /// Blobs that the manifest names, each once: they can be read in the repository from then on.
    public var blobs: [Digest]
    /// Manifests that an index names, each once.
    public var children: [Digest]
    public var referrer: StoredReferrer?

    public init(version: Digest, blobs: [Digest], children: [Digest] = [], referrer: StoredReferrer? = nil) {
        self.version = version
        self.blobs = blobs
        self.children = children
        self.referrer = referrer
    }
}

/// A manifest in a repository.
public struct PlacedManifest: Sendable, Hashable {
    /// Where the next page goes on. Higher than 0.
    public var id: Int64
    public var version: Digest

    public init(id: Int64, version: Digest) {
        self.id = id
        self.version = version
    }
}

/// A page of a list of repositories, tags, manifests or entries about them.
public enum RepositoryPage {
    /// Most rows in one page: a thousand to show, and one that tells whether there are more.
    public static let limitMax = 1_001
}

/// Repositories, tags and referrers. Lists are in the order of bytes, and go on behind a value that need not be there;
/// no page is longer than `RepositoryPage.limitMax`.
public protocol RepositoryReader: Sendable {
    /// Repositories that hold a manifest.
    func repositories(
        in tenant: Tenant, after name: String?, limit: Int
    ) async throws(StorageFault) -> [RepositoryName]
    func tag(_ tag: Tag, in repository: RepositoryKey) async throws(StorageFault) -> SealedTag?
    func tags(in repository: RepositoryKey, after tag: String?, limit: Int) async throws(StorageFault) -> [SealedTag]
    /// The tags of one manifest.
    func tags(
        of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int
    ) async throws(StorageFault) -> [Tag]
    func hasManifest(_ version: Digest, in repository: RepositoryKey) async throws(StorageFault) -> Bool
    /// Whether the repository holds any manifest.
    func hasManifests(in repository: RepositoryKey) async throws(StorageFault) -> Bool
    /// As `RepositoryTransaction.repositories(holding:in:limit:)`.
    func repositories(
        holding version: Digest, in tenant: Tenant, limit: Int
    ) async throws(StorageFault) -> [RepositoryName]
    /// Manifests of a repository, in pages as those of `MetadataReader.users`.
    func manifests(
        in repository: RepositoryKey, after id: Int64, limit: Int
    ) async throws(StorageFault) -> [PlacedManifest]
    /// What a manifest brought into the repository, its lists in no order; `nil` when it is not there.
    func place(of version: Digest, in repository: RepositoryKey) async throws(StorageFault) -> ManifestPlace?
    /// Whether a manifest of the repository names the blob, or it was received there not before `time`.
    func hasBlob(
        _ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) async throws(StorageFault) -> Bool
    /// Blobs that manifests of the repository name, or that were received there and are not forgotten: each once, in
    /// an order of the store's own, after the last of another page.
    func blobs(in repository: RepositoryKey, after blob: Digest?, limit: Int) async throws(StorageFault) -> [Digest]
    /// Whether the blob was received in any repository not before `time`, and that was not forgotten.
    func wasReceived(_ blob: Digest, since time: Timestamp) async throws(StorageFault) -> Bool
    /// Whether a manifest in any repository names the blob, unless its version is in a state that keeps no bytes.
    func isNamed(_ blob: Digest) async throws(StorageFault) -> Bool
    /// Manifests of the repository that name a blob and whose record says that they are trusted; which it may say
    /// falsely, as any record.
    func trustedManifests(
        naming blob: Digest, in repository: RepositoryKey, limit: Int
    ) async throws(StorageFault) -> [Digest]
    /// Manifests with a subject in the order of their digests, after one that need not be there.
    func referrers(
        of subject: Digest, in repository: RepositoryKey, artifactType: String?, after version: Digest?, limit: Int
    ) async throws(StorageFault) -> [StoredReferrer]
    /// Entries about a repository with its tags, or about one of its tags, newest first, before index `end` if that is
    /// given.
    func entries(
        of place: EntryPlace, before end: UInt64?, limit: Int
    ) async throws(StorageFault) -> [LogEntry]
}

/// Repositories, tags and referrers inside a transaction.
public protocol RepositoryTransaction {
    func tag(_ tag: Tag, in repository: RepositoryKey) throws(StorageFault) -> SealedTag?
    /// Lets a tag point somewhere, whether or not it did before.
    func put(_ tag: SealedTag, in repository: RepositoryKey) throws(StorageFault)
    /// Removing a tag that is not there is not an error.
    func removeTag(_ tag: Tag, from repository: RepositoryKey) throws(StorageFault)
    /// As `RepositoryReader.tags(of:in:after:limit:)`.
    func tags(
        of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int
    ) throws(StorageFault) -> [Tag]
    func hasManifest(_ version: Digest, in repository: RepositoryKey) throws(StorageFault) -> Bool
    func hasManifests(in repository: RepositoryKey) throws(StorageFault) -> Bool
    /// As `RepositoryReader.hasBlob`.
    func hasBlob(
        _ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) throws(StorageFault) -> Bool
    /// Puts a manifest into a repository, with what it names. Doing so again changes nothing.
    func place(_ manifest: ManifestPlace, in repository: RepositoryKey) throws(StorageFault)
    /// Takes a manifest out again, with what `place` brought. Its tags have to be gone.
    ///
    /// - Throws: `.changed` when a tag of the repository points at it.
    func remove(_ version: Digest, from repository: RepositoryKey) throws(StorageFault)
    /// Repositories that hold a manifest, at most `limit`.
    func repositories(holding version: Digest, in tenant: Tenant, limit: Int) throws(StorageFault) -> [RepositoryName]
    /// Indexes of the tenant that name a manifest and are in a repository, at most `limit`.
    func indexes(naming version: Digest, in tenant: Tenant, limit: Int) throws(StorageFault) -> [Digest]
    /// Bytes came into a repository, and no manifest there may name them yet.
    func putReceived(_ blob: Digest, in repository: RepositoryKey, at time: Timestamp) throws(StorageFault)
    /// Forgets that a blob was received; what manifests name stays.
    func removeReceived(_ blob: Digest, from repository: RepositoryKey) throws(StorageFault)
    /// Forgets the same of blobs that were received before `time` in any repository, at most `limit` of them.
    ///
    /// - Returns: how many.
    func forgetReceived(before time: Timestamp, limit: Int) throws(StorageFault) -> Int
}
