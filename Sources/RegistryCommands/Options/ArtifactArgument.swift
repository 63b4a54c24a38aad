internal import ArgumentParser
internal import OCI
internal import RegistryClient
internal import RegistryCore

/// An artifact as somebody names it on the command line: by its name, or by what stands for one in a repository,
/// `name:tag` or `repository@digest`, with the registry before it or without.
struct ArtifactArgument: ExpressibleByArgument, Sendable, CustomStringConvertible {
    /// What the registry is asked for.
    let text: String
    /// The registry that was named, `host` or `host:port`; `nil` when none was.
    let registry: String?

    init?(argument: String) {
        let (registry, rest) = Self.split(argument)
        guard (try? ArtifactName(parsing: rest)) != nil || Self.isReference(rest) else { return nil }
        self.registry = registry
        text = rest
    }

    var description: String { registry.map { "\($0)/\(text)" } ?? text }

    /// The name of the artifact that is meant now. A tag may mean another one later.
    ///
    /// - Throws: `CommandFailure` when another registry is named than the one that the token is for; `ClientFault`.
    func name(at client: RegistryClient) async throws -> ArtifactName {
        try requireUsed(client)
        if let name = try? ArtifactName(parsing: text) { return name }
        return try await client.name(of: text)
    }

    /// - Throws: `CommandFailure` when another registry is named than the one that the token is for.
    func requireUsed(_ client: RegistryClient) throws {
        if let registry, registry != client.server.authority {
            throw CommandFailure(
                .usage, "\(registry) is not the registry that is used, \(client.server).",
                hint: "Say --server http://\(registry), or leave the registry away.")
        }
    }

    /// A first part with a dot or a port, or `localhost`, is a registry: how docker tells them apart.
    private static func split(_ text: String) -> (String?, String) {
        guard let slash = text.firstIndex(of: "/") else { return (nil, text) }
        let first = text[..<slash]
        guard first.contains(".") || first.contains(":") || first == "localhost" else { return (nil, text) }
        // A name may begin like that, too; a port makes it sure.
        guard first.contains(":") || first == "localhost" || (try? ArtifactName(parsing: text)) == nil else {
            return (nil, text)
        }
        return (String(first), String(text[text.index(after: slash)...]))
    }

    private static func isReference(_ text: String) -> Bool {
        if let mark = text.firstIndex(of: "@") {
            let digest = try? Digest(parsing: String(text[text.index(after: mark)...]))
            return isRepository(text[..<mark]) && digest != nil
        }
        guard let mark = text.lastIndex(of: ":") else { return false }
        return isRepository(text[..<mark]) && OCI.Tag(parsing: String(text[text.index(after: mark)...])) != nil
    }

    private static func isRepository(_ text: Substring) -> Bool {
        (try? RepositoryName(parsing: String(text))) != nil
    }
}
