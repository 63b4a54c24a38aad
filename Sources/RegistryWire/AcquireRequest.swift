public import StrictJSON

/// Body of `POST /v1/model/acquire`: take in what lies beneath the registry's directory.
public struct AcquireRequest: WireDocument, Hashable {
    public var name: String
    /// Relative to the registry's directory; a file or a directory.
    public var filename: String
    /// Hexadecimal, with or without `sha256:`. Required for a file; of a directory it is the digest of its listing.
    public var sha256: String?
    public var sizeBytes: UInt64?
    public var source: String?
    public var sourceRevision: String?
    /// What the caller takes it for. The content decides; a wrong claim is refused.
    public var format: String?

    public init(
        name: String, filename: String, sha256: String?, sizeBytes: UInt64? = nil, source: String? = nil,
        sourceRevision: String? = nil, format: String? = nil
    ) {
        self.name = name
        self.filename = filename
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.source = source
        self.sourceRevision = sourceRevision
        self.format = format
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("filename", .string(filename)), ("sha256", sha256.map { .string($0) }),
                ("size_bytes", sizeBytes.map { .integer($0) }), ("source", source.map { .string($0) }),
                ("source_revision", sourceRevision.map { .string($0) }), ("format", format.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        filename = try fields.requiredString("filename")
        sha256 = try fields.optionalString("sha256")
        sizeBytes = try fields.optionalUInt64("size_bytes")
        source = try fields.optionalString("source")
        sourceRevision = try fields.optionalString("source_revision")
        format = try fields.optionalString("format")
        try fields.finish()
    }
}
