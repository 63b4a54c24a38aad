/// A metadata value, as far as it is kept.
public enum GGUFValue: Sendable, Hashable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case uint64(UInt64)
    case int64(Int64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    /// A string that is longer than we keep, or that is not UTF-8.
    case digestedString(sizeBytes: UInt64, sha256: [UInt8])
    /// Elements are skipped: a vocabulary has hundreds of thousands.
    case array(of: GGUFValueType, count: UInt64)

    /// The value of any of the integer types, if it is not negative.
    public var unsigned: UInt64? {
        switch self {
        case .uint8(let value): UInt64(value)
        case .uint16(let value): UInt64(value)
        case .uint32(let value): UInt64(value)
        case .uint64(let value): value
        case .int8(let value): UInt64(exactly: value)
        case .int16(let value): UInt64(exactly: value)
        case .int32(let value): UInt64(exactly: value)
        case .int64(let value): UInt64(exactly: value)
        case .float32, .float64, .bool, .string, .digestedString, .array: nil
        }
    }

    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}

/// `enum gguf_metadata_value_type` of the GGUF specification.
public enum GGUFValueType: UInt32, Sendable, Hashable, CaseIterable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The fewest bytes that one value takes: what a claimed count is measured with before it is believed.
    var sizeBytesMin: UInt64 {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }

    /// Whether every value takes exactly `sizeBytesMin`.
    var isFixedSize: Bool { self != .string && self != .array }
}

public struct GGUFMetadata: Sendable, Hashable {
    public let key: String
    public let value: GGUFValue
    /// Offset of the key's length in the file.
    public let offset: UInt64
    /// One past the last byte of the value.
    public let end: UInt64
}

/// One of the `tokenizer.chat_template*` values of a file: code that a runtime will execute.
public struct GGUFTemplate: Sendable, Hashable {
    public let key: String
    public let sizeBytes: UInt64
    /// `nil` if the template is larger than the limits allow to keep.
    public let bytes: [UInt8]?
    /// Offset of the key's length in the file.
    public let offset: UInt64
}
