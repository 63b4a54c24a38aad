internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire
internal import StrictJSON

struct LoginCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Remember which registry is meant, and where its token is.",
        discussion: """
            Stores the address and the path of the token file, never the token. The token is sent to this registry \
            only. Give --server and --token-file, and --ca-file for a registry with an authority of its own.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard server.server != nil, server.tokenFile != nil else {
            throw ValidationError("login needs --server and --token-file.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let path = try Self.absolute(server.tokenFile ?? "", context.environment)
        let given = server.authorityFile ?? context.environment["REGISTRY_CA_FILE"]
        let authority = try given.flatMap { (path) throws(CommandFailure) in
            path.isEmpty ? nil : try Self.absolute(path, context.environment)
        }
        // What cannot answer now, or refuses the token, is not worth remembering.
        let (address, health) = try await server.withClient(context) { client in
            let health = try await client.health()
            _ = try await client.statistics()
            return (client.server, health)
        }
        let record = LoginRecord(
            server: address, tokenPath: path, authorityPath: address.scheme == .https ? authority : nil)
        try record.save(context.environment)
        switch output.format {
        case .json: context.console.write(json: record.json)
        case .table:
            var fields = [("Registry", address.description), ("Version", health.version), ("Token file", path)]
            if let authority = record.authorityPath { fields.append(("CA file", authority)) }
            context.console.write(FieldList(fields).text)
        }
        return .done
    }

    private static func absolute(_ path: String, _ environment: [String: String]) throws(CommandFailure) -> String {
        if path.hasPrefix("/") { return path }
        guard let directory = environment["PWD"], directory.hasPrefix("/") else {
            throw CommandFailure(.usage, "Give files by their absolute paths.")
        }
        return "\(directory)/\(path)"
    }
}
