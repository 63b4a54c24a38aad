internal import ArgumentParser
internal import StrictJSON
internal import TransparencyLog

struct LogVerifyCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove that history only grew.",
        discussion: """
            Verifies the signature of the newest checkpoint, proves that it extends the one remembered, and checks \
            that every entry since then is the signed one. Exits 11 if history was rewritten or rolled back, 12 if \
            something could not be checked.
            """)

    @Flag(help: "Check every entry from the beginning.")
    var full = false

    @Flag(name: .customLong("checkpoint-only"), help: "Check no entries.")
    var checkpointOnly = false

    @OptionGroup var log: LogOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !(full && checkpointOnly) else {
            throw ValidationError("--full and --checkpoint-only exclude each other.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        try await log.withSession(server, context) { session, server in
            let report = DecisionReport(decision: session.decision, isCopy: server == nil)
            var checked: UInt64 = 0
            if report.status == .done, !checkpointOnly { checked = try await checkEntries(session, context) }
            let notes = try remember(session, server, report, context)
            show(LogSummary(session: session, report: report, entriesChecked: checked), notes, context.console)
            return report.status
        }
    }

    private func checkEntries(_ session: LogSession, _ context: CommandContext) async throws -> UInt64 {
        let start = full ? 0 : session.remembered?.checkpoint.size ?? 0
        let count = session.head.size - min(start, session.head.size)
        guard count > 0 else { return 0 }
        let meter = context.meter("checking", .items("entries"), total: count)
        defer { meter.finish() }
        try await LogWalk(session.source, head: session.head).run(from: start, progress: meter.update) { _ in }
        return count
    }

    /// Remembers what was accepted, and keeps what convicts.
    private func remember(
        _ session: LogSession, _ server: String?, _ report: DecisionReport, _ context: CommandContext
    ) throws -> [String] {
        let memory = try LogMemory(context.environment)
        if session.decision.isAcceptable {
            guard let name = server ?? session.remembered?.server else {
                return ["Nothing is remembered of a saved log that no registry was seen to serve."]
            }
            try memory.remember(LogRecord(server: name, key: session.key, session.checkpoint))
            return []
        }
        guard let remembered = session.remembered else { return [] }
        guard report.contradiction != nil else {
            let isOther = report.status == .bad
            return isOther ? ["Remembered in: \(memory.file(for: remembered.server))", LogMemory.advice] : []
        }
        let path = try memory.keepEvidence(session.checkpoint.note, against: remembered)
        return [
            "The two signed checkpoints that exclude each other are kept:", "  \(memory.file(for: remembered.server))",
            "  \(path)",
        ]
    }

    private func show(_ summary: LogSummary, _ notes: [String], _ console: Console) {
        switch output.format {
        case .table: console.write(summary.text)
        case .json: console.write(json: summary.json)
        }
        for note in notes { console.note(note) }
    }
}
