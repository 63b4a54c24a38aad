public import OCI
internal import StrictJSON

/// Which manifest of an index is for a platform (image-spec 1.1, image-index.md, "platform").
public struct PlatformChoice: Sendable, Hashable {
    public let os: String
    public let architecture: String
    /// `nil` for any.
    public let variant: String?

    /// Reads `os/architecture` or `os/architecture/variant`.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        os = parts[0]
        architecture = parts[1]
        variant = parts.count == 3 ? parts[2] : nil
    }

    /// - Returns: the first manifest for the platform, as runtimes choose; `nil` if there is none.
    public func digest(in index: StoredManifest) -> Digest? {
        let document = try? StrictJSON.parse(index.bytes, limits: ManifestLimits.standard.json)
        for element in document?.asObject?["manifests"]?.asArray ?? [] {
            guard let platform = element.asObject?["platform"]?.asObject, platform["os"]?.asString == os,
                platform["architecture"]?.asString == architecture,
                variant == nil || platform["variant"]?.asString == variant
            else { continue }
            return (element.asObject?["digest"]?.asString).flatMap { try? Digest(parsing: $0) }
        }
        return nil
    }
}
