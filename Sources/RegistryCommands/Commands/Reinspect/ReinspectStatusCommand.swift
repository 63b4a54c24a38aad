internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire

struct ReinspectStatusCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how far it is, and what is not admitted any more.",
        discussion: """
            Exits 0 if everything trusted is admitted by what is in force, 10 if something is not, 12 if not \
            everything was looked at yet.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let report = try await server.withClient(context) { client in try await client.reinspection() }
        switch output.format {
        case .json: context.console.write(json: report.json)
        case .table: show(report, context.console)
        }
        if report.failing > 0 || report.quarantined > 0 { return .refusedByPolicy }
        return report.status == "done" ? .done : .unchecked
    }

    private func show(_ report: ReinspectionDocument, _ console: Console) {
        var fields = FieldList([("Status", report.status)])
        if let rules = report.rules { fields.add("Rules", rules) }
        if let policy = report.policy { fields.add("Policy", policy) }
        fields.add("To look at", String(report.outdated))
        fields.add("Admitted", String(report.admitted))
        fields.add("Refused", "\(report.refused), \(report.quarantined) of them quarantined")
        if report.unresolved > 0 { fields.add("No result", String(report.unresolved)) }
        if let fault = report.fault { fields.add("Stopped by", fault) }
        console.write(fields.text)
        guard report.failing > 0 else { return }
        var table = TextTable(Self.columns, widthMax: console.tableWidth)
        console.write(
            "\nTrusted and not admitted any more: \(report.failing)\n"
                + table.render(report.failures.map { [$0.name, $0.codes.joined(separator: ", ")] }))
    }

    private static let columns: [TextTable.Column] = [.init(title: "NAME"), .init(title: "DENIED BY", canShrink: true)]
}
