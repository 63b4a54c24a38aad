internal import ArgumentParser
internal import Attestation
internal import OCI
internal import RegistryClient
internal import RegistryCore
internal import StrictJSON
internal import TransparencyLog

struct SummaryCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "vsa", abstract: "Get what the registry signs about a trusted artifact.",
        discussion: """
            The verification summary (SLSA) says which policy admitted the artifact, when, and on what grounds. It is \
            verified before it is written: by the key of the registry's log, and against that log, in which the \
            decision has to stand. `verify --vsa` checks it without the registry.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "File to write the summary to; else it is shown.", completion: .file())
    var out: String?

    @Option(help: "File to write a proof to that the decision is in the log (C2SP tlog-proof).", completion: .file())
    var proof: String?

    @Flag(help: "Replace files that are there already.")
    var overwrite = false

    @Option(help: "Verifier key of the log; else the one remembered, else the one that the log states.")
    var key: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let files = try [out, proof].map { path in try path.map { try NewFile($0, replacing: overwrite) } }
        let envelope = try await server.withClient(context) { client in
            try await client.summary(of: try await name.name(at: client))
        }
        return try await server.withLogSession(key: key, context) { session, server in
            let report = DecisionReport(decision: session.decision)
            guard report.status == .done else {
                throw CommandFailure(report.status, report.sentence, hint: "See `securectl log verify`.")
            }
            let verified: VerifiedSummary
            do {
                verified = try VerifiedSummary(opening: envelope, key: session.key)
                _ = try await SummaryLog(session, verified)
            } catch let refusal as SummaryRefusal {
                throw CommandFailure(
                    refusal.reason.isUndecided ? .unchecked : .bad, "The summary is not to be believed: \(refusal).")
            }
            try LogMemory(context.environment).remember(
                LogRecord(server: server, key: session.key, session.checkpoint))
            if let file = files[1] {
                try file.write(try await Self.proof(of: verified, session).encoded, permissions: 0o644)
            }
            try files[0]?.write(envelope + [0x0A], permissions: 0o644)
            show(verified, envelope, context.console)
            return .done
        }
    }

    private static func proof(of verified: VerifiedSummary, _ session: LogSession) async throws -> LogProof {
        let (index, size) = (verified.decision.index, session.head.size)
        let tiles = try await LogTiles(session.source, head: session.head).verified {
            planner throws(ProofFault<Never>) in try planner.tiles(forInclusionOf: index, in: size)
        }
        let inclusion = try ProofBuilder(reader: tiles, treeSize: size).inclusionProof(of: index, in: size)
        return LogProof(leafIndex: index, path: inclusion.path, checkpoint: session.checkpoint.note)
    }

    private func show(_ verified: VerifiedSummary, _ envelope: [UInt8], _ console: Console) {
        switch (out, output.format) {
        case (nil, _): console.write(bytes: envelope + [0x0A])
        case (_, .json):
            console.write(json: [
                "name": .string(verified.name.description),
                "version": .string(verified.artifact.version.description),
                "index": .integer(verified.decision.index), "predicate": verified.summary.json,
            ])
        case (_, .table):
            console.write(
                FieldList([
                    ("Artifact", "\(verified.name), \(verified.artifact.version)"),
                    ("Verified as", verified.summary.resourceURI), ("Verifier", verified.summary.verifierID),
                    ("Levels", verified.summary.verifiedLevels.joined(separator: ", ")),
                    ("Summary", out), ("Proof", proof),
                ]).text)
        }
    }
}
