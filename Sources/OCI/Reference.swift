/// A name for a version that can be moved to another one (distribution-spec 1.1, `<reference>` as a tag).
///
/// 1–128 bytes, `[A-Za-z0-9_][A-Za-z0-9._-]*`.
public struct Tag: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let bytesMax = 128

    /// What clients ask for when nobody named a tag.
    public static let latest = Tag(known: "latest")

    public let description: String

    /// - Returns: `nil` when the specification does not allow the text.
    public init?(parsing text: String) {
        guard let first = text.utf8.first, text.utf8.count <= Self.bytesMax else { return nil }
        guard first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return nil }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                continue
            default: return nil
            }
        }
        description = text
    }

    /// For names this module spells out itself.
    private init(known text: String) {
        description = text
    }

    public static func < (left: Tag, right: Tag) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// What names a manifest in a repository: a tag, or the digest itself.
public enum Reference: Sendable, Hashable, CustomStringConvertible {
    case tag(Tag)
    case digest(Digest)

    /// - Returns: `nil` for what is neither. No tag holds a colon and every digest does, so nothing is both.
    public init?(parsing text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let digest = try? Digest(parsing: text) else { return nil }
            self = .digest(digest)
        } else {
            guard let tag = Tag(parsing: text) else { return nil }
            self = .tag(tag)
        }
    }

    public var description: String {
        switch self {
        case .tag(let tag): tag.description
        case .digest(let digest): digest.description
        }
    }
}
