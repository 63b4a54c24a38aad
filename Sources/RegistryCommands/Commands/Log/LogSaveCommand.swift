internal import ArgumentParser
internal import StrictJSON
internal import TransparencyLog

struct LogSaveCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Save the whole log in a directory.",
        discussion: """
            Everything is verified before it is written. The copy can be verified and read without the registry, by \
            `log verify --dir` and by any tool for C2SP tlog-tiles. Saving again adds what is new.
            """)

    @Argument(help: "Directory; made if it is not there.", completion: .directory)
    var directory: String

    @Option(help: "Verifier key of the log; else the one remembered, else the one that the log states.")
    var key: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        try await server.withLogSession(key: key, context) { session, server in
            let report = DecisionReport(decision: session.decision)
            guard report.status == .done else {
                throw CommandFailure(
                    report.status, report.sentence, hint: "Nothing was saved. See `securectl log verify`.")
            }
            try await save(session, context)
            try LogMemory(context.environment).remember(
                LogRecord(server: server, key: session.key, session.checkpoint))
            let summary = LogSummary(session: session, report: report, entriesChecked: session.head.size)
            switch output.format {
            case .table: context.console.write(summary.text)
            case .json: context.console.write(json: summary.json)
            }
            return .done
        }
    }

    private func save(_ session: LogSession, _ context: CommandContext) async throws {
        let copy = try LogCopy(directory)
        let source = try copy.completing(session.source)
        let meter = context.meter("saving", .items("entries"), total: session.head.size)
        defer { meter.finish() }
        try await LogWalk(source, head: session.head).run(from: 0, progress: meter.update) {
            batch throws(CommandFailure) in try copy.write(batch)
        }
        try copy.finish(session)
    }
}
