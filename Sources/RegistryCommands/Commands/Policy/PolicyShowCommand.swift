internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire
internal import StrictJSON

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
        var fields = FieldList([
            ("Name", policy.name), ("Version", policy.version), ("Digest", policy.digest),
        ])
        fields.add("Waivers", Self.sentence(waivers: policy.waivers))
        fields.add("Failed rechecks", policy.onRecheckFailure)
        fields.add("Digests", policy.requireIntegrity ? "required of what comes in" : nil)
        var table = TextTable(Self.ruleColumns, widthMax: tableWidth)
        write(fields.text)
        if let formats = policy.formats {
            var table = TextTable(Self.formatColumns, widthMax: tableWidth)
            let rows = formats.members.map { [$0.name, $0.value.asString ?? Self.text(of: $0.value)] }
            write("\n" + table.render(rows + [["all others", "deny"]]))
        }
        if !policy.verification.isEmpty {
            var table = TextTable(Self.verificationColumns, widthMax: tableWidth)
            let rows = policy.verification.map { rule in
                [rule.asObject?["label"]?.asString ?? "", Self.text(of: rule)]
            }
            write("\n" + table.render(rows))
        }
        if !policy.rules.isEmpty {
            write("\n" + table.render(policy.rules.map { [$0.id, $0.effect, $0.message] }))
        }
    }

    private static func text(of value: JSONValue) -> String {
        String(decoding: value.encoded(), as: UTF8.self)
    }

    private static func sentence(waivers: JSONObject) -> String {
        func texts(_ name: String) -> String {
            (waivers[name]?.asArray ?? []).compactMap(\.asString).joined(separator: ", ")
        }
        let what = [texts("verdicts"), texts("rules")].filter { !$0.isEmpty }.joined(separator: ", ")
        guard !what.isEmpty else { return "nothing may be waived" }
        let except = texts("except").isEmpty ? "" : ", not \(texts("except"))"
        return "\(what)\(except); \(waivers["days_max"]?.asNumber?.text ?? "?") days at most"
    }

    private static let formatColumns: [TextTable.Column] = [
        .init(title: "FORMAT"), .init(title: "ADMITTED", canShrink: true),
    ]

    private static let verificationColumns: [TextTable.Column] = [
        .init(title: "SIGNATURES"), .init(title: "ASKED FOR", canShrink: true),
    ]

    private static let ruleColumns: [TextTable.Column] = [
        .init(title: "RULE"), .init(title: "EFFECT"), .init(title: "MESSAGE", canShrink: true),
    ]
}
