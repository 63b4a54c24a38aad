internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct QuarantineCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Stop serving an artifact and have it inspected.",
        discussion: """
            An index goes with what it lists, except for what another trusted index or a tag of its own still has: \
            that is named.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "Why; kept in the log.")
    var reason: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let change = try await server.withClient(context) { client in
            let name = try await name.name(at: client)
            return try await context.watchingWork(on: name.description) { observe throws(ClientFault) in
                try await client.quarantine(name, ChangeRequest(reason: reason), observe: observe)
            }
        }
        context.console.show(change, as: output.format)
        return .done
    }
}

extension Console {
    /// Shows what a change did.
    func show(_ change: ChangeDocument, as format: OutputOptions.Format) {
        guard format == .table else { return write(json: change.json) }
        let status = change.status.replacing("_", with: " ")
        for name in change.names ?? [change.name] { write(TerminalText.visible("\(name): \(status)") + "\n") }
        for kept in change.kept ?? [] { write(TerminalText.visible("\(kept.name): \(Self.sentence(kept))") + "\n") }
    }

    private static func sentence(_ kept: KeptDocument) -> String {
        switch kept.reason {
        case "index": "kept, because the index \(kept.by) lists it; name it itself if it is meant, too"
        case "tag": "kept, because \(kept.by) is a tag of its own; name that if it is meant, too"
        default: "kept, although it has \(kept.by), too; name it itself if it is meant"
        }
    }
}
