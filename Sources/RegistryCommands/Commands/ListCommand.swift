internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct ListCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List artifacts.", aliases: ["ls"])

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Only this state.", completion: .list(ArtifactState.allCases.map(\.rawValue)))
    var state: String?

    @Option(help: "Only this format, such as gguf.")
    var format: String?

    @Option(help: "Only from this source.")
    var source: String?

    @Option(name: [.customLong("query"), .customShort("s")], help: "Only names that contain this text.")
    var text: String?

    @Flag(help: "Show what the files say of themselves: architecture, quantization, parameters, license.")
    var facts = false

    @Option(help: "At most this many; all of them without.")
    var limit: Int?

    func validate() throws {
        guard state == nil || ArtifactState.allCases.contains(where: { $0.rawValue == state }) else {
            throw ValidationError("There is no such state. States: " + Self.states)
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let pageMax = facts ? Self.factsPageMax : Self.pageMax
        let query = ArtifactQuery(
            state: state, format: format, source: source, text: text, limit: min(limit ?? pageMax, pageMax),
            showsFacts: facts)
        var rows = RowPrinter(output.format, facts ? Self.factColumns : Self.columns, context.console)
        try await server.withClient(context) { client in
            var left = limit ?? .max
            var token: PageToken?
            repeat {
                let page = try await client.artifacts(query, after: token)
                let artifacts = page.rows.prefix(left)
                rows.print(artifacts.map { (facts ? Self.factCells($0) : Self.cells($0), $0.json) })
                if let omitted = page.omitted {
                    context.console.note(
                        "Left out, because somebody edited their records (see `pratique fsck`): \(omitted)")
                }
                left -= artifacts.count
                let next = page.rows.isEmpty ? nil : page.next
                // A registry that repeats itself must not keep us for ever.
                guard next == nil || next != token else { throw ClientFault.malformedAnswer(problem: "pages repeat") }
                token = next
            } while token != nil && left > 0
        }
        rows.finish(ifNone: "No artifacts.")
        return .done
    }

    private static let pageMax = 1_000
    private static let factsPageMax = 100
    private static let states = ArtifactState.allCases.map(\.rawValue).joined(separator: ", ")

    private static let columns: [TextTable.Column] = [
        .init(title: "NAME", canShrink: true), .init(title: "STATE"), .init(title: "FORMAT"),
        .init(title: "SIZE", alignment: .right), .init(title: "SHA256"), .init(title: "SINCE"),
    ]

    private static let factColumns: [TextTable.Column] = [
        .init(title: "NAME", canShrink: true), .init(title: "STATE"), .init(title: "KIND"), .init(title: "FORMAT"),
        .init(title: "ARCHITECTURE", canShrink: true), .init(title: "QUANTIZATION"),
        .init(title: "PARAMETERS", alignment: .right), .init(title: "SIZE", alignment: .right),
        .init(title: "LICENSE", canShrink: true),
    ]

    /// What is not known stays empty.
    private static func factCells(_ artifact: ArtifactDocument) -> [String] {
        let facts = artifact.facts
        return [
            artifact.name, artifact.state, facts?.kind ?? "", facts?.format ?? artifact.format,
            facts?.architecture ?? "", facts?.quantization ?? "",
            facts?.parameters.map(Quantities.parameters) ?? "", Quantities.bytes(artifact.sizeBytes),
            facts?.license ?? "",
        ]
    }

    private static func cells(_ artifact: ArtifactDocument) -> [String] {
        [
            artifact.name, artifact.state, artifact.format, Quantities.bytes(artifact.sizeBytes),
            String(artifact.sha256.prefix(12)), Quantities.time(artifact.stateSince),
        ]
    }
}
