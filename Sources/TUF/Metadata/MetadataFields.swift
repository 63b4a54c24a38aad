internal import StrictJSON

/// What is wrong with a piece of metadata, before it is said whose it is.
enum MetadataFault: Error, Hashable {
    case malformed(String)
    case unsupported(String)

    func refusal(_ role: RoleName) -> TUFRefusal {
        switch self {
        case .malformed(let sentence): TUFRefusal(role, .malformed(sentence))
        case .unsupported(let sentence): TUFRefusal(role, .unsupported(sentence))
        }
    }
}

/// Takes members of an object by name and type. Members that nobody asks for stay: they are signed, and mean nothing
/// here (TUF 4.1).
struct MetadataFields {
    private var reader: FieldReader

    init(_ object: JSONObject) {
        reader = FieldReader(object)
    }

    init(_ value: JSONValue, _ what: String) throws(MetadataFault) {
        guard let object = value.asObject else { throw .malformed("\(what) is no object") }
        self.init(object)
    }

    mutating func requiredString(_ name: String) throws(MetadataFault) -> String {
        try read { reader throws(FieldFault) in try reader.requiredString(name) }
    }

    mutating func requiredObject(_ name: String) throws(MetadataFault) -> JSONObject {
        try read { reader throws(FieldFault) in try reader.requiredObject(name) }
    }

    mutating func optionalObject(_ name: String) throws(MetadataFault) -> JSONObject? {
        try read { reader throws(FieldFault) in try reader.optionalObject(name) }
    }

    mutating func requiredArray(_ name: String) throws(MetadataFault) -> [JSONValue] {
        try read { reader throws(FieldFault) in try reader.requiredArray(name) }
    }

    mutating func optionalBool(_ name: String) throws(MetadataFault) -> Bool? {
        try read { reader throws(FieldFault) in try reader.optionalBool(name) }
    }

    mutating func requiredBool(_ name: String) throws(MetadataFault) -> Bool {
        try read { reader throws(FieldFault) in try reader.requiredBool(name) }
    }

    mutating func optionalStrings(_ name: String) throws(MetadataFault) -> [String]? {
        try read { reader throws(FieldFault) in try reader.optionalStrings(name) }
    }

    mutating func requiredStrings(_ name: String) throws(MetadataFault) -> [String] {
        guard let strings = try optionalStrings(name) else { throw .malformed("the field \"\(name)\" is missing") }
        return strings
    }

    mutating func optionalLength() throws(MetadataFault) -> UInt64? {
        try read { reader throws(FieldFault) in try reader.optionalUInt64("length") }
    }

    mutating func requiredLength() throws(MetadataFault) -> UInt64 {
        try read { reader throws(FieldFault) in try reader.requiredUInt64("length") }
    }

    /// A version: greater than 0.
    mutating func version() throws(MetadataFault) -> UInt64 {
        try positive("version")
    }

    mutating func positive(_ name: String) throws(MetadataFault) -> UInt64 {
        let number = try read { reader throws(FieldFault) in try reader.requiredUInt64(name) }
        guard number > 0 else { throw .malformed("the field \"\(name)\" must be greater than 0") }
        return number
    }

    func has(_ name: String) -> Bool {
        var reader = reader
        return reader.optionalValue(name) != nil
    }

    private mutating func read<Value>(
        _ body: (inout FieldReader) throws(FieldFault) -> Value
    ) throws(MetadataFault) -> Value {
        do throws(FieldFault) { return try body(&reader) } catch { throw .malformed(error.description) }
    }
}
