/// The name of a key that signs notes: not empty, without Unicode white space, `+` or control characters.
///
/// Two names are equal only if their bytes are: canonical equivalence of Unicode must not make one key pass for
/// another.
public struct NoteKeyName: Sendable, CustomStringConvertible {
    public let description: String

    /// Longest accepted name in bytes.
    public static let bytesMax = 1024

    /// `nil` if the text is no key name (C2SP signed-note, Format).
    public init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax else { return nil }
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar != "+" && !scalar.properties.isWhitespace
        }
        guard isClean else { return nil }
        description = String(text)
    }
}

extension NoteKeyName: Hashable {
    public static func == (left: NoteKeyName, right: NoteKeyName) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }
}
