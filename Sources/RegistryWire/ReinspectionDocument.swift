public import StrictJSON

/// Answer of `GET /v1/reinspection`.
public struct ReinspectionDocument: WireDocument, Hashable {
    public struct Failure: Sendable, Hashable {
        public var name: String
        public var codes: [String]

        public init(name: String, codes: [String]) {
            self.name = name
            self.codes = codes
        }
    }

    /// `unknown` before the first round, `running`, `done`, or `stopped`, after which it goes on later.
    public var status: String
    /// The version of the rules that are in force, and the digest of the policy.
    public var rules: String?
    public var policy: String?
    /// Trusted artifacts that still have to be looked at.
    public var outdated: UInt64
    /// What came of those that were looked at in this round.
    public var admitted: UInt64
    public var refused: UInt64
    public var quarantined: UInt64
    public var unresolved: UInt64
    /// Trusted artifacts that are not admitted any more, and the first of them.
    public var failing: UInt64
    public var failures: [Failure]
    /// The code of what stopped it.
    public var fault: String?
    public var startedAt: String?
    public var endedAt: String?

    public init(
        status: String, rules: String?, policy: String?, outdated: UInt64, admitted: UInt64, refused: UInt64,
        quarantined: UInt64, unresolved: UInt64, failing: UInt64, failures: [Failure], fault: String?,
        startedAt: String?, endedAt: String?
    ) {
        self.status = status
        self.rules = rules
        self.policy = policy
        self.outdated = outdated
        self.admitted = admitted
        self.refused = refused
        self.quarantined = quarantined
        self.unresolved = unresolved
        self.failing = failing
        self.failures = failures
        self.fault = fault
        self.startedAt = startedAt
        self.endedAt = endedAt
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("status", .string(status)), ("rules", rules.map { .string($0) }),
                ("policy", policy.map { .string($0) }), ("outdated", .integer(outdated)),
                ("admitted", .integer(admitted)), ("refused", .integer(refused)),
                ("quarantined", .integer(quarantined)), ("unresolved", .integer(unresolved)),
                ("failing", .integer(failing)),
                (
                    "failures",
                    .array(
                        failures.map { failure in
                            ["name": .string(failure.name), "codes": .array(failure.codes.map { .string($0) })]
                        })
                ),
                ("fault", fault.map { .string($0) }), ("started_at", startedAt.map { .string($0) }),
                ("ended_at", endedAt.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        status = try fields.requiredString("status")
        rules = try fields.optionalString("rules")
        policy = try fields.optionalString("policy")
        outdated = try fields.requiredUInt64("outdated")
        admitted = try fields.requiredUInt64("admitted")
        refused = try fields.requiredUInt64("refused")
        quarantined = try fields.requiredUInt64("quarantined")
        unresolved = try fields.requiredUInt64("unresolved")
        failing = try fields.requiredUInt64("failing")
        failures = []
        for row in try fields.requiredArray("failures") {
            var failure = try FieldReader(row, field: "failures")
            failures.append(
                Failure(name: try failure.requiredString("name"), codes: try failure.optionalStrings("codes") ?? []))
        }
        fault = try fields.optionalString("fault")
        startedAt = try fields.optionalString("started_at")
        endedAt = try fields.optionalString("ended_at")
    }
}
