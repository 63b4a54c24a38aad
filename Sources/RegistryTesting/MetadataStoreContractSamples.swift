internal import struct Crypto.SHA256
public import OCI
public import RegistryCore
public import RegistryPorts
import Testing
import TransparencyLog

/// Metadata that looks real and is the same in every run.
public enum MetadataSamples {
    public static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// The SHA-256 digest of a text.
    public static func digest(_ text: String) throws -> Digest {
        try Digest(sha256: Array(SHA256.hash(data: Array(text.utf8))))
    }

    public static func name(_ text: String) throws -> ArtifactName { try ArtifactName(parsing: text) }

    public static func key(_ text: String) throws -> ArtifactKey {
        ArtifactKey(tenant: .default, version: try digest("version of \(text)"))
    }

    public static func time(_ index: UInt64) -> Timestamp {
        Timestamp(clamping: 1_763_700_000_000 + Int64(clamping: index))
    }

    /// A record with every field set that its state allows.
    ///
    /// - Parameter version: tells apart what was acquired under the same name at different times.
    public static func record(
        _ name: String, version: String = "1", state: ArtifactState = .acquired, headIndex: UInt64 = 0,
        format: String = "gguf", source: String? = "https://example.org/models"
    ) throws -> SealedRecord {
        let wasInspected = state != .acquired
        let record = ArtifactRecord(
            storedKey: try key("\(name)@\(version)"), name: try self.name(name), state: state,
            acquisition: Acquisition(
                content: ContentIdentity(
                    layout: .file, sha256: try digest("content of \(name)"), sizeBytes: 4_831_838_208,
                    filename: "weights.\(format)"),
                format: format, source: source, sourceRevision: source.map { _ in "main" }),
            acquiredAt: time(0), promotedAt: state == .trusted ? time(headIndex) : nil, stateSince: time(headIndex),
            reason: state == .revoked ? "withdrawn: \u{1F6D1} \"bad\"\u{0}\n" : nil, headIndex: headIndex,
            inspection: wasInspected
                ? InspectionOutcome(
                    verdict: "clean", rules: "1.0", evidence: try digest("report on \(name)"),
                    structure: try digest("structure of \(name)"), tensorManifest: nil) : nil,
            admittance: state == .trusted
                ? Admittance(
                    policyVersion: "default/1", policyDigest: try digest("policy"),
                    decision: try digest("decision on \(name)"), claims: try digest("claims on \(name)"),
                    waivers: [3], validUntil: time(90)) : nil,
            evidenceCount: wasInspected ? 3 : 0,
            pushedBy: wasInspected ? [try PrincipalName(parsing: "ci"), try PrincipalName(parsing: "a.b-c_9")] : [],
            waivers: state == .trusted ? try waivers(name) : [],
            recheck: state == .trusted
                ? Recheck(
                    rules: "2", policyVersion: "9", policyDigest: try digest("policy 9"),
                    decision: try digest("recheck of \(name)"), outcome: "refused", codes: ["a", "b"]) : nil)
        return SealedRecord(record: record, seal: try digest("\(record)").bytes)
    }
}

extension MetadataSamples {
    /// With and without what may be absent.
    private static func waivers(_ name: String) throws -> [Waiver] {
        [
            Waiver(
                id: 3,
                terms: WaiverTerms(
                    rule: "pickle.unknown-global", file: try digest("file of \(name)"), member: "a.zip!/b\u{0}\n",
                    reason: "read by \u{1F6D1} \"us\"", ticket: "SEC-1", expires: time(90)),
                grantedBy: .principal(try PrincipalName(parsing: "alice")), grantedAt: time(3)),
            Waiver(
                id: 4, terms: WaiverTerms(rule: "file.polyglot", reason: "known", expires: time(80)),
                grantedBy: .developmentMode, grantedAt: time(4)),
        ]
    }

    public static func repository(_ text: String) throws -> RepositoryKey {
        RepositoryKey(name: try RepositoryName(parsing: text))
    }

    public static func tag(_ text: String, at version: String, eventIndex: UInt64 = 0) throws -> SealedTag {
        try tag(text, at: try digest(version), eventIndex: eventIndex)
    }

    public static func tag(_ text: String, at version: Digest, eventIndex: UInt64 = 0) throws -> SealedTag {
        SealedTag(
            tag: try #require(Tag(parsing: text)), version: version, eventIndex: eventIndex, time: time(eventIndex),
            seal: try digest("seal of \(text)").bytes)
    }

    static func place(
        _ text: String, blobs: [String], children: [Digest] = [], subject: Digest? = nil, artifactType: String = ""
    ) throws -> ManifestPlace {
        let version = try digest("manifest \(text)")
        return ManifestPlace(
            version: version, blobs: try blobs.map { try digest($0) }, children: children,
            referrer: subject.map { subject in
                StoredReferrer(
                    subject: subject, version: version, artifactType: artifactType,
                    descriptor: bytes(#"{"digest":"\(version)","artifactType":"\(artifactType)"}"#))
            })
    }
}

extension MetadataTransaction {
    /// Appends a leaf with the hashes that belong to it.
    ///
    /// - Returns: its index.
    @discardableResult
    public func appendLeaf(
        _ bytes: [UInt8], of key: ArtifactKey? = nil, at place: EntryPlace? = nil
    ) throws(StorageFault) -> UInt64 {
        let head = try logHead()
        var next = head
        let hashes = next.frontier.append(MerkleHashing.leaf(bytes))
        try append(LogEntry(index: head.size, bytes: bytes, key: key, place: place), hashes: hashes, head: next)
        return head.size
    }

    /// Writes a record and lets its name point at it.
    public func putNamed(_ record: SealedRecord) throws(StorageFault) {
        try put(record)
        try point(record.record.name, in: record.record.key.tenant, at: record.record.key.version)
    }
}

/// Numbers that look random and are the same for the same seed: SplitMix64 (Steele, Lea and Flood 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
