internal import StrictJSON

/// The name of a role: one of the four that every repository has, or one that another role made up.
///
/// Names are equal when their bytes are.
public struct RoleName: Sendable, Hashable, CustomStringConvertible {
    private let name: ExactName

    private init(unchecked text: String) {
        name = ExactName(text)
    }

    public static let root = RoleName(unchecked: "root")
    public static let timestamp = RoleName(unchecked: "timestamp")
    public static let snapshot = RoleName(unchecked: "snapshot")
    /// The role at the top of all that name targets.
    public static let targets = RoleName(unchecked: "targets")

    /// A role that others delegate to.
    ///
    /// - Returns: `nil` for no name, for one that is too long, and for the four names that are taken.
    public init?(delegated text: String) {
        self.init(unchecked: text)
        let taken: [RoleName] = [.root, .timestamp, .snapshot, .targets]
        guard !text.isEmpty, text.utf8.count <= TUFLimits.roleNameBytesMax, !taken.contains(self) else { return nil }
    }

    /// The role of an entry of a snapshot, without its `.json`. Entries of roles that nobody can delegate to are kept
    /// out of the way.
    init?(listed fileName: String) {
        guard fileName.utf8.count > Self.suffix.utf8.count,
            fileName.utf8.suffix(Self.suffix.utf8.count).elementsEqual(Self.suffix.utf8)
        else { return nil }
        self.init(unchecked: String(decoding: fileName.utf8.dropLast(Self.suffix.utf8.count), as: UTF8.self))
    }

    private static let suffix = ".json"

    public var description: String { name.text }

    /// The file's name in a repository without consistent snapshots, and in a cache: the name percent-encoded, so that
    /// no role can name a file elsewhere.
    public var fileName: String { PercentEncoding.encode(name.text) + Self.suffix }
}
