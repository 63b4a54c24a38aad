public import StrictJSON

/// Body of `POST /v1/model/promote` and `POST /v1/promote`.
///
/// With `filename` and a name that is not known yet, the bytes are acquired first. What is said about scans is stored
/// as a claim; the registry's own inspection always runs.
public struct PromoteRequest: WireDocument, Hashable {
    public var name: String
    public var filename: String?
    /// What the caller means by the name. A promote never admits other bytes than these.
    public var sha256: String?
    public var sizeBytes: UInt64?
    public var source: String?
    public var sourceRevision: String?
    public var format: String?
    public var scanResults: JSONValue?
    public var scannerVersions: JSONValue?
    public var policyVersion: String?
    public var reason: String?
    /// Decide and say, but change nothing.
    public var dryRun: Bool

    public init(name: String, filename: String? = nil, sha256: String? = nil, dryRun: Bool = false) {
        self.name = name
        self.filename = filename
        self.sha256 = sha256
        self.dryRun = dryRun
    }

    /// What the caller claims, as one document; `nil` when nothing.
    public var claims: JSONValue? {
        let object = JSONObject(present: [
            ("scan_results", scanResults), ("scanner_versions", scannerVersions),
            ("policy_version", policyVersion.map { .string($0) }),
        ])
        return object.isEmpty ? nil : .object(object)
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("filename", filename.map { .string($0) }),
                ("sha256", sha256.map { .string($0) }), ("size_bytes", sizeBytes.map { .integer($0) }),
                ("source", source.map { .string($0) }), ("source_revision", sourceRevision.map { .string($0) }),
                ("format", format.map { .string($0) }), ("scan_results", scanResults),
                ("scanner_versions", scannerVersions), ("policy_version", policyVersion.map { .string($0) }),
                ("reason", reason.map { .string($0) }), ("dry_run", dryRun ? .bool(true) : nil),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        filename = try fields.optionalString("filename")
        sha256 = try fields.optionalString("sha256")
        sizeBytes = try fields.optionalUInt64("size_bytes")
        source = try fields.optionalString("source")
        sourceRevision = try fields.optionalString("source_revision")
        format = try fields.optionalString("format")
        scanResults = fields.optionalValue("scan_results")
        scannerVersions = fields.optionalValue("scanner_versions")
        policyVersion = try fields.optionalString("policy_version")
        reason = try fields.optionalString("reason")
        dryRun = try fields.optionalBool("dry_run") ?? false
        try fields.finish()
    }
}
