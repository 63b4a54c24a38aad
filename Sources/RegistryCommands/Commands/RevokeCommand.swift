internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct RevokeCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Withdraw an artifact: it is not served from now on.")

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "Why; kept in the log.")
    var reason: String?

    @Flag(help: "Withdraw the same bytes under every other name too.")
    var digest = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let change = try await server.withClient(context) { client in
            try await client.revoke(name.name(at: client), ChangeRequest(reason: reason, digest: digest))
        }
        context.console.show(change, as: output.format)
        return .done
    }
}
