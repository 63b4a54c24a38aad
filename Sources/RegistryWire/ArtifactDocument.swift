public import StrictJSON

/// An artifact as the API shows it.
public struct ArtifactDocument: WireDocument, Hashable {
    public var name: String
    public var format: String
    public var filename: String
    /// Where a runtime finds it on the server's machine; while trusted only.
    public var path: String?
    /// Lower-case hexadecimal. Of a directory, the digest of its listing.
    public var sha256: String
    public var sizeBytes: UInt64
    /// `file` or `directory`.
    public var layout: String
    public var source: String?
    public var sourceRevision: String?
    public var state: String
    /// RFC 3339, UTC.
    public var acquiredAt: String
    public var promotedAt: String?
    public var stateSince: String
    public var reason: String?
    public var verdict: String?
    /// What the caller claimed about scans.
    public var scanResults: JSONValue?
    public var scannerVersions: JSONValue?
    public var policyVersion: String?
    public var ggufGuardFingerprint: String?
    public var ggufGuardManifest: String?
    /// Digest of the OCI manifest.
    public var digest: String
    public var evidenceCount: UInt64
    /// Index in the log of the newest event; the record's version.
    public var headIndex: UInt64
    /// Ids of the waivers that it is trusted by; absent when there are none.
    public var waivers: [UInt64]?
    /// When the first of them expires, and its trust with it.
    public var validUntil: String?
    /// What a later look at something trusted found, if it is not admitted any more.
    public var recheck: JSONValue?
    /// Of one artifact, and of lists where that was asked for.
    public var facts: ModelFactsDocument?

    public init(
        name: String, format: String, filename: String, path: String?, sha256: String, sizeBytes: UInt64,
        layout: String, source: String?, sourceRevision: String?, state: String, acquiredAt: String,
        promotedAt: String?, stateSince: String, reason: String?, verdict: String?, policyVersion: String?,
        digest: String, evidenceCount: UInt64, headIndex: UInt64
    ) {
        self.name = name
        self.format = format
        self.filename = filename
        self.path = path
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.layout = layout
        self.source = source
        self.sourceRevision = sourceRevision
        self.state = state
        self.acquiredAt = acquiredAt
        self.promotedAt = promotedAt
        self.stateSince = stateSince
        self.reason = reason
        self.verdict = verdict
        self.policyVersion = policyVersion
        self.digest = digest
        self.evidenceCount = evidenceCount
        self.headIndex = headIndex
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("format", .string(format)), ("filename", .string(filename)),
                ("path", path.map { .string($0) }), ("sha256", .string(sha256)), ("size_bytes", .integer(sizeBytes)),
                ("layout", .string(layout)), ("source", source.map { .string($0) }),
                ("source_revision", sourceRevision.map { .string($0) }), ("state", .string(state)),
                // The older name of the same value.
                ("status", .string(state)),
                ("acquired_at", .string(acquiredAt)), ("promoted_at", promotedAt.map { .string($0) }),
                ("state_since", .string(stateSince)), ("reason", reason.map { .string($0) }),
                ("verdict", verdict.map { .string($0) }), ("scan_results", scanResults),
                ("scanner_versions", scannerVersions), ("policy_version", policyVersion.map { .string($0) }),
                ("gguf_guard_fingerprint", ggufGuardFingerprint.map { .string($0) }),
                ("gguf_guard_manifest", ggufGuardManifest.map { .string($0) }), ("digest", .string(digest)),
                ("evidence_count", .integer(evidenceCount)), ("head_index", .integer(headIndex)),
                ("waivers", waivers.map { .array($0.map { .integer($0) }) }),
                ("valid_until", validUntil.map { .string($0) }), ("recheck", recheck),
                ("facts", facts?.json),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        format = try fields.requiredString("format")
        filename = try fields.requiredString("filename")
        path = try fields.optionalString("path")
        sha256 = try fields.requiredString("sha256")
        sizeBytes = try fields.requiredUInt64("size_bytes")
        layout = try fields.requiredString("layout")
        source = try fields.optionalString("source")
        sourceRevision = try fields.optionalString("source_revision")
        state = try fields.requiredString("state")
        _ = try fields.optionalString("status")
        acquiredAt = try fields.requiredString("acquired_at")
        promotedAt = try fields.optionalString("promoted_at")
        stateSince = try fields.requiredString("state_since")
        reason = try fields.optionalString("reason")
        verdict = try fields.optionalString("verdict")
        scanResults = fields.optionalValue("scan_results")
        scannerVersions = fields.optionalValue("scanner_versions")
        policyVersion = try fields.optionalString("policy_version")
        ggufGuardFingerprint = try fields.optionalString("gguf_guard_fingerprint")
        ggufGuardManifest = try fields.optionalString("gguf_guard_manifest")
        digest = try fields.requiredString("digest")
        evidenceCount = try fields.requiredUInt64("evidence_count")
        headIndex = try fields.requiredUInt64("head_index")
        waivers = try fields.optionalArray("waivers")?.compactMap(\.asNumber?.uint64)
        validUntil = try fields.optionalString("valid_until")
        recheck = fields.optionalValue("recheck")
        if let facts = fields.optionalValue("facts") { self.facts = try ModelFactsDocument(json: facts) }
    }
}
