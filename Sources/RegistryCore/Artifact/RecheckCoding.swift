import OCI
public import StrictJSON

extension Recheck {
    /// The members of the event, in the order in which they are written.
    var members: [(String, JSONValue)] {
        [
            ("rules", .string(rules)), ("policy_version", .string(policyVersion)),
            ("policy", .string(policyDigest.description)), ("decision", .string(decision.description)),
            ("outcome", .string(outcome)), ("codes", .array(codes.map { .string($0) })),
        ]
    }

    init(from fields: inout FieldReader) throws {
        rules = try fields.requiredString("rules")
        policyVersion = try fields.requiredString("policy_version")
        policyDigest = try RegistryEvent.digest(fields.requiredString("policy"), "policy")
        decision = try RegistryEvent.digest(fields.requiredString("decision"), "decision")
        outcome = try fields.requiredString("outcome")
        guard let codes = try fields.optionalStrings("codes") else { throw FieldFault.missing("codes") }
        self.codes = codes
    }

    /// As stores keep it with the record.
    public var json: JSONValue { .object(JSONObject(members)) }

    /// - Throws: `FieldFault` or `EventFault` for what is none.
    public init(json: JSONValue) throws {
        var fields = try FieldReader(json)
        try self.init(from: &fields)
        try fields.finish()
    }
}
