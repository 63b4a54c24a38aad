public import OCI

/// The name under which people and runtimes ask for an artifact.
///
/// 1–256 bytes; parts separated by `/`, each `[A-Za-z0-9][A-Za-z0-9._-]*` and at most 255 bytes. A version that was
/// pushed into a repository is named by the repository and its digest, `team/llama@sha256:…`: each of them is an
/// artifact of its own.
///
/// A value of this type can be a relative path of as many components as it has parts: no part is empty, starts with a
/// dot, holds a separator, or is longer than a file's name can be.
public struct ArtifactName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Longest name, in bytes, without the digest.
    public static let bytesMax = 256
    /// Longest part, in bytes: the view of a trusted artifact is a folder of this name, and Linux has no longer ones.
    public static let partBytesMax = 255

    public let description: String

    /// - Throws: `NameFault` naming the rule that the text breaks.
    public init(parsing text: String) throws(NameFault) {
        if let mark = text.utf8.firstIndex(of: UInt8(ascii: "@")) {
            guard let digest = try? Digest(parsing: String(text[text.index(after: mark)...])) else { throw .badDigest }
            guard let repository = try? RepositoryName(parsing: String(text[..<mark])) else { throw .badRepository }
            try self.init(pushed: digest, to: repository)
        } else {
            try Self.check(text)
            self.init(checked: text)
        }
    }

    /// The name of a version that was pushed into a repository, first of all into this one.
    ///
    /// - Throws: `.partTooLong` when the last part of the repository leaves no room for the digest.
    public init(pushed version: Digest, to repository: RepositoryName) throws(NameFault) {
        let text = "\(repository)@\(version)"
        let lastPart = text.utf8.reversed().prefix { $0 != UInt8(ascii: "/") }
        guard lastPart.count <= Self.partBytesMax else { throw .partTooLong }
        self.init(checked: text)
    }

    private init(checked text: String) {
        description = text
    }

    /// The repository and the version that a name of a pushed version is made of; `nil` for other names.
    public var pushed: (repository: RepositoryName, version: Digest)? {
        guard let mark = description.utf8.firstIndex(of: UInt8(ascii: "@")),
            let repository = try? RepositoryName(parsing: String(description[..<mark])),
            let version = try? Digest(parsing: String(description[description.index(after: mark)...]))
        else { return nil }
        return (repository, version)
    }

    private static func check(_ text: String) throws(NameFault) {
        let bytes = text.utf8
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= bytesMax else { throw .tooLong }
        guard bytes.count <= partBytesMax || bytes.contains(UInt8(ascii: "/")) else { throw .partTooLong }
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
    case partTooLong = "each part of a name has at most 255 bytes, with the digest behind the last one"
    case emptyPart = "a name has no empty part, no leading and no trailing slash"
    case badPartStart = "each part of a name starts with a letter or a digit"
    case forbiddenCharacter = "a name holds letters, digits, dots, dashes, underscores and slashes only"
    case badRepository = "before an @ stands the name of a repository"
    case badDigest = "behind an @ stands a digest"
}
