public import StrictJSON

/// One event in `/v1/model/{name}/events` or `/v1/audit`.
public struct EventDocument: WireDocument, Hashable {
    /// Index of the leaf in the log.
    public var index: UInt64
    /// The event as the log holds it, parsed.
    public var event: JSONValue
    /// Base64 of the leaf's bytes, so that a client can check inclusion.
    public var leaf: String

    public init(index: UInt64, event: JSONValue, leaf: String) {
        self.index = index
        self.event = event
        self.leaf = leaf
    }

    public var json: JSONValue {
        ["index": .integer(index), "event": event, "leaf": .string(leaf)]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        index = try fields.requiredUInt64("index")
        event = fields.optionalValue("event") ?? .null
        leaf = try fields.requiredString("leaf")
    }
}

/// One document of evidence in `/v1/model/{name}/evidence`.
public struct EvidenceDocument: WireDocument, Hashable {
    /// `inspection`, `decision`, `claim`.
    public var kind: String
    public var digest: String
    public var sizeBytes: UInt64
    public var time: String
    /// The event that cites it.
    public var eventIndex: UInt64

    public init(kind: String, digest: String, sizeBytes: UInt64, time: String, eventIndex: UInt64) {
        self.kind = kind
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.time = time
        self.eventIndex = eventIndex
    }

    public var json: JSONValue {
        [
            "kind": .string(kind), "digest": .string(digest), "size_bytes": .integer(sizeBytes),
            "time": .string(time), "event_index": .integer(eventIndex),
        ]
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        kind = try fields.requiredString("kind")
        digest = try fields.requiredString("digest")
        sizeBytes = try fields.requiredUInt64("size_bytes")
        time = try fields.requiredString("time")
        eventIndex = try fields.requiredUInt64("event_index")
    }
}
