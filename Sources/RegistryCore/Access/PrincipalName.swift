/// What a credential is called, in events and in logs: 1–64 bytes, `[a-z0-9][a-z0-9._-]*`.
public struct PrincipalName: Sendable, Hashable, CustomStringConvertible {
    public static let bytesMax = 64

    public let description: String

    /// - Throws: `NameFault` naming the rule that the text breaks.
    public init(parsing text: String) throws(NameFault) {
        guard let first = text.utf8.first else { throw .empty }
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        for byte in text.utf8 where !Self.isAllowed(byte) { throw .forbiddenCharacter }
        guard !Self.isPunctuation(first) else { throw .badPartStart }
        description = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: isPunctuation(byte)
        }
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
