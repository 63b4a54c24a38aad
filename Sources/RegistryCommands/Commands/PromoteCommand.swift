internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

struct PromoteCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Ask for an artifact to be trusted.",
        discussion: """
            The registry inspects it and its policy decides. Exits 10 with the reasons if the policy does not admit \
            it, 12 if the inspection came to no result.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "SHA-256 that you mean by the name; other bytes are refused.")
    var sha256: String?

    @Flag(name: .customLong("dry-run"), help: "Say what the policy would decide, and change nothing.")
    var dryRun = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        try await server.withClient(context) { client in
            let name = try await name.name(at: client)
            let request = PromoteRequest(name: name.description, sha256: sha256)
            if dryRun {
                let decision = try await context.watchingWork(on: name.description) { observe throws(ClientFault) in
                    try await client.decide(request, observe: observe)
                }
                Self.show(decision, context.console, as: output.format)
                return Self.status(of: decision)
            }
            let artifact = try await context.watchingWork(on: name.description) { observe throws(ClientFault) in
                try await client.promote(request, observe: observe)
            }
            context.console.show(artifact, as: output.format)
            return artifact.state == ArtifactState.trusted.rawValue ? .done : .refusedByPolicy
        }
    }

    static func show(_ decision: DecisionDocument, _ console: Console, as format: OutputOptions.Format) {
        guard format == .table else { return console.write(json: decision.json) }
        let policy = decision.policy.asObject
        var fields = FieldList([
            ("Name", decision.name), ("Outcome", decision.outcome),
            ("Policy", [policy?["name"], policy?["version"]].compactMap { $0?.asString }.joined(separator: " ")),
        ])
        for reason in decision.reasons { fields.add("Reason", reason) }
        console.write(fields.text)
    }

    static func status(of decision: DecisionDocument) -> ExitStatus {
        switch decision.outcome {
        case "admitted": .done
        case "refused": .refusedByPolicy
        default: .unchecked
        }
    }
}
