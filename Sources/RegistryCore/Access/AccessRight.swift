/// What somebody may do with a repository.
public enum AccessRight: String, Sendable, Hashable, CaseIterable {
    /// Read what the gate lets through, its tags and its referrers.
    case pull
    /// Upload blobs, and put manifests and tags.
    case push
    /// Remove manifests, tags and blobs.
    case delete
    /// Read what is not trusted.
    case review
    /// Answer for what the inspection found: grant waivers, and end them.
    case waive
}
