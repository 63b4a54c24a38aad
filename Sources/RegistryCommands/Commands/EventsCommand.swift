internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct EventsCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show the history of an artifact, or of the registry.",
        discussion: "What the registry says. `securectl log` shows the same history with proof.")

    @Argument(help: "Name of the artifact; the whole registry without.")
    var name: ArtifactArgument?

    @Option(name: .customLong("from"), help: "Index in the log to begin at.")
    var start: UInt64 = 0

    @Option(help: "At most this many; all of them without.")
    var limit: Int?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit ?? 1 > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        var rows = RowPrinter(output.format, EventLine.columns, context.console)
        try await server.withClient(context) { client in
            let name = try await name?.name(at: client)
            var left = limit ?? .max
            var next: UInt64? = start
            while let index = next, left > 0 {
                let count = min(left, RegistryClient.eventsMax)
                let page =
                    if let name {
                        try await client.events(of: name, from: index, limit: count)
                    } else {
                        try await client.audit(from: index, limit: count)
                    }
                rows.print(page.map { (EventLine(index: $0.index, event: $0.event).cells, $0.json) })
                left -= page.count
                next = page.count == count ? page.last.map { $0.index &+ 1 } : nil
                // A registry that repeats itself must not keep us for ever.
                if let following = next, following <= index {
                    throw ClientFault.malformedAnswer(problem: "events repeat")
                }
            }
        }
        rows.finish(ifNone: "No events.")
        return .done
    }
}
