internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct PathCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Say where a trusted artifact lies on the registry's machine.",
        discussion: "Prints the path alone, for use in scripts. Fails unless the artifact is trusted now.")

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let document = try await server.withClient(context) { client in
            try await client.path(of: name.name(at: client))
        }
        switch output.format {
        case .table:
            // A script takes this line for a path: a name that a terminal would act on is no path of ours.
            guard TerminalText.visible(document.path) == document.path else {
                throw CommandFailure(.protocolError, "The registry's answer holds a path with control characters.")
            }
            context.console.write(document.path + "\n")
        case .json: context.console.write(json: document.json)
        }
        return .done
    }
}
