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
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            try Self.check(part)
        }
        description = text
    }

    private static func check(_ part: Substring.UTF8View) throws(RepositoryNameFault) {
        var separator: [UInt8] = []
        var isEmpty = true
        for byte in part {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard separator.isEmpty || (!isEmpty && isSeparator(separator)) else { throw .badSeparator }
                separator.removeAll(keepingCapacity: true)
                isEmpty = false
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                separator.append(byte)
            default:
                throw .forbiddenCharacter
            }
        }
        guard separator.isEmpty else { throw .badSeparator }
        guard !isEmpty else { throw .emptyPart }
    }

    /// One dot, one or two underscores, or any number of dashes.
    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes {
        case [UInt8(ascii: ".")], [UInt8(ascii: "_")], [UInt8(ascii: "_"), UInt8(ascii: "_")]: true
        default: bytes.allSatisfy { $0 == UInt8(ascii: "-") }
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
