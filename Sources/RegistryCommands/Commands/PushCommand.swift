internal import ArgumentParser
internal import OCI
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct PushCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Upload a file, or the files of a directory.",
        discussion: """
            A broken upload goes on where it stopped when the same command is given again. Of a directory each file \
            becomes an artifact of its own, NAME/PATH; hidden files are left out.
            """)

    @Argument(help: "File or directory.", completion: .file())
    var path: String

    @Option(name: .customLong("as"), help: "Name for the artifact; the file's own name without.")
    var name: ArtifactName?

    @Option(help: "Where it comes from.")
    var source: String?

    @Option(name: .customLong("source-revision"), help: "Which version of the source.")
    var sourceRevision: String?

    @Flag(help: "Ask for it to be trusted as soon as it is there.")
    var promote = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let plan = try PushPlan(path, name: name)
        for skipped in plan.skipped { context.console.note("left out: \(skipped)") }
        return try await server.withClient(context) { client in
            var artifacts: [ArtifactDocument] = []
            for item in plan.items { artifacts.append(try await push(item, client, context)) }
            show(artifacts, plan.isDirectory, context.console)
            return .done
        }
    }

    private func push(
        _ item: PushPlan.Item, _ client: RegistryClient, _ context: CommandContext
    ) async throws -> ArtifactDocument {
        let file = try LocalFile(item.path)
        let digest = try await file.hash(in: context).file
        let request = UploadRequest(
            name: item.name, filename: file.name, sha256: digest.hex, source: source, sourceRevision: sourceRevision)
        let meter = context.meter("sending \(file.name)", .bytes, total: file.sizeBytes)
        defer { meter.finish() }
        var artifact = try await upload(request, file, client, meter)
        guard artifact.sha256 == digest.hex else {
            throw CommandFailure(
                .bad, "The registry answers with other bytes than were sent.",
                details: ["sent: \(digest.hex)", "stored: \(artifact.sha256)"])
        }
        meter.finish()
        if promote {
            artifact = try await client.promote(PromoteRequest(name: item.name.description, sha256: digest.hex))
        }
        return artifact
    }

    private func upload(
        _ request: UploadRequest, _ file: LocalFile, _ client: RegistryClient, _ meter: ProgressMeter
    ) async throws(CommandFailure) -> ArtifactDocument {
        do throws(ClientFault) {
            return try await client.upload(request, FileContent(file: file)) { meter.update($0) }
        } catch {
            var failure = CommandFailure(error)
            switch error {
            case .cancelled, .interrupted, .timedOut:
                failure.hint = "What arrived is kept: give the same command again to go on."
            case .refused, .foreignAnswer, .malformedAnswer, .answerTooLarge, .unreachable, .contentUnreadable: break
            }
            throw failure
        }
    }

    private func show(_ artifacts: [ArtifactDocument], _ isDirectory: Bool, _ console: Console) {
        if !isDirectory, let artifact = artifacts.first { return console.show(artifact, as: output.format) }
        var rows = RowPrinter(output.format, Self.columns, console)
        rows.print(
            artifacts.map { ([$0.name, $0.state, $0.format, Quantities.bytes($0.sizeBytes), $0.sha256], $0.json) })
        rows.finish(ifNone: "Nothing to upload.")
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "NAME", canShrink: true), .init(title: "STATE"), .init(title: "FORMAT"),
        .init(title: "SIZE", alignment: .right), .init(title: "SHA256"),
    ]
}
