public import StrictJSON

/// Answer of `GET /v1/model/path`.
public struct PathDocument: WireDocument, Hashable {
    public static let storageContract = "content-addressed-v1"

    public var path: String
    public var sha256: String
    public var sizeBytes: UInt64

    public init(path: String, sha256: String, sizeBytes: UInt64) {
        self.path = path
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
    }

    public var json: JSONValue {
        [
            "path": .string(path), "sha256": .string(sha256), "size_bytes": .integer(sizeBytes),
            "storage_contract": .string(Self.storageContract),
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        path = try fields.requiredString("path")
        sha256 = try fields.requiredString("sha256")
        sizeBytes = try fields.requiredUInt64("size_bytes")
    }
}

/// Answer of `POST /v1/model/verify`, and one row of a sweep.
public struct VerificationDocument: WireDocument, Hashable {
    public var name: String
    /// `verified`, `failed`, or in a sweep `undecided` when it could not be checked.
    public var status: String
    public var safeToUse: Bool
    /// Both are missing in a sweep when somebody edited the record.
    public var sha256: String?
    public var state: String?
    /// What the bytes hash to now, or a word for what is there instead; only when it failed.
    public var actual: String?
    /// The file in the artifact that failed.
    public var file: String?

    public init(
        name: String, status: String, safeToUse: Bool, sha256: String?, state: String?, actual: String? = nil,
        file: String? = nil
    ) {
        self.name = name
        self.status = status
        self.safeToUse = safeToUse
        self.sha256 = sha256
        self.state = state
        self.actual = actual
        self.file = file
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("status", .string(status)),
                // Text and not a truth value: existing clients compare with "true".
                ("safe_to_use", .string(safeToUse ? "true" : "false")), ("sha256", sha256.map { .string($0) }),
                ("state", state.map { .string($0) }), ("expected", actual == nil ? nil : sha256.map { .string($0) }),
                ("actual", actual.map { .string($0) }), ("file", file.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        status = try fields.requiredString("status")
        safeToUse = try fields.requiredString("safe_to_use") == "true"
        sha256 = try fields.optionalString("sha256")
        state = try fields.optionalString("state")
        actual = try fields.optionalString("actual")
        file = try fields.optionalString("file")
    }
}

/// Answer of `verify-all`, of `/v1/integrity/status`, and the file of the last sweep.
public struct SweepDocument: WireDocument, Hashable {
    /// `ok`, `failed`, `incomplete` when nothing failed and something could not be checked, or `unknown` before the
    /// first sweep.
    public var status: String
    /// Artifacts whose bytes were compared, failed ones included.
    public var checked: UInt64
    public var failures: UInt64
    /// Artifacts that could not be checked.
    public var undecided: UInt64
    public var verifiedAt: String?
    /// Bytes that were read.
    public var bytes: UInt64
    /// At most 1,000, those that are not verified before others.
    public var models: [VerificationDocument]
    /// Artifacts that are counted and not among `models`.
    public var modelsOmitted: UInt64

    public init(
        status: String, checked: UInt64, failures: UInt64, undecided: UInt64, verifiedAt: String?, bytes: UInt64,
        models: [VerificationDocument], modelsOmitted: UInt64
    ) {
        self.status = status
        self.checked = checked
        self.failures = failures
        self.undecided = undecided
        self.verifiedAt = verifiedAt
        self.bytes = bytes
        self.models = models
        self.modelsOmitted = modelsOmitted
    }

    public static let unknown = SweepDocument(
        status: "unknown", checked: 0, failures: 0, undecided: 0, verifiedAt: nil, bytes: 0, models: [],
        modelsOmitted: 0)

    public var json: JSONValue {
        guard let verifiedAt else { return ["status": .string(status)] }
        return [
            "status": .string(status), "checked": .integer(checked), "failures": .integer(failures),
            "undecided": .integer(undecided), "verified_at": .string(verifiedAt), "checked_at": .string(verifiedAt),
            "bytes": .integer(bytes), "models": .array(models.map(\.json)), "models_omitted": .integer(modelsOmitted),
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        status = try fields.requiredString("status")
        checked = try fields.optionalUInt64("checked") ?? 0
        failures = try fields.optionalUInt64("failures") ?? 0
        undecided = try fields.optionalUInt64("undecided") ?? 0
        verifiedAt = try fields.optionalString("verified_at")
        bytes = try fields.optionalUInt64("bytes") ?? 0
        models = []
        for row in try fields.optionalArray("models") ?? [] { models.append(try VerificationDocument(json: row)) }
        modelsOmitted = try fields.optionalUInt64("models_omitted") ?? 0
    }
}

/// Answer of `POST /v1/model/verify-manifest` for one artifact.
public struct TensorCheckDocument: WireDocument, Hashable {
    public var name: String
    /// `verified`, `skipped` (no tensors in it), `failed`.
    public var status: String
    public var tensors: UInt64
    /// Names of the tensors that changed.
    public var changed: [String]

    public init(name: String, status: String, tensors: UInt64, changed: [String]) {
        self.name = name
        self.status = status
        self.tensors = tensors
        self.changed = changed
    }

    public var json: JSONValue {
        [
            "name": .string(name), "status": .string(status), "tensors": .integer(tensors),
            "changed": .array(changed.map { .string($0) }),
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        status = try fields.requiredString("status")
        tensors = try fields.requiredUInt64("tensors")
        changed = try fields.optionalStrings("changed") ?? []
    }
}

/// Answer of `POST /v1/model/verify-manifest` for everything.
public struct TensorSweepDocument: WireDocument, Hashable {
    /// `verified` or `failed`.
    public var status: String
    public var checked: UInt64
    /// At most 1,000, those that failed before others.
    public var models: [TensorCheckDocument]
    /// Artifacts that are counted and not among `models`.
    public var modelsOmitted: UInt64

    public init(status: String, checked: UInt64, models: [TensorCheckDocument], modelsOmitted: UInt64) {
        self.status = status
        self.checked = checked
        self.models = models
        self.modelsOmitted = modelsOmitted
    }

    public var json: JSONValue {
        [
            "status": .string(status), "checked": .integer(checked), "models": .array(models.map(\.json)),
            "models_omitted": .integer(modelsOmitted),
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        status = try fields.requiredString("status")
        checked = try fields.optionalUInt64("checked") ?? 0
        models = []
        for row in try fields.requiredArray("models") { models.append(try TensorCheckDocument(json: row)) }
        modelsOmitted = try fields.optionalUInt64("models_omitted") ?? 0
    }
}
