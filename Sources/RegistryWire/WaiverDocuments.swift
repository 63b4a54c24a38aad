public import StrictJSON

/// Body of `POST /v1/waivers`.
public struct WaiverRequest: WireDocument, Hashable {
    public var rule: String
    /// Of a version, or of one file.
    public var digest: String
    /// A name, or `team/*`.
    public var name: String?
    public var member: String?
    public var reason: String
    public var ticket: String?
    /// RFC 3339; or else `days`.
    public var expires: String?
    /// How many days it lasts from now on.
    public var days: UInt64?

    public init(
        rule: String, digest: String, name: String? = nil, member: String? = nil, reason: String,
        ticket: String? = nil, expires: String? = nil, days: UInt64? = nil
    ) {
        self.rule = rule
        self.digest = digest
        self.name = name
        self.member = member
        self.reason = reason
        self.ticket = ticket
        self.expires = expires
        self.days = days
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("rule", .string(rule)), ("digest", .string(digest)), ("name", name.map { .string($0) }),
                ("member", member.map { .string($0) }), ("reason", .string(reason)),
                ("ticket", ticket.map { .string($0) }), ("expires", expires.map { .string($0) }),
                ("days", days.map { .integer($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        rule = try fields.requiredString("rule")
        digest = try fields.requiredString("digest")
        name = try fields.optionalString("name")
        member = try fields.optionalString("member")
        reason = try fields.requiredString("reason")
        ticket = try fields.optionalString("ticket")
        expires = try fields.optionalString("expires")
        days = try fields.optionalUInt64("days")
        try fields.finish()
    }
}

/// A waiver, and the artifact that it is of.
public struct WaiverDocument: WireDocument, Hashable {
    /// The index of the log's entry that granted it.
    public var id: UInt64
    public var name: String
    /// The digest of the version.
    public var version: String
    public var rule: String
    /// Of the one file that it is for; `nil` for all files of the version.
    public var file: String?
    public var member: String?
    public var reason: String
    public var ticket: String?
    /// RFC 3339, as every time here.
    public var expires: String
    public var grantedBy: String
    public var grantedAt: String
    /// Whether the version is trusted by it now.
    public var inUse: Bool

    public init(
        id: UInt64, name: String, version: String, rule: String, file: String?, member: String?, reason: String,
        ticket: String?, expires: String, grantedBy: String, grantedAt: String, inUse: Bool
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.rule = rule
        self.file = file
        self.member = member
        self.reason = reason
        self.ticket = ticket
        self.expires = expires
        self.grantedBy = grantedBy
        self.grantedAt = grantedAt
        self.inUse = inUse
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("id", .integer(id)), ("name", .string(name)), ("version", .string(version)), ("rule", .string(rule)),
                ("file", file.map { .string($0) }), ("member", member.map { .string($0) }),
                ("reason", .string(reason)), ("ticket", ticket.map { .string($0) }), ("expires", .string(expires)),
                ("granted_by", .string(grantedBy)), ("granted_at", .string(grantedAt)), ("in_use", .bool(inUse)),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        id = try fields.requiredUInt64("id")
        name = try fields.requiredString("name")
        version = try fields.requiredString("version")
        rule = try fields.requiredString("rule")
        file = try fields.optionalString("file")
        member = try fields.optionalString("member")
        reason = try fields.requiredString("reason")
        ticket = try fields.optionalString("ticket")
        expires = try fields.requiredString("expires")
        grantedBy = try fields.requiredString("granted_by")
        grantedAt = try fields.requiredString("granted_at")
        inUse = try fields.requiredBool("in_use")
    }
}
