/// Takes the fields of one object by name and type, and notices those that nobody took.
///
/// An optional field that is null counts as absent, as most clients write it; a required one does not.
public struct FieldReader: Sendable {
    private let object: JSONObject
    private var taken: [Bool]

    public init(_ object: JSONObject) {
        self.object = object
        taken = Array(repeating: false, count: object.count)
    }

    /// - Parameter field: what to call the value in the fault when it is no object.
    public init(_ value: JSONValue, field: String = "") throws(FieldFault) {
        guard let object = value.asObject else {
            throw FieldFault.wrongType(field, expected: "an object")
        }
        self.init(object)
    }

    /// Throws `.unknown` with the first field that was not asked for.
    public func finish() throws(FieldFault) {
        if let index = taken.firstIndex(of: false) {
            throw FieldFault.unknown(object.members[index].name)
        }
    }

    public mutating func requiredString(_ name: String) throws(FieldFault) -> String {
        try required(name, "a string") { $0.asString }
    }

    public mutating func optionalString(_ name: String) throws(FieldFault) -> String? {
        try optional(name, "a string") { $0.asString }
    }

    public mutating func requiredBool(_ name: String) throws(FieldFault) -> Bool {
        try required(name, "true or false") { $0.asBool }
    }

    public mutating func optionalBool(_ name: String) throws(FieldFault) -> Bool? {
        try optional(name, "true or false") { $0.asBool }
    }

    public mutating func requiredUInt64(_ name: String) throws(FieldFault) -> UInt64 {
        try required(name, "a whole number, not negative") { $0.asNumber?.uint64 }
    }

    public mutating func optionalUInt64(_ name: String) throws(FieldFault) -> UInt64? {
        try optional(name, "a whole number, not negative") { $0.asNumber?.uint64 }
    }

    public mutating func requiredInt64(_ name: String) throws(FieldFault) -> Int64 {
        try required(name, "a whole number") { $0.asNumber?.int64 }
    }

    public mutating func optionalInt64(_ name: String) throws(FieldFault) -> Int64? {
        try optional(name, "a whole number") { $0.asNumber?.int64 }
    }

    public mutating func requiredDouble(_ name: String) throws(FieldFault) -> Double {
        try required(name, "a number") { $0.asNumber?.double }
    }

    public mutating func optionalDouble(_ name: String) throws(FieldFault) -> Double? {
        try optional(name, "a number") { $0.asNumber?.double }
    }

    public mutating func requiredArray(_ name: String) throws(FieldFault) -> [JSONValue] {
        try required(name, "an array") { $0.asArray }
    }

    public mutating func optionalArray(_ name: String) throws(FieldFault) -> [JSONValue]? {
        try optional(name, "an array") { $0.asArray }
    }

    public mutating func requiredObject(_ name: String) throws(FieldFault) -> JSONObject {
        try required(name, "an object") { $0.asObject }
    }

    public mutating func optionalObject(_ name: String) throws(FieldFault) -> JSONObject? {
        try optional(name, "an object") { $0.asObject }
    }

    /// An array whose elements are all strings.
    public mutating func optionalStrings(_ name: String) throws(FieldFault) -> [String]? {
        try optional(name, "an array of strings") { value in
            guard let elements = value.asArray else { return nil }
            let strings = elements.compactMap(\.asString)
            return strings.count == elements.count ? strings : nil
        }
    }

    /// An object whose values are all strings.
    public mutating func optionalStringMap(_ name: String) throws(FieldFault) -> [String: String]? {
        try optional(name, "an object of strings") { value in
            guard let object = value.asObject else { return nil }
            var map: [String: String] = [:]
            for member in object.members {
                guard let text = member.value.asString else { return nil }
                map[member.name] = text
            }
            // Two names may differ in bytes and yet be one key of a Swift dictionary.
            return map.count == object.count ? map : nil
        }
    }

    /// Any value, null included.
    public mutating func optionalValue(_ name: String) -> JSONValue? {
        guard let index = object.index(of: name) else { return nil }
        taken[index] = true
        return object.members[index].value
    }

    private mutating func required<Value>(
        _ name: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(FieldFault) -> Value {
        guard let value = optionalValue(name) else { throw FieldFault.missing(name) }
        guard let result = read(value) else { throw FieldFault.wrongType(name, expected: expected) }
        return result
    }

    private mutating func optional<Value>(
        _ name: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(FieldFault) -> Value? {
        guard let value = optionalValue(name), value != .null else { return nil }
        guard let result = read(value) else { throw FieldFault.wrongType(name, expected: expected) }
        return result
    }
}
