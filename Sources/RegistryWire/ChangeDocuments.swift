public import StrictJSON

/// Body of quarantine, revoke and delete. All of it may be absent.
public struct ChangeRequest: WireDocument, Hashable {
    public var reason: String?
    /// Revoke only: withdraw these bytes under every name.
    public var digest: Bool

    public init(reason: String? = nil, digest: Bool = false) {
        self.reason = reason
        self.digest = digest
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("reason", reason.map { .string($0) }), ("digest", digest ? .bool(true) : nil),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        reason = try fields.optionalString("reason")
        digest = try fields.optionalBool("digest") ?? false
        try fields.finish()
    }
}

/// Answer of quarantine, revoke and delete.
public struct ChangeDocument: WireDocument, Hashable {
    public var name: String
    /// `quarantined`, `already_quarantined`, `revoked`, `already_revoked`, `deleted`, `already_deleted`.
    public var status: String
    /// Every name that was changed, when the change went by digest, or reached what an index lists.
    public var names: [String]?
    /// What stays as it is, although somebody may think that it was meant.
    public var kept: [KeptDocument]?

    public init(name: String, status: String, names: [String]? = nil, kept: [KeptDocument]? = nil) {
        self.name = name
        self.status = status
        self.names = names
        self.kept = kept
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("status", .string(status)),
                ("names", names.map { .array($0.map { .string($0) }) }),
                ("kept", kept.map { .array($0.map(\.json)) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        status = try fields.requiredString("status")
        names = try fields.optionalStrings("names")
        if let rows = try fields.optionalArray("kept") {
            var kept: [KeptDocument] = []
            for row in rows { kept.append(try KeptDocument(json: row)) }
            self.kept = kept
        }
    }
}

/// Something that a change did not reach, and why.
public struct KeptDocument: WireDocument, Hashable {
    public var name: String
    /// `index`, `tag` or `bytes`.
    public var reason: String
    /// The index that lists it, the tag that points at it, or the digest of what it has, too.
    public var by: String

    public init(name: String, reason: String, by: String) {
        self.name = name
        self.reason = reason
        self.by = by
    }

    public var json: JSONValue {
        ["name": .string(name), "reason": .string(reason), "by": .string(by)]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        reason = try fields.requiredString("reason")
        by = try fields.requiredString("by")
    }
}

/// Answer of a dry run, and `detail` of a refusal.
public struct DecisionDocument: WireDocument, Hashable {
    public var name: String
    /// `admitted`, `refused`, `undecided`.
    public var outcome: String
    public var reasons: [String]
    public var codes: [String]
    /// Name, version and digest of the policy.
    public var policy: JSONValue
    public var trace: JSONValue
    public var findings: JSONValue
    public var facts: JSONValue
    /// The waivers without which it would be another decision.
    public var waivers: JSONValue
    /// What became of each bundle about the artifact: who signed it, and what it counts for.
    public var signatures: JSONValue

    public init(
        name: String, outcome: String, reasons: [String], codes: [String], policy: JSONValue, trace: JSONValue,
        findings: JSONValue, facts: JSONValue, waivers: JSONValue, signatures: JSONValue
    ) {
        self.name = name
        self.outcome = outcome
        self.reasons = reasons
        self.codes = codes
        self.policy = policy
        self.trace = trace
        self.findings = findings
        self.facts = facts
        self.waivers = waivers
        self.signatures = signatures
    }

    public var json: JSONValue {
        [
            "name": .string(name), "outcome": .string(outcome), "reasons": .array(reasons.map { .string($0) }),
            "codes": .array(codes.map { .string($0) }), "policy": policy, "trace": trace, "findings": findings,
            "facts": facts, "waivers": waivers, "signatures": signatures,
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        outcome = try fields.requiredString("outcome")
        reasons = try fields.optionalStrings("reasons") ?? []
        codes = try fields.optionalStrings("codes") ?? []
        policy = fields.optionalValue("policy") ?? .null
        trace = fields.optionalValue("trace") ?? .null
        findings = fields.optionalValue("findings") ?? .null
        facts = fields.optionalValue("facts") ?? .null
        waivers = fields.optionalValue("waivers") ?? []
        signatures = fields.optionalValue("signatures") ?? []
    }
}
