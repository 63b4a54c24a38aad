public import StrictJSON

/// How far a long operation is: the data of its `progress` events.
public struct ProgressDocument: WireDocument, Hashable {
    /// `waiting`, `copying`, `inspecting`, `hashing`, `deciding`; later versions may add some.
    public var phase: String
    /// Which file of the artifact is worked on.
    public var file: String?
    /// Of that file, in this phase. Both are 0 where bytes are no measure.
    public var bytesDone: UInt64
    public var bytesTotal: UInt64

    public init(phase: String, file: String?, bytesDone: UInt64, bytesTotal: UInt64) {
        self.phase = phase
        self.file = file
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("phase", .string(phase)), ("file", file.map { .string($0) }), ("bytes_done", .integer(bytesDone)),
                ("bytes_total", .integer(bytesTotal)),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        phase = try fields.requiredString("phase")
        file = try fields.optionalString("file")
        bytesDone = try fields.requiredUInt64("bytes_done")
        bytesTotal = try fields.requiredUInt64("bytes_total")
    }
}

/// The last event of a long operation: what the plain answer would be.
public struct AnswerDocument: WireDocument, Hashable {
    /// HTTP status.
    public var status: Int
    public var document: JSONValue

    public init(status: Int, document: JSONValue) {
        self.status = status
        self.document = document
    }

    public var json: JSONValue { ["status": .integer(status), "document": document] }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        guard let status = Int(exactly: try fields.requiredUInt64("status")), (200..<600).contains(status) else {
            throw .impossible("status", expected: "an HTTP status")
        }
        self.status = status
        document = fields.optionalValue("document") ?? .null
    }
}
