internal import ArgumentParser
internal import RegistryCore
internal import StrictJSON
internal import TransparencyLog

struct LogShowCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show entries of the log, each proven to be in it.")

    @Argument(help: "Only events of this artifact.", transform: ArtifactName.argument)
    var name: ArtifactName?

    @Option(name: .customLong("from"), help: "Index to begin at; the last --limit entries without.")
    var start: UInt64?

    @Option(help: "At most this many.")
    var limit: Int = 20

    @OptionGroup var log: LogOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        try await log.withSession(server, context) { session, server in
            let report = DecisionReport(decision: session.decision, isCopy: server == nil)
            guard session.decision.isAcceptable || (server == nil && report.status == .unchecked) else {
                throw CommandFailure(report.status, report.sentence, hint: "See `securectl log verify`.")
            }
            try await showEntries(session, context)
            return report.status
        }
    }

    private func showEntries(_ session: LogSession, _ context: CommandContext) async throws {
        let size = session.head.size
        // With a name, all of history is searched; without, the end of it is shown.
        let first = min(start ?? (name == nil ? size - min(UInt64(limit), size) : 0), size)
        var rows = RowPrinter(output.format, EventLine.columns, context.console)
        var left = limit
        try await LogWalk(session.source, head: session.head).run(from: first) { batch throws(CommandFailure) in
            var found: [(cells: [String], json: JSONValue)] = []
            for bundle in batch.bundles {
                for (index, entry) in zip(bundle.first..., bundle.entries) where index >= first && found.count < left {
                    let event = (try? StrictJSON.parse(Array(entry), limits: Self.limits)) ?? .null
                    if let name, event.asObject?["name"]?.asString != name.description { continue }
                    found.append((EventLine(index: index, event: event).cells, Self.json(index, event, entry)))
                }
            }
            rows.print(found)
            left -= found.count
        }
        rows.finish(ifNone: "No entries.")
    }

    private static func json(_ index: UInt64, _ event: JSONValue, _ entry: ArraySlice<UInt8>) -> JSONValue {
        [
            "index": .integer(index), "event": event,
            "leaf_hash": .string(MerkleHashing.leaf(entry.span.bytes).base64),
        ]
    }

    private static let limits = JSONLimits(
        bytesMax: EntryBundle.entryBytesMax, nodesMax: 10_000, stringBytesMax: EntryBundle.entryBytesMax)
}
