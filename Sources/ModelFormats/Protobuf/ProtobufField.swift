/// A field of a message as it stands on the wire.
struct ProtobufField {
    enum Value: Hashable {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        /// A text, run of bytes, message or packed numbers, of so many bytes.
        case length(UInt64)
    }

    let number: UInt32
    let value: Value
    /// Where the field begins in the source.
    let offset: UInt64

    /// The number of a varint.
    var uint64: UInt64? {
        guard case .varint(let value) = value else { return nil }
        return value
    }

    /// Bytes of the content; 0 for numbers.
    var lengthBytes: UInt64 {
        guard case .length(let count) = value else { return 0 }
        return count
    }
}

/// Something in a message that is readable and not as it should be.
public struct ProtobufIssue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A field that may stand there once stands there again: some readers merge the two, some take one.
        case duplicateField
        /// A field that the format does not know.
        case unknownField
        /// A field that is encoded as another type than the format says, which readers ignore.
        case wireType
    }

    public let kind: Kind
    /// The message and the number of the field.
    public let subject: String
    public let offset: UInt64
}

/// What reading messages may cost.
public struct ProtobufLimits: Sendable, Hashable {
    /// Messages inside one another. Google's libraries go no deeper.
    public var depthMax = 100
    /// Fields that are looked at, in the whole file. A message counts for sixteen more.
    public var fieldsMax: UInt64 = 50_000_000
    /// Of each kind. Further ones are counted, not kept.
    public var issuesPerKindMax = 32

    public init() {}

    public static let standard = ProtobufLimits()
}
