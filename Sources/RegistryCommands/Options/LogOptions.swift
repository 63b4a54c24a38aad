internal import ArgumentParser
internal import RegistryClient

/// Which log is read, and by which key it is verified.
struct LogOptions: ParsableArguments {
    @Option(name: .customLong("dir"), help: "Read a saved log instead of asking a registry.", completion: .directory)
    var directory: String?

    @Option(help: "Verifier key of the log; else the one remembered, else the one that the log states.")
    var key: String?

    /// Runs `body` with the log's session, from wherever the options say.
    func withSession<Value>(
        _ server: ServerOptions, _ context: CommandContext,
        _ body: (_ session: LogSession, _ server: String?) async throws -> Value
    ) async throws -> Value {
        guard let directory else {
            return try await server.withLogSession(key: key, context) { session, server in
                try await body(session, server)
            }
        }
        let source = try DirectoryLogSource(directory)
        let memory = try LogMemory(context.environment)
        return try await body(try await LogSession(source, vkey: key, server: nil, memory), nil)
    }
}

extension ServerOptions {
    /// Runs `body` with the session of the registry's own log.
    func withLogSession<Value>(
        key: String?, _ context: CommandContext,
        _ body: (_ session: LogSession, _ server: String) async throws -> Value
    ) async throws -> Value {
        let memory = try LogMemory(context.environment)
        return try await withClient(context) { client in
            let address = client.server.description
            let source = RegistryLogSource(client: client)
            return try await body(try await LogSession(source, vkey: key, server: address, memory), address)
        }
    }
}
