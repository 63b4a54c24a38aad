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
        let memory = try LogMemory(context.environment)
        if let directory {
            let source = try DirectoryLogSource(directory)
            return try await body(try await LogSession(source, vkey: key, server: nil, memory), nil)
        }
        return try await server.withClient(context) { client in
            let address = client.server.description
            let source = RegistryLogSource(client: client)
            return try await body(try await LogSession(source, vkey: key, server: address, memory), address)
        }
    }
}
