internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct DeleteCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an artifact. Its record and history stay.", aliases: ["rm"])

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "Why; kept in the log.")
    var reason: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let change = try await server.withClient(context) { client in
            try await client.delete(name.name(at: client), ChangeRequest(reason: reason))
        }
        context.console.show(change, as: output.format)
        return .done
    }
}
