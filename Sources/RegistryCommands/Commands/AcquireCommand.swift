internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct AcquireCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "acquire", abstract: "Take in a file or directory that lies in the registry's own directory.",
        discussion: "What comes in is inspected and trusted by nobody before it is promoted.")

    @Argument(help: "Name for the artifact.", transform: ArtifactName.argument)
    var name: ArtifactName

    @Argument(help: "Path beneath the registry's directory.")
    var filename: String

    @Option(help: "SHA-256 that the bytes must have; required for a file.")
    var sha256: String?

    @Option(help: "Where it comes from.")
    var source: String?

    @Option(name: .customLong("source-revision"), help: "Which version of the source.")
    var sourceRevision: String?

    @Option(help: "What you take it for; refused if the content is something else.")
    var format: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let request = AcquireRequest(
            name: name.description, filename: filename, sha256: sha256, source: source,
            sourceRevision: sourceRevision, format: format)
        let artifact = try await server.withClient(context) { client in
            try await context.watchingWork(on: name.description) { observe throws(ClientFault) in
                try await client.acquire(request, observe: observe)
            }
        }
        context.console.show(artifact, as: output.format)
        return .done
    }
}
