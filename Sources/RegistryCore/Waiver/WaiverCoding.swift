import OCI
public import StrictJSON

extension WaiverTerms {
    /// The members of the event that grants it.
    var members: [(String, JSONValue)] {
        [("rule", .string(rule))] + (file.map { [("file", .string($0.description))] } ?? [])
            + (member.map { [("member", .string($0))] } ?? []) + [("reason", .string(reason))]
            + (ticket.map { [("ticket", .string($0))] } ?? []) + [("expires", .string(expires.description))]
    }

    init(from fields: inout FieldReader) throws {
        rule = try fields.requiredString("rule")
        file = try fields.optionalString("file").map { text in try RegistryEvent.digest(text, "file") }
        member = try fields.optionalString("member")
        reason = try fields.requiredString("reason")
        ticket = try fields.optionalString("ticket")
        expires = try RegistryEvent.known(Timestamp(parsing: fields.requiredString("expires")), "expires")
    }
}

extension WaiverEnd {
    var members: [(String, JSONValue)] {
        switch self {
        case .expired: [("cause", .string("expired"))]
        case .revoked(let reason):
            [("cause", .string("revoked"))] + (reason.map { [("reason", .string($0))] } ?? [])
        }
    }

    init(from fields: inout FieldReader) throws {
        switch try fields.requiredString("cause") {
        case "expired": self = .expired
        case "revoked": self = .revoked(reason: try fields.optionalString("reason"))
        default: throw EventFault.unknownValue(field: "cause")
        }
    }
}

extension Waiver {
    /// The waiver as stores keep it with its version's record, and as lists show it.
    public var json: JSONValue {
        .object(
            JSONObject(
                [("id", .number(JSONNumber(id)))] + terms.members + [
                    ("granted_by", .string(grantedBy.description)), ("granted_at", .string(grantedAt.description)),
                ]))
    }

    /// - Throws: `FieldFault` or `EventFault` for what is none.
    public init(json: JSONValue) throws {
        var fields = try FieldReader(json)
        id = try fields.requiredUInt64("id")
        terms = try WaiverTerms(from: &fields)
        grantedBy = try RegistryEvent.known(Actor(parsing: fields.requiredString("granted_by")), "granted_by")
        grantedAt = try RegistryEvent.known(Timestamp(parsing: fields.requiredString("granted_at")), "granted_at")
        try fields.finish()
    }
}
