/// The name of a repository (distribution-spec 1.1, "Pulling manifests", `<name>`).
///
/// Parts separated by `/`, each lowercase letters and digits with `.`, `_`, `__` or dashes between them; 255 bytes in
/// all, because clients count the registry's host name within 255 bytes too.
public struct RepositoryName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let bytesMax = 255

    public let description: String

    /// - Throws: `RepositoryNameFault` naming the rule that the text breaks.
    public init(parsing text: String) throws(RepositoryNameFault) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        var part = Part()
        for byte in text.utf8 {
            if byte == UInt8(ascii: "/") {
                try part.end()
                part = Part()
            } else {
                try part.append(byte)
            }
        }
        try part.end()
        description = text
    }

    /// What was read of one part.
    private struct Part {
        private var isEmpty = true
        /// The separator that the part ends with so far, a run of equal characters.
        private var separator: UInt8 = 0
        private var count = 0

        mutating func append(_ byte: UInt8) throws(RepositoryNameFault) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard count == 0 || (!isEmpty && isSeparator) else { throw .badSeparator }
                count = 0
                isEmpty = false
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                guard count == 0 || byte == separator else { throw .badSeparator }
                separator = byte
                count += 1
            default:
                throw .forbiddenCharacter
            }
        }

        func end() throws(RepositoryNameFault) {
            guard count == 0 else { throw .badSeparator }
            guard !isEmpty else { throw .emptyPart }
        }

        /// One dot, one or two underscores, or any number of dashes.
        private var isSeparator: Bool {
            switch separator {
            case UInt8(ascii: "."): count == 1
            case UInt8(ascii: "_"): count <= 2
            default: true
            }
        }
    }

    public static func < (left: RepositoryName, right: RepositoryName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// Why a text is not a `RepositoryName`.
public enum RepositoryNameFault: String, Error, Sendable, CaseIterable {
    case empty = "a repository name has at least one character"
    case tooLong = "a repository name has at most 255 bytes"
    case emptyPart = "a repository name has no empty part, no leading and no trailing slash"
    case badSeparator =
        "in a repository name one dot, one or two underscores, or dashes stand between letters or digits"
    case forbiddenCharacter = "a repository name holds lowercase letters, digits, dots, dashes, underscores and slashes"
}
