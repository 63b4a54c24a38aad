internal import ArgumentParser
internal import RegistryClient

/// Which registry is spoken to, and as whom.
struct ServerOptions: ParsableArguments {
    @Option(
        help: "Address of the registry; else REGISTRY_URL, else what `login` stored, else http://127.0.0.1:8470.")
    var server: String?

    @Option(
        name: .customLong("token-file"),
        help: "File with the service token; else SERVICE_TOKEN_PATH, else what `login` stored for this registry.",
        completion: .file())
    var tokenFile: String?

    @Option(
        name: .customLong("ca-file"),
        help: """
            File with the authorities that may vouch for the registry, PEM, instead of those that this machine trusts; \
            else REGISTRY_CA_FILE, else what `login` stored for this registry.
            """,
        completion: .file())
    var authorityFile: String?

    @Flag(name: .customLong("plain-http"), help: "Send the token to another machine without TLS.")
    var plainHTTP = false

    @Option(help: "Seconds to wait for an answer that needs no reading of artifacts.")
    var timeout: Int = 60

    func validate() throws {
        guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout is from 1 to 86400 seconds.") }
    }

    /// Runs `body` with a client for the registry that options, environment and login name, in this order.
    func withClient<Value>(
        _ context: CommandContext, _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
        let target = try ServerTarget(self, context.environment)
        let patience = RegistryClient.Patience(answer: .seconds(timeout))
        let client = RegistryClient(
            server: target.server, token: target.token, roots: target.roots, patience: patience)
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }
}
