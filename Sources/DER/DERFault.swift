/// Why bytes are not the encoding that was expected.
public struct DERFault: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// The input ends inside a value.
        case truncated
        /// A length that is indefinite, not the shortest possible, or larger than any input.
        case invalidLength
        /// A tag number above 30, which nothing that we read has.
        case invalidTag
        case unexpectedTag
        /// More bytes behind the last value.
        case trailingBytes
        /// The content is not one that its type can have, or not in its only encoding.
        case invalidContent
    }

    public let reason: Reason

    /// Offset in bytes within the buffer that the outermost reader was given.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension DERFault: CustomStringConvertible {
    public var description: String {
        "\(sentence) at byte \(offset)"
    }

    private var sentence: String {
        switch reason {
        case .truncated: "the encoding ends early"
        case .invalidLength: "invalid length"
        case .invalidTag: "invalid tag"
        case .unexpectedTag: "another type than expected"
        case .trailingBytes: "bytes behind the value"
        case .invalidContent: "invalid content"
        }
    }
}
