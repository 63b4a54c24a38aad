public import StrictJSON

/// A tag in `/v1/repositories/{name}/tags`.
public struct TagDocument: WireDocument, Hashable {
    public var tag: String
    /// Digest of the manifest that it points at.
    public var digest: String
    /// The name of that version, for every other operation.
    public var name: String
    public var state: String
    public var format: String

    public init(tag: String, digest: String, name: String, state: String, format: String) {
        self.tag = tag
        self.digest = digest
        self.name = name
        self.state = state
        self.format = format
    }

    public var json: JSONValue {
        [
            "tag": .string(tag), "digest": .string(digest), "name": .string(name), "state": .string(state),
            "format": .string(format),
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        tag = try fields.requiredString("tag")
        digest = try fields.requiredString("digest")
        name = try fields.requiredString("name")
        state = try fields.requiredString("state")
        format = try fields.requiredString("format")
    }
}

/// One change of a tag in `/v1/repositories/{name}/tags/{tag}/history`.
public struct TagChangeDocument: WireDocument, Hashable {
    /// Index of the leaf in the log.
    public var index: UInt64
    /// RFC 3339, UTC.
    public var time: String
    public var actor: String
    /// What the tag pointed at from then on; absent when it was removed.
    public var digest: String?
    /// What it pointed at before.
    public var previous: String?

    public init(index: UInt64, time: String, actor: String, digest: String?, previous: String?) {
        self.index = index
        self.time = time
        self.actor = actor
        self.digest = digest
        self.previous = previous
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("index", .integer(index)), ("time", .string(time)), ("actor", .string(actor)),
                ("digest", digest.map { .string($0) }), ("previous", previous.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        index = try fields.requiredUInt64("index")
        time = try fields.requiredString("time")
        actor = try fields.requiredString("actor")
        digest = try fields.optionalString("digest")
        previous = try fields.optionalString("previous")
    }
}

/// What a tag is to point at: the body of `PUT /v1/repositories/{name}/tags/{tag}`, and the answer to every change.
public struct TagTargetDocument: WireDocument, Hashable {
    public var digest: String
    /// What it pointed at before; in answers only.
    public var previous: String?

    public init(digest: String, previous: String? = nil) {
        self.digest = digest
        self.previous = previous
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("digest", .string(digest)), ("previous", previous.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        digest = try fields.requiredString("digest")
        previous = try fields.optionalString("previous")
        try fields.finish()
    }
}
