public import OCI
public import RegistryCore
public import RegistryPorts

/// On what somebody reads a repository.
public enum PullRight: Sendable, Hashable {
    /// As a runtime does: what is trusted, through the gate.
    case gate
    /// The repository is configured to be one without a gate. What was withdrawn is not read there either.
    case openRepository
    /// A reviewer, who reads what is not trusted yet to judge it. Each reading of a version is written down.
    case review(Caller)
    /// A credential that may push: what the gate lets through, and what it pushed itself.
    case publisher(Caller)
}

/// The receipt for bytes that leave.
///
/// Towards a runtime only `ServableArtifact` does; the others are for those who judge artifacts or pushed them, for
/// what is said about artifacts, and for repositories that nobody gates.
public enum PullReceipt: Sendable {
    case servable(ServableArtifact)
    case reviewable(ReviewableArtifact)
    case returned(ReturnedArtifact)
    case attached(AttachedManifest)
    case ungated(RepositoryKey, Digest)
}

/// The receipt that somebody who may judge artifacts reads one: never given to a runtime. Only `Review` makes one.
public struct ReviewableArtifact: Sendable {
    /// `nil` for a blob that no manifest names yet.
    public let record: ArtifactRecord?
    public let reviewer: Caller

    package init(reviewed record: ArtifactRecord?, by reviewer: Caller) {
        self.record = record
        self.reviewer = reviewer
    }
}

/// The receipt that somebody reads back what they pushed. Only `ReadBack` makes one.
public struct ReturnedArtifact: Sendable {
    public let record: ArtifactRecord
    public let publisher: Caller

    init(returned record: ArtifactRecord, to publisher: Caller) {
        self.record = record
        self.publisher = publisher
    }
}

/// The receipt that a manifest is a signature, an attestation or a bill of materials, and of what its repository holds.
/// Only `Attachments` makes one.
public struct AttachedManifest: Sendable {
    public let record: ArtifactRecord

    init(attached record: ArtifactRecord) {
        self.record = record
    }
}

/// A manifest on its way out.
public struct PulledManifest: Sendable {
    public let receipt: PullReceipt
    public let digest: Digest
    public let mediaType: MediaType
    /// As they were stored.
    public let bytes: [UInt8]
    /// What people should know of it: sentences of printable ASCII.
    public var warnings: [String] = []
}

/// A blob on its way out.
public struct PulledBlob: Sendable {
    public enum Content: Sendable {
        /// A file that was found unchanged since its bytes were hashed, open.
        case file(any OpenedBlob)
        case document([UInt8])
    }

    public let receipt: PullReceipt
    public let digest: Digest
    public let content: Content
}
