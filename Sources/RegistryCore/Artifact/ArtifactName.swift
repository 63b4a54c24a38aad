/// The name under which people and runtimes ask for an artifact.
///
/// 1–256 bytes; parts separated by `/`, each `[A-Za-z0-9][A-Za-z0-9._-]*` and at most 255 bytes. A value of this type
/// can be a relative path of as many components as it has parts: no part is empty, starts with a dot, holds a
/// separator, or is longer than a file's name can be.
public struct ArtifactName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Longest name, in bytes.
    public static let bytesMax = 256
    /// Longest part, in bytes: the view of a trusted artifact is a folder of this name, and Linux has no longer ones.
    public static let partBytesMax = 255

    public let description: String

    /// - Throws: `NameFault` naming the rule that the text breaks.
    public init(parsing text: String) throws(NameFault) {
        let bytes = text.utf8
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.bytesMax else { throw .tooLong }
        guard bytes.count <= Self.partBytesMax || bytes.contains(UInt8(ascii: "/")) else { throw .partTooLong }
        var atPartStart = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                atPartStart = false
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                guard !atPartStart else { throw .badPartStart }
            case UInt8(ascii: "/"):
                guard !atPartStart else { throw .emptyPart }
                atPartStart = true
            default:
                throw .forbiddenCharacter
            }
        }
        guard !atPartStart else { throw .emptyPart }
        description = text
    }

    /// The parts between slashes, at least one.
    public var parts: [Substring] { description.split(separator: "/") }

    /// Every proper prefix that is itself a name: `a/b/c` gives `a`, `a/b`.
    ///
    /// An artifact may not be named like a folder of another one, because the view of trusted artifacts is a tree.
    public var ancestors: [ArtifactName] {
        description.indices.filter { description[$0] == "/" }.map { ArtifactName(prefix: description[..<$0]) }
    }

    private init(prefix: Substring) {
        description = String(prefix)
    }

    public static func < (left: ArtifactName, right: ArtifactName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// Why a text is not an `ArtifactName`.
public enum NameFault: String, Error, Sendable, CaseIterable {
    case empty = "a name has at least one character"
    case tooLong = "a name has at most 256 bytes"
    case partTooLong = "each part of a name has at most 255 bytes"
    case emptyPart = "a name has no empty part, no leading and no trailing slash"
    case badPartStart = "each part of a name starts with a letter or a digit"
    case forbiddenCharacter = "a name holds letters, digits, dots, dashes, underscores and slashes only"
}
