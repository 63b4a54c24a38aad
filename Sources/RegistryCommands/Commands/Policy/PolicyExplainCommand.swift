internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

struct PolicyExplainCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show what a registry's policy says of an artifact, rule by rule.",
        discussion: """
            Decides as a promote would, and changes nothing. Exits 0 if the artifact would be admitted, 10 if not, 12 \
            if that cannot be said.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let decision = try await server.withClient(context) { client in
            let name = try await name.name(at: client)
            let request = PromoteRequest(name: name.description)
            return try await context.watchingWork(on: name.description) { observe throws(ClientFault) in
                try await client.decide(request, observe: observe)
            }
        }
        PromoteCommand.show(decision, context.console, as: output.format)
        if output.format == .table { show(decision, context.console) }
        return PromoteCommand.status(of: decision)
    }

    private func show(_ decision: DecisionDocument, _ console: Console) {
        var steps = TextTable(Self.stepColumns, widthMax: console.tableWidth)
        let trace = decision.trace.asArray ?? []
        console.write("\n" + steps.render(trace.map { Self.texts($0, ["rule", "effect", "result", "missing"]) }))
        var facts = FieldList([])
        for fact in decision.facts.asObject?.members ?? [] where fact.name != "format_groups" {
            facts.add(fact.name, Self.text(fact.value))
        }
        console.write("\n" + facts.text)
        show(signatures: decision.signatures.asArray ?? [], console)
        let waivers = decision.waivers.asArray ?? []
        guard !waivers.isEmpty else { return }
        var table = TextTable(Self.waiverColumns, widthMax: console.tableWidth)
        console.write(
            "\n" + table.render(waivers.map { Self.texts($0, ["id", "rule", "expires", "granted_by", "reason"]) }))
    }

    /// Whom each bundle is by, where logs have it, and what it counts for; or why it does not.
    private func show(signatures: [JSONValue], _ console: Console) {
        guard !signatures.isEmpty else { return }
        console.write("\n" + signatures.map(Self.fields).map(\.text).joined(separator: "\n"))
    }

    private static func fields(_ signature: JSONValue) -> FieldList {
        let object = signature.asObject ?? JSONObject()
        var fields = FieldList([("Bundle", object["bundle"].map(text))])
        fields.add("Referrer", object["referrer"].map(text))
        fields.add("Signed by", object["identity"].map(text) ?? object["key"].map { "key \(text($0))" })
        fields.add("Vouched for by", object["issuer"].map(text))
        for time in object["times"]?.asArray ?? [] {
            fields.add("Signed at", texts(time, ["time", "source"]).joined(separator: ", says "))
        }
        for entry in object["log_entries"]?.asArray ?? [] {
            fields.add("In log", texts(entry, ["log", "index"]).joined(separator: ", entry "))
        }
        fields.add("Statement", object["predicate_type"].map(text))
        let countsFor = object["counts_for"].map(text) ?? ""
        fields.add("Counts for", countsFor.isEmpty ? "nothing" : countsFor)
        fields.add("Reason", object["reason"].map(text))
        for reason in object["does_not_count"]?.asObject?.members ?? [] where countsFor.isEmpty {
            fields.add("Reason", "\(text(reason.value)) (\(reason.name))")
        }
        return fields
    }

    private static func texts(_ value: JSONValue, _ names: [String]) -> [String] {
        names.map { name in value.asObject?[name].map(text) ?? "" }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .array(let elements): elements.map(text).joined(separator: ", ")
        case .number(let number): number.text
        case .null, .bool, .object: String(decoding: value.encoded(), as: UTF8.self)
        }
    }

    private static let stepColumns: [TextTable.Column] = [
        .init(title: "RULE"), .init(title: "EFFECT"), .init(title: "RESULT"), .init(title: "NOT ESTABLISHED"),
    ]

    private static let waiverColumns: [TextTable.Column] = [
        .init(title: "WAIVER", alignment: .right), .init(title: "RULE"), .init(title: "EXPIRES"), .init(title: "BY"),
        .init(title: "REASON", canShrink: true),
    ]
}
