public import OCI

/// What names a manifest of a registry, or a repository: `host[:port]/repository[:tag][@digest]`.
///
/// The registry is always named, so that nothing is fetched from, or sent to, one that nobody thought of.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    public enum Fault: String, Error, Sendable, CaseIterable {
        case registry = "it starts with a registry, as in registry.example/team/model:tag"
        case repository = "the name of the repository breaks a rule of the distribution specification"
        case tag = "a tag has 1 to 128 letters, digits, dots, dashes and underscores"
        case digest = "a digest is sha256: and 64 hexadecimal digits, or sha512: and 128"
    }

    public var registry: RegistryHost
    public var repository: RepositoryName
    public var tag: Tag?
    /// What the bytes have to be, whatever the tag names.
    public var digest: Digest?

    public init(registry: RegistryHost, repository: RepositoryName, tag: Tag? = nil, digest: Digest? = nil) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    public init(parsing text: String) throws(Fault) {
        guard let slash = text.firstIndex(of: "/"), Self.isRegistry(text[..<slash]),
            let host = RegistryHost(parsing: String(text[..<slash]))
        else { throw .registry }
        registry = host
        var rest = text[text.index(after: slash)...]
        if let at = rest.firstIndex(of: "@") {
            guard let digest = try? Digest(parsing: String(rest[rest.index(after: at)...])) else { throw .digest }
            self.digest = digest
            rest = rest[..<at]
        }
        if let colon = rest.lastIndex(of: ":") {
            guard let tag = Tag(parsing: String(rest[rest.index(after: colon)...])) else { throw .tag }
            self.tag = tag
            rest = rest[..<colon]
        }
        do { repository = try RepositoryName(parsing: String(rest)) } catch { throw .repository }
    }

    /// A first part with a dot or a port, or `localhost`, is a registry: how docker tells them apart.
    public static func isRegistry(_ text: Substring) -> Bool {
        text.contains(".") || text.contains(":") || text == "localhost"
    }

    /// What is asked for: the digest where there is one, else the tag, else `latest`.
    public var reference: Reference {
        digest.map(Reference.digest) ?? .tag(tag ?? .latest)
    }

    public var description: String {
        "\(registry)/\(repository)\(tag.map { ":\($0)" } ?? "")\(digest.map { "@\($0)" } ?? "")"
    }
}
