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
    }

    /// As the client wrote it.
    public let repository: String
    public let endpoint: Endpoint

    /// - Parameter path: what follows `/v2/`.
    /// - Returns: `nil` when no endpoint has such a path.
    public init?(parsing path: Substring) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last, parts.count >= 3 else { return nil }
        let count: Int
        switch (parts[parts.count - 2], last) {
        case ("tags", "list"): (endpoint, count) = (.tags, 2)
        // An empty reference names nothing, and must not be mistaken for the collection.
        case (_, "") where !path.hasSuffix("/blobs/uploads/"): return nil
        case ("manifests", let reference): (endpoint, count) = (.manifest(String(reference)), 2)
        case ("referrers", let digest): (endpoint, count) = (.referrers(String(digest)), 2)
        // A trailing slash is how the specification writes it, and clients leave it out.
        case ("uploads", "") where parts.count >= 4: (endpoint, count) = (.uploads, 3)
        case ("blobs", "uploads"): (endpoint, count) = (.uploads, 2)
        case ("blobs", let digest): (endpoint, count) = (.blob(String(digest)), 2)
        case ("uploads", let session) where parts.count >= 4 && parts[parts.count - 3] == "blobs":
            (endpoint, count) = (.upload(String(session)), 3)
        default: return nil
        }
        guard parts.count > count else { return nil }
        repository = parts.dropLast(count).joined(separator: "/")
    }
}
