internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

struct EvidenceCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Show why an artifact stands where it stands.",
        discussion: """
            Lists the documents of evidence: inspections, decisions of the policy, claims of callers, \
            bundles that were attached. With --digest \
            the document itself, after its bytes were checked against the digest.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "Digest of the document to show: sha256:…")
    var digest: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        if let digest { return try await show(EvidenceDigest(digest), context) }
        let documents = try await server.withClient(context) { client in
            try await client.evidence(of: name.name(at: client))
        }
        Self.show(documents, ifNone: "No evidence yet.", as: output.format, context.console)
        return .done
    }

    static func show(
        _ documents: [EvidenceDocument], ifNone sentence: String, as format: OutputOptions.Format, _ console: Console
    ) {
        var rows = RowPrinter(format, columns, console)
        rows.print(documents.map { (cells($0), $0.json) })
        rows.finish(ifNone: sentence)
    }

    private func show(_ digest: EvidenceDigest, _ context: CommandContext) async throws -> ExitStatus {
        let bytes = try await server.withClient(context) { client in
            try await client.evidence(of: name.name(at: client), digest: digest.text)
        }
        guard digest.matches(bytes) else {
            throw CommandFailure(.bad, "The document that the registry sent is not the one with this digest.")
        }
        let limits = JSONLimits(bytesMax: 64 << 20, nodesMax: 4 << 20, stringBytesMax: 16 << 20)
        if output.format == .table, let value = try? StrictJSON.parse(bytes, limits: limits) {
            context.console.write(json: value)
        } else {
            context.console.write(bytes: bytes)
        }
        return .done
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "KIND"), .init(title: "TIME"), .init(title: "SIZE", alignment: .right),
        .init(title: "EVENT", alignment: .right), .init(title: "DIGEST"),
    ]

    private static func cells(_ document: EvidenceDocument) -> [String] {
        [
            document.kind, Quantities.time(document.time), Quantities.bytes(document.sizeBytes),
            String(document.eventIndex), document.digest,
        ]
    }
}
