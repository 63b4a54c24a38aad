public import StrictJSON

/// Body of `POST /v1/model/acquire`: take in what lies beneath the registry's directory, or make one artifact of files
/// that were received one by one.
public struct AcquireRequest: WireDocument, Hashable {
    public var name: String
    /// Relative to the registry's directory; a file or a directory. With `files` it is what the directory is called,
    /// and may be absent.
    public var filename: String?
    /// Every file of the directory, each of which was received before.
    public var files: [SetFileDocument]?
    /// Hexadecimal, with or without `sha256:`. Required for a file; of a directory it is the digest of its listing.
    public var sha256: String?
    public var sizeBytes: UInt64?
    public var source: String?
    public var sourceRevision: String?
    /// What the caller takes it for. The content decides; a wrong claim is refused.
    public var format: String?

    public init(
        name: String, files: [SetFileDocument], filename: String? = nil, sha256: String? = nil,
        source: String? = nil, sourceRevision: String? = nil
    ) {
        self.name = name
        self.files = files
        self.filename = filename
        self.sha256 = sha256
        self.source = source
        self.sourceRevision = sourceRevision
    }

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
                ("name", .string(name)), ("filename", filename.map { .string($0) }),
                ("files", files.map { .array($0.map(\.json)) }), ("sha256", sha256.map { .string($0) }),
                ("size_bytes", sizeBytes.map { .integer($0) }), ("source", source.map { .string($0) }),
                ("source_revision", sourceRevision.map { .string($0) }), ("format", format.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        filename = try fields.optionalString("filename")
        if let rows = try fields.optionalArray("files") {
            var files: [SetFileDocument] = []
            files.reserveCapacity(rows.count)
            for row in rows { files.append(try SetFileDocument(json: row)) }
            self.files = files
        }
        if files == nil, filename == nil { throw .missing("filename") }
        sha256 = try fields.optionalString("sha256")
        sizeBytes = try fields.optionalUInt64("size_bytes")
        source = try fields.optionalString("source")
        sourceRevision = try fields.optionalString("source_revision")
        format = try fields.optionalString("format")
        try fields.finish()
    }
}

/// One file of a set: in the body of an acquire, and the answer to its bytes.
public struct SetFileDocument: WireDocument, Hashable {
    /// Path in the directory.
    public var filename: String
    public var sha256: String
    public var sizeBytes: UInt64

    public init(filename: String, sha256: String, sizeBytes: UInt64) {
        self.filename = filename
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
    }

    public var json: JSONValue {
        ["filename": .string(filename), "sha256": .string(sha256), "size_bytes": .integer(sizeBytes)]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json, field: "files")
        filename = try fields.requiredString("filename")
        sha256 = try fields.requiredString("sha256")
        sizeBytes = try fields.requiredUInt64("size_bytes")
        try fields.finish()
    }
}
