public import StrictJSON

/// A value that travels as a JSON object, written by one end and read by the other.
public protocol WireDocument: Sendable {
    var json: JSONValue { get }
    /// - Throws: `FieldFault` naming the member that is missing, of the wrong type, or unknown.
    init(json: JSONValue) throws(FieldFault)
}

extension WireDocument {
    /// The body's bytes: compact JSON.
    public var encoded: [UInt8] { json.encoded() }
}

extension FieldFault {
    /// A member that is there and holds something impossible.
    static func impossible(_ field: String, expected: String) -> FieldFault {
        .wrongType(field, expected: expected)
    }
}
