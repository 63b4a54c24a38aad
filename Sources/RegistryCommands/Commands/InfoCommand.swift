internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct InfoCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show what is known of an artifact.")

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let artifact = try await server.withClient(context) { client in
            try await client.artifact(name.name(at: client))
        }
        context.console.show(artifact, as: output.format)
        return .done
    }
}

extension Console {
    /// Shows one artifact in full.
    func show(_ artifact: ArtifactDocument, as format: OutputOptions.Format) {
        guard format == .table else { return write(json: artifact.json) }
        write(
            FieldList([
                ("Name", artifact.name), ("State", artifact.state), ("Since", Quantities.time(artifact.stateSince)),
                ("Reason", artifact.reason), ("Verdict", artifact.verdict), ("Policy", artifact.policyVersion),
                ("Kind", artifact.facts?.kind), ("Format", artifact.format),
                ("Architecture", artifact.facts?.architecture), ("Quantization", artifact.facts?.quantization),
                ("Parameters", artifact.facts?.parameters.map(Quantities.parameters)),
                ("Context", artifact.facts?.contextLength.map { Quantities.count($0, "token") }),
                ("License", artifact.facts?.license), ("File", artifact.filename), ("Layout", artifact.layout),
                ("Size", "\(Quantities.bytes(artifact.sizeBytes)) (\(artifact.sizeBytes) bytes)"),
                ("SHA-256", artifact.sha256), ("Manifest", artifact.digest), ("Path", artifact.path),
                ("Source", artifact.source), ("Revision", artifact.sourceRevision),
                ("Acquired", Quantities.time(artifact.acquiredAt)),
                ("Promoted", artifact.promotedAt.map(Quantities.time)),
                ("Fingerprint", artifact.ggufGuardFingerprint), ("Tensor manifest", artifact.ggufGuardManifest),
                ("Evidence", Quantities.count(artifact.evidenceCount, "document")),
                ("Log index", String(artifact.headIndex)),
            ]).text)
    }
}
