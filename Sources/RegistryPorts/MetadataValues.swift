public import OCI
public import RegistryCore
public import TransparencyLog

/// A projection row with the keyed MAC that says this registry wrote it.
public struct SealedRecord: Sendable, Hashable {
    public var record: ArtifactRecord
    /// HMAC-SHA256, 32 bytes.
    public var seal: [UInt8]

    public init(record: ArtifactRecord, seal: [UInt8]) {
        self.record = record
        self.seal = seal
    }
}

/// A line of a listing.
public struct NamedRecord: Sendable, Hashable {
    /// The name that points at the record, whatever the record says.
    public var name: ArtifactName
    /// `nil` when there is a row and it cannot be read.
    public var record: SealedRecord?

    public init(name: ArtifactName, record: SealedRecord?) {
        self.name = name
        self.record = record
    }
}

/// When a blob's bytes were last hashed, what the file looked like then, and a MAC over both.
public struct SealedVerification: Sendable, Hashable {
    public var identity: BlobIdentity
    public var time: Timestamp
    /// HMAC-SHA256, 32 bytes.
    public var seal: [UInt8]

    public init(identity: BlobIdentity, time: Timestamp, seal: [UInt8]) {
        self.identity = identity
        self.time = time
        self.seal = seal
    }
}

/// Which records, and where the page begins.
public struct RecordQuery: Sendable, Hashable {
    /// Most records in one page.
    public static let limitMax = 1_000

    public var tenant: Tenant
    public var state: ArtifactState?
    public var format: String?
    public var source: String?
    /// A text that the name contains, compared byte by byte.
    public var nameContains: String?
    public var after: ArtifactName?
    public var limit: Int

    public init(
        tenant: Tenant = .default, state: ArtifactState? = nil, format: String? = nil, source: String? = nil,
        nameContains: String? = nil, after: ArtifactName? = nil, limit: Int = limitMax
    ) {
        self.tenant = tenant
        self.state = state
        self.format = format
        self.source = source
        self.nameContains = nameContains
        self.after = after
        self.limit = limit
    }
}

public struct RecordCounts: Sendable, Hashable {
    /// Versions that a name points at, by state.
    public var byState: [ArtifactState: UInt64]

    public init(byState: [ArtifactState: UInt64]) {
        self.byState = byState
    }

    public var total: UInt64 { byState.values.reduce(0, +) }
}

/// A leaf of the log as it is stored.
public struct LogEntry: Sendable, Hashable {
    public var index: UInt64
    /// The leaf's bytes.
    public var bytes: [UInt8]
    /// The version that it is about.
    public var key: ArtifactKey?
    /// The repository that it is about, and the tag, if it is about one. Never together with `key`.
    public var place: EntryPlace?

    public init(index: UInt64, bytes: [UInt8], key: ArtifactKey?, place: EntryPlace? = nil) {
        self.index = index
        self.bytes = bytes
        self.key = key
        self.place = place
    }
}

/// Where an entry about a repository is filed.
public struct EntryPlace: Sendable, Hashable {
    public var repository: RepositoryKey
    public var tag: Tag?

    public init(repository: RepositoryKey, tag: Tag?) {
        self.repository = repository
        self.tag = tag
    }
}

/// The newest entry of a version, as entries are filed.
public struct NewestEntry: Sendable, Hashable {
    /// Where the next page goes on.
    public var id: Int64
    public var key: ArtifactKey
    public var index: UInt64

    public init(id: Int64, key: ArtifactKey, index: UInt64) {
        self.id = id
        self.key = key
        self.index = index
    }
}

/// A part of a walk over versions, in the order of the numbers that the store gives them.
public enum VersionPage {
    /// Most versions in one page.
    public static let limitMax = 1_000
}

/// A version that uses a blob.
public struct BlobUser: Sendable, Hashable {
    /// Where the next page goes on. Higher than 0.
    public var id: Int64
    public var key: ArtifactKey

    public init(id: Int64, key: ArtifactKey) {
        self.id = id
        self.key = key
    }
}

/// A version with a certain content, or with waivers.
public struct ContentRecord: Sendable, Hashable {
    /// Where the next page goes on. Higher than 0.
    public var id: Int64
    /// `nil` when there is a row and it cannot be read.
    public var record: SealedRecord?

    public init(id: Int64, record: SealedRecord?) {
        self.id = id
        self.record = record
    }
}

/// The end of the log: all that is needed to append one more leaf.
public struct LogHead: Sendable, Hashable {
    public var frontier: TreeFrontier
    /// What this registry says of a log that ends here; empty when it said nothing.
    public var seal: [UInt8]

    public init(frontier: TreeFrontier, seal: [UInt8] = []) {
        self.frontier = frontier
        self.seal = seal
    }

    public var size: UInt64 { frontier.size }
}

/// A document that an event cites.
public struct EvidenceEntry: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Our own inspection.
        case inspection
        /// A policy's decision with its trace.
        case decision
        /// What somebody said about the bytes. Never believed without a policy that says so.
        case claim
        /// A bundle with a signature or statement about the artifact.
        case attestation
    }

    public var kind: Kind
    public var digest: Digest
    public var sizeBytes: UInt64
    public var time: Timestamp
    /// The event that cites it.
    public var eventIndex: UInt64

    public init(kind: Kind, digest: Digest, sizeBytes: UInt64, time: Timestamp, eventIndex: UInt64) {
        self.kind = kind
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.time = time
        self.eventIndex = eventIndex
    }
}

public struct BlobUses: Sendable, Hashable {
    /// Versions in a state that keeps bytes.
    public var kept: UInt64
    /// Paths of trusted versions: each is a name of the blob in a view.
    public var shown: UInt64

    public init(kept: UInt64, shown: UInt64) {
        self.kept = kept
        self.shown = shown
    }
}

/// What the result of an inspection depends on.
///
/// The name is part of it: the same bytes are data under one name and a program under another.
public struct InspectionKey: Sendable, Hashable {
    public var blob: Digest
    /// The last component of the path under which the file is published.
    public var name: String
    /// The version of the rules.
    public var rules: String

    public init(blob: Digest, name: String, rules: String) {
        self.blob = blob
        self.name = name
        self.rules = rules
    }
}

public struct PendingView: Sendable, Hashable {
    public var id: Int64
    public var tenant: Tenant
    public var name: ArtifactName

    public init(id: Int64, tenant: Tenant, name: ArtifactName) {
        self.id = id
        self.tenant = tenant
        self.name = name
    }
}
