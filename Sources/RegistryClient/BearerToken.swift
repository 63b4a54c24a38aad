/// A secret that is sent as `Authorization: Bearer` (RFC 6750). Never printed.
public struct BearerToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let text: String

    /// Longest accepted token in bytes.
    public static let bytesMax = 4_096

    /// Takes the content of a token file; white space at its end is not part of the token.
    ///
    /// - Returns: `nil` if it is empty, too long, or holds anything but visible ASCII.
    public init?(fileContent bytes: [UInt8]) {
        let visible = UInt8(ascii: "!")...UInt8(ascii: "~")
        let token = bytes.prefix { visible.contains($0) }
        let rest = bytes[token.endIndex...]
        let blanks = [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t")]
        guard !token.isEmpty, token.count <= Self.bytesMax, rest.allSatisfy(blanks.contains) else { return nil }
        text = String(decoding: token, as: UTF8.self)
    }

    /// The value of the `Authorization` field.
    package var authorization: String { "Bearer \(text)" }

    public var description: String { "(token)" }
    public var debugDescription: String { "(token)" }
}
