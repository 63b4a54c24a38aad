public import StrictJSON

/// Answer of `/health`.
public struct HealthDocument: WireDocument, Hashable {
    /// `ok` or `degraded`.
    public var status: String
    public var modelCount: UInt64
    public var trustedCount: UInt64
    /// Every state, in the order of the lifecycle.
    public var stateCounts: [(state: String, count: UInt64)]
    public var authRequired: Bool
    public var version: String
    /// Why it is degraded.
    public var reasons: [String]

    public init(
        status: String, modelCount: UInt64, trustedCount: UInt64, stateCounts: [(state: String, count: UInt64)],
        authRequired: Bool, version: String, reasons: [String]
    ) {
        self.status = status
        self.modelCount = modelCount
        self.trustedCount = trustedCount
        self.stateCounts = stateCounts
        self.authRequired = authRequired
        self.version = version
        self.reasons = reasons
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("status", .string(status)), ("model_count", .integer(modelCount)),
                ("trusted_count", .integer(trustedCount)),
                ("state_counts", .object(JSONObject(stateCounts.map { ($0.state, .integer($0.count)) }))),
                ("auth_required", .bool(authRequired)), ("version", .string(version)),
                ("reasons", reasons.isEmpty ? nil : .array(reasons.map { .string($0) })),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        status = try fields.requiredString("status")
        modelCount = try fields.requiredUInt64("model_count")
        trustedCount = try fields.requiredUInt64("trusted_count")
        stateCounts = []
        for member in try fields.requiredObject("state_counts").members {
            guard let count = member.value.asNumber?.uint64 else {
                throw .impossible("state_counts", expected: "counts")
            }
            stateCounts.append((member.name, count))
        }
        authRequired = try fields.requiredBool("auth_required")
        version = try fields.requiredString("version")
        reasons = try fields.optionalStrings("reasons") ?? []
    }

    public static func == (left: HealthDocument, right: HealthDocument) -> Bool { left.json == right.json }
    public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

/// Answer of `GET /v1/policy`, and what a policy file says.
public struct PolicyDocument: WireDocument, Hashable {
    /// A rule without its conditions.
    public struct Rule: Sendable, Hashable {
        public var id: String
        /// `admit` or `deny`.
        public var effect: String
        public var message: String

        public init(id: String, effect: String, message: String) {
            self.id = id
            self.effect = effect
            self.message = message
        }
    }

    public var name: String
    public var version: String
    /// Of the file's bytes.
    public var digest: String
    public var rules: [Rule]
    /// What is asked of files, by the group of their format; `nil` when the policy leaves that to its rules.
    public var formats: JSONObject?
    /// Which signatures artifacts need; empty when the policy asks for none.
    public var verification: [JSONValue]
    /// Whether bytes have to come with their digest, unless they need signatures.
    public var requireIntegrity: Bool
    /// What people may answer for: `verdicts`, `rules`, `except`, `days_max`.
    public var waivers: JSONObject
    /// `report` or `quarantine`.
    public var onRecheckFailure: String

    public init(
        name: String, version: String, digest: String, rules: [Rule], formats: JSONObject?,
        verification: [JSONValue] = [], requireIntegrity: Bool = false, waivers: JSONObject, onRecheckFailure: String
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.rules = rules
        self.formats = formats
        self.verification = verification
        self.requireIntegrity = requireIntegrity
        self.waivers = waivers
        self.onRecheckFailure = onRecheckFailure
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("version", .string(version)), ("digest", .string(digest)),
                (
                    "rules",
                    .array(
                        rules.map { rule in
                            ["id": .string(rule.id), "effect": .string(rule.effect), "message": .string(rule.message)]
                        })
                ),
                ("formats", formats.map { .object($0) }),
                ("verification", verification.isEmpty ? nil : .array(verification)),
                ("require_integrity", requireIntegrity ? .bool(true) : nil), ("waivers", .object(waivers)),
                ("on_recheck_failure", .string(onRecheckFailure)),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        version = try fields.requiredString("version")
        digest = try fields.requiredString("digest")
        rules = []
        for row in try fields.requiredArray("rules") {
            var rule = try FieldReader(row, field: "rules")
            rules.append(
                Rule(
                    id: try rule.requiredString("id"), effect: try rule.requiredString("effect"),
                    message: try rule.requiredString("message")))
        }
        formats = try fields.optionalObject("formats")
        verification = try fields.optionalArray("verification") ?? []
        requireIntegrity = try fields.optionalBool("require_integrity") ?? false
        waivers = try fields.optionalObject("waivers") ?? JSONObject()
        onRecheckFailure = try fields.optionalString("on_recheck_failure") ?? "report"
    }
}

/// Every error answer of the API.
public struct ErrorDocument: WireDocument, Hashable {
    /// One sentence.
    public var error: String
    /// A name that stays: `docs/reference/errors.md`.
    public var code: String
    public var detail: JSONObject

    public init(error: String, code: String, detail: JSONObject) {
        self.error = error
        self.code = code
        self.detail = detail
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("error", .string(error)), ("code", .string(code)), ("detail", detail.isEmpty ? nil : .object(detail)),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        error = try fields.requiredString("error")
        code = try fields.requiredString("code")
        detail = try fields.optionalObject("detail") ?? JSONObject()
    }
}
