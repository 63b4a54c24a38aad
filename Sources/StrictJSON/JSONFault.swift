/// Why a document was refused, and where.
public struct JSONFault: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        // Limits of `JSONLimits`.
        case documentTooLarge
        case tooDeep
        case tooManyValues
        case tooManyNames
        case stringTooLong
        case numberTooLong
        // RFC 8259.
        case unexpectedEnd
        case unexpectedByte
        case byteOrderMark
        case trailingData
        case invalidLiteral
        case invalidNumber
        case invalidEscape
        case loneSurrogate
        case controlCharacter
        case invalidUTF8
        // RFC 8259 section 4 leaves the meaning of a repeated name open, so readers disagree and attackers choose.
        case duplicateName(String)
        /// The source of chunks could not deliver.
        case sourceFailed
    }

    public let reason: Reason
    /// Offset in bytes of the value, name or byte that cannot be right.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONFault: CustomStringConvertible {
    private static let namePrefixMax = 64

    public var description: String {
        "\(sentence) at byte \(offset)"
    }

    private var sentence: String {
        switch reason {
        case .documentTooLarge: "the document is too large"
        case .tooDeep: "objects and arrays are nested too deeply"
        case .tooManyValues: "the document has too many values"
        case .tooManyNames: "the open objects have too many members"
        case .stringTooLong: "a string is too long"
        case .numberTooLong: "a number is too long"
        case .unexpectedEnd: "the document ends early"
        case .unexpectedByte: "unexpected byte"
        case .byteOrderMark: "byte order mark"
        case .trailingData: "data after the document"
        case .invalidLiteral: "not one of true, false, null"
        case .invalidNumber: "not a number"
        case .invalidEscape: "not an escape"
        case .loneSurrogate: "half of a surrogate pair"
        case .controlCharacter: "control character in a string"
        case .invalidUTF8: "not UTF-8"
        case .duplicateName(let name): "the name \"\(name.prefix(Self.namePrefixMax))\" is repeated"
        case .sourceFailed: "the document could not be read"
        }
    }
}
