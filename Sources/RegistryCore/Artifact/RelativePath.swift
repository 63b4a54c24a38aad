/// A path that stays beneath the directory it is resolved against, however that directory is laid out.
///
/// 1–1,024 bytes of UTF-8, at most 32 components; no component is empty, `.` or `..`, longer than 255 bytes, or holds a
/// control character, a backslash or a NUL. Links are the file system's business: whoever opens such a path must also
/// refuse to follow them.
public struct RelativePath: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let bytesMax = 1_024
    public static let componentsMax = 32
    public static let componentBytesMax = 255

    public let description: String

    /// - Throws: `PathFault` naming the rule that the text breaks.
    public init(parsing text: String) throws(PathFault) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        guard text.utf8.first != UInt8(ascii: "/") else { throw .absolute }
        for scalar in text.unicodeScalars
        where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\\" {
            throw .forbiddenCharacter
        }
        let components = text.split(separator: "/", omittingEmptySubsequences: false)
        guard components.count <= Self.componentsMax else { throw .tooDeep }
        for component in components {
            guard !component.isEmpty else { throw .emptyComponent }
            guard component != ".", component != ".." else { throw .traversal }
            guard component.utf8.count <= Self.componentBytesMax else { throw .tooLong }
        }
        description = text
    }

    /// The components between slashes, at least one.
    public var components: [Substring] { description.split(separator: "/") }

    /// The last component: a file name with its extension.
    public var lastComponent: String { String(components.last ?? "") }

    public static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// Why a text is not a `RelativePath`.
public enum PathFault: String, Error, Sendable, CaseIterable {
    case empty = "a path has at least one component"
    case tooLong = "a path has at most 1024 bytes and 255 in each component"
    case tooDeep = "a path has at most 32 components"
    case absolute = "a path has to be relative"
    case emptyComponent = "a path has no empty component and does not end in a slash"
    case traversal = "a path has no component . or .."
    case forbiddenCharacter = "a path holds no control character and no backslash"
}
