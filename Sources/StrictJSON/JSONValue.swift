/// A JSON document, or a part of one, as RFC 8259 defines it.
///
/// Equality is exact: numbers compare as written (`1` is not `1.0`) and objects compare with the order of their
/// members.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// A number without fraction.
    public static func integer(_ value: some FixedWidthInteger) -> JSONValue {
        .number(JSONNumber(value))
    }

    public var isNull: Bool {
        self == .null
    }

    public var asBool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var asNumber: JSONNumber? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    public var asString: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    public var asArray: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    public var asObject: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The standard's word for the kind of this value, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral {
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }
}

extension JSONValue: ExpressibleByFloatLiteral {
    /// A literal too large for a `Double` is null.
    public init(floatLiteral value: Double) {
        self = JSONNumber(value).map(JSONValue.number) ?? .null
    }
}

extension JSONValue: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}
