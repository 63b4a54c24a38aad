/// What a path beneath `/v2/` names (distribution-spec 1.1, "Endpoints").
///
/// Names of repositories hold slashes, so a path is read from its end. The last parts are taken as they stand: whether
/// they are a digest or a tag is for the endpoint to say, because what an unusable one means differs.
public struct DistributionPath: Sendable, Hashable {
    public enum Endpoint: Sendable, Hashable {
        case manifest(String)
        case blob(String)
        /// Begins an upload.
        case uploads
        case upload(String)
        case tags
        case referrers(String)
        /// An extension of this registry, in the form of the specification ("Endpoints", `_<extension>/<component>`):
        /// what it signed about a manifest.
        case summary(String)
    }

    /// The path of a summary.
    public static func summary(of version: Digest, in repository: RepositoryName) -> String {
        "/v2/\(repository)/\(extensionName)/vsa/\(version)"
    }

    /// No part of a repository's name begins with `_`.
    private static let extensionName = "_pratique"

    /// As the client wrote it.
    public let repository: String
    public let endpoint: Endpoint

    /// - Parameter path: what follows `/v2/`.
    /// - Returns: `nil` when no endpoint has such a path.
    public init?(parsing path: Substring) {
        guard let (rest, last) = Self.cut(path), let (before, kind) = Self.cut(rest) else { return nil }
        switch kind {
        case "tags" where last == "list": (repository, endpoint) = (String(before), .tags)
        case "uploads":
            // A trailing slash is how the specification writes it, and clients leave it out.
            guard let (name, collection) = Self.cut(before), collection == "blobs" else { return nil }
            (repository, endpoint) = (String(name), last.isEmpty ? .uploads : .upload(String(last)))
        case "blobs" where last == "uploads": (repository, endpoint) = (String(before), .uploads)
        // An empty reference names nothing, and must not be mistaken for the collection.
        case _ where last.isEmpty: return nil
        case "manifests": (repository, endpoint) = (String(before), .manifest(String(last)))
        case "blobs": (repository, endpoint) = (String(before), .blob(String(last)))
        case "referrers": (repository, endpoint) = (String(before), .referrers(String(last)))
        case "vsa":
            guard let (name, owner) = Self.cut(before), owner == Self.extensionName else { return nil }
            (repository, endpoint) = (String(name), .summary(String(last)))
        default: return nil
        }
    }

    /// What stands before and behind the last slash.
    private static func cut(_ path: Substring) -> (before: Substring, last: Substring)? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return (path[..<slash], path[path.utf8.index(after: slash)...])
    }
}
