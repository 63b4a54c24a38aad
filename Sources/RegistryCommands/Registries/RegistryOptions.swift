internal import ArgumentParser
internal import DistributionClient
internal import LinuxFiles
internal import RegistryClient

/// How registries are spoken to, whichever a reference names.
struct RegistryOptions: ParsableArguments {
    @Option(
        name: .customLong("token-file"),
        help: "File with a token for the registry; else what docker's config.json or `login` say.",
        completion: .file())
    var tokenFile: String?

    @Option(
        name: .customLong("ca-file"),
        help: """
            File with more authorities that may vouch for registries, PEM; else REGISTRY_CA_FILE, else what `login` \
            stored.
            """,
        completion: .file())
    var authorityFile: String?

    @Flag(name: .customLong("plain-http"), help: "Speak to registries on other machines without TLS.")
    var plainHTTP = false

    private var access: RegistryAccess {
        RegistryAccess(tokenFile: tokenFile, authorityFile: authorityFile, plainHTTP: plainHTTP)
    }

    func withClient<Value>(
        _ context: CommandContext, _ body: (DistributionClient) async throws -> Value
    ) async throws -> Value {
        try await access.withClient(context, body)
    }

    /// Who may vouch for hosts besides those whom this machine trusts.
    func roots(_ context: CommandContext) throws(CommandFailure) -> TrustRoots? {
        try access.roots(context.environment)
    }
}

/// A client for registries, as options and environment have it.
struct RegistryAccess: Sendable {
    var tokenFile: String?
    var authorityFile: String?
    var plainHTTP: Bool

    /// Runs `body`; what it throws is told as what it means to the person at the terminal.
    func withClient<Value>(
        _ context: CommandContext, _ body: (DistributionClient) async throws -> Value
    ) async throws -> Value {
        let credentials = KnownCredentials(
            environment: context.environment, tokenFile: tokenFile, plainHTTP: plainHTTP)
        let client = DistributionClient(
            credentials: credentials, plainHTTP: plainHTTP, roots: try roots(context.environment))
        // What reading the command line touched, before answers of registries take memory.
        ProgramPages.giveBack()
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }

    fileprivate func roots(_ environment: [String: String]) throws(CommandFailure) -> TrustRoots? {
        var path = authorityFile ?? environment["REGISTRY_CA_FILE"]
        if path == nil { path = try LoginRecord.load(environment)?.authorityPath }
        guard let path, !path.isEmpty else { return nil }
        return try TrustRoots(file: path)
    }
}

extension ServerOptions {
    /// For references that name a registry themselves.
    var registryAccess: RegistryAccess {
        RegistryAccess(tokenFile: tokenFile, authorityFile: authorityFile, plainHTTP: plainHTTP)
    }
}

extension ImageReference {
    /// Reads an argument.
    ///
    /// - Throws: `ValidationError` with the rule that is broken.
    static func argument(_ text: String) throws -> ImageReference {
        do {
            return try ImageReference(parsing: text)
        } catch {
            throw ValidationError("\(text) is no reference: \(error.rawValue).")
        }
    }

    /// As `argument`, of something that has to be said and not left to a default.
    static func exactArgument(_ text: String) throws -> ImageReference {
        let reference = try argument(text)
        guard reference.tag != nil || reference.digest != nil else {
            throw ValidationError("\(text) names a repository: say which tag or digest.")
        }
        return reference
    }

    static func repositoryArgument(_ text: String) throws -> ImageReference {
        let reference = try argument(text)
        guard reference.tag == nil, reference.digest == nil else {
            throw ValidationError("\(text) names more than a repository.")
        }
        return reference
    }
}

extension DistributionClient {
    func repository(of reference: ImageReference) -> RemoteRepository {
        repository(reference.repository, at: reference.registry)
    }

    /// The manifest that is named; of a tag together with a digest, what the tag names has to have the digest.
    func manifest(of reference: ImageReference) async throws -> StoredManifest {
        try await repository(of: reference).manifest(reference.reference)
    }
}
