internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire

struct PolicyShowCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the policy that a registry decides by.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let policy = try await server.withClient(context) { client in try await client.policy() }
        context.console.show(policy, as: output.format)
        return .done
    }
}

extension Console {
    /// Shows which policy it is, and its rules.
    func show(_ policy: PolicyDocument, as format: OutputOptions.Format) {
        guard format == .table else { return write(json: policy.json) }
        let fields = FieldList([
            ("Name", policy.name), ("Version", policy.version), ("Digest", policy.digest),
        ])
        var table = TextTable(Self.ruleColumns, widthMax: tableWidth)
        write(fields.text + "\n" + table.render(policy.rules.map { [$0.id, $0.effect, $0.message] }))
    }

    private static let ruleColumns: [TextTable.Column] = [
        .init(title: "RULE"), .init(title: "EFFECT"), .init(title: "MESSAGE", canShrink: true),
    ]
}
