public import OCI

/// One line of history: what happened to what, when, by whom. An event is a leaf of the transparency log, byte for
/// byte.
///
/// What an artifact's state is, is what replaying its events gives; nothing else may change it.
public struct RegistryEvent: Sendable, Hashable {
    /// The index of the leaf, from 0. It is not part of the encoded bytes: the log's position says it.
    public var index: UInt64
    public var time: Timestamp
    /// Who caused it.
    public var actor: Actor
    /// The request that caused it, or `nil` when the registry itself did.
    public var requestID: String?
    public var subject: Subject
    public var body: Body

    public init(
        index: UInt64, time: Timestamp, actor: Actor, requestID: String?, subject: Subject, body: Body
    ) {
        self.index = index
        self.time = time
        self.actor = actor
        self.requestID = requestID
        self.subject = subject
        self.body = body
    }

    /// What an event is about.
    public enum Subject: Sendable, Hashable {
        case registry
        case artifact(ArtifactKey, name: ArtifactName)
        case repository(RepositoryKey)
    }

    /// What happened.
    public enum Body: Sendable, Hashable {
        case acquired(Acquisition)
        /// A credential pushed a version that another one brought in: it may read that back, too.
        case pushed
        case quarantined(QuarantineCause)
        /// The registry's own inspection ended; `evidence` is the digest of the stored report.
        case inspected(InspectionOutcome)
        /// Policy admitted it; `decision` is the digest of the stored decision with its trace.
        case promoted(Admittance)
        /// Policy did not admit it. A refusal changes no state, and stands in the log all the same.
        case refused(Admittance, codes: [String])
        /// Something trusted was looked at again and is not admitted any more. It stays where it is.
        case recheckFailed(Recheck)
        /// Somebody answers for what a rule found in it.
        case waived(WaiverTerms)
        /// A waiver, named by the event that granted it, counts no more.
        case waiverEnded(UInt64, WaiverEnd)
        /// Somebody attached a bundle with a signature or statement about it, which says nothing by that alone.
        case attested(bundle: Digest)
        case revoked(reason: String?)
        case deleted(reason: String?)
        /// From here on this policy decides.
        case policyActivated(version: String, digest: Digest)
        /// A boot lock file was read into an empty store.
        case bootLockRead(digest: Digest, admitted: UInt64, refused: UInt64)
        /// A tag of the repository points at a manifest now; `previous` is what it pointed at before.
        case tagged(Tag, version: Digest, previous: Digest?)
        case untagged(Tag, version: Digest)
        /// A manifest that was in another repository before was put into this one, too. The first repository of a
        /// version is part of the version's name.
        case placed(version: Digest)
        /// The repository has the manifest no longer, nor a tag for it.
        case removed(version: Digest)
        /// Somebody who may judge artifacts, or who pushed it, read a version that is not trusted.
        case reviewed(version: Digest)
    }
}

/// What is written down when bytes come in.
public struct Acquisition: Sendable, Hashable {
    public var content: ContentIdentity
    public var format: String
    public var source: String?
    public var sourceRevision: String?

    public init(content: ContentIdentity, format: String, source: String?, sourceRevision: String?) {
        self.content = content
        self.format = format
        self.source = source
        self.sourceRevision = sourceRevision
    }
}

/// Why an artifact was put into quarantine.
public enum QuarantineCause: Sendable, Hashable {
    case requested(reason: String?)
    /// A promote begins with an inspection.
    case promotion
    /// A stored file is not what was admitted. `file` is its path in the artifact.
    case integrity(file: String, expected: Digest, found: String)
    /// It was trusted by a waiver that ended.
    case waiver(UInt64)
    /// It was looked at again, is not admitted any more, and the policy takes such things out of service.
    case recheck(codes: [String])
}

/// Which policy decided, and where its reasoning is kept.
public struct Admittance: Sendable, Hashable {
    public var policyVersion: String
    public var policyDigest: Digest
    public var decision: Digest
    /// What the caller claimed about the bytes: kept, shown as a claim, never believed.
    public var claims: Digest?
    /// Set when a boot lock file stood in for a request.
    public var bootLock: Digest?
    /// The waivers that it rests on, in the order of their ids.
    public var waivers: [UInt64]
    /// When the first of these waivers expires. From then on the admittance counts no more.
    public var validUntil: Timestamp?

    public init(
        policyVersion: String, policyDigest: Digest, decision: Digest, claims: Digest? = nil, bootLock: Digest? = nil,
        waivers: [UInt64] = [], validUntil: Timestamp? = nil
    ) {
        self.policyVersion = policyVersion
        self.policyDigest = policyDigest
        self.decision = decision
        self.claims = claims
        self.bootLock = bootLock
        self.waivers = waivers
        self.validUntil = validUntil
    }

    /// Whether it still counts at a time.
    public func counts(at time: @autoclosure () -> Timestamp) -> Bool {
        validUntil.map { time() < $0 } ?? true
    }
}

/// An inspection's result in short. The whole report is evidence, cited by its digest.
public struct InspectionOutcome: Sendable, Hashable {
    /// `clean`, `review`, `block` or `undecided`: the worst over all files.
    public var verdict: String
    /// The version of the rules.
    public var rules: String
    public var evidence: Digest
    /// Of a single tensor file: the digest of its structure, as the `gguf-guard` tool computes it.
    public var structure: Digest?
    /// Of a single tensor file: the digest of its per-tensor manifest document.
    public var tensorManifest: Digest?

    public init(
        verdict: String, rules: String, evidence: Digest, structure: Digest? = nil, tensorManifest: Digest? = nil
    ) {
        self.verdict = verdict
        self.rules = rules
        self.evidence = evidence
        self.structure = structure
        self.tensorManifest = tensorManifest
    }
}
