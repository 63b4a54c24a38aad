internal import ArgumentParser
internal import DistributionClient
internal import OCI
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

struct PushCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Upload a file, or a directory as one artifact.",
        discussion: """
            Without a reference, to the registry that `login` or --server name, as an artifact of the name that --as \
            gives. With a reference, registry.example/team/model:tag, to any registry that speaks the distribution \
            protocol, a layer for each file, as the CNCF ModelPack specification has it.

            A broken upload goes on where it stopped when the same command is given again. Of a directory everything \
            is sent but .git and .cache, several files at a time; files that the registry has already are not sent. A \
            directory with links in it is refused.
            """)

    @Argument(help: "File or directory.", completion: .file())
    var path: String

    @Argument(help: "Where to in any registry: registry/repository:tag.", transform: ImageReference.argument)
    var reference: ImageReference?

    @Option(
        name: .customLong("as"), help: "Name for the artifact; the file's own name without.",
        transform: ArtifactName.argument)
    var name: ArtifactName?

    @Option(help: "Where it comes from.")
    var source: String?

    @Option(name: .customLong("source-revision"), help: "Which version of the source.")
    var sourceRevision: String?

    @Flag(help: "Ask for it to be trusted as soon as it is there.")
    var promote = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let reference else { return }
        guard reference.digest == nil else { throw ValidationError("A digest follows from the bytes: name a tag.") }
        guard name == nil, source == nil, sourceRevision == nil, !promote, server.server == nil else {
            throw ValidationError(
                "--as, --source, --source-revision, --promote and --server are for artifacts without a reference.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        if let reference { return try await push(to: reference, context) }
        let plan = try PushPlan(path, name: name)
        return try await server.withClient(context) { client in
            var artifact: ArtifactDocument
            switch plan {
            case .file(let path, let name): artifact = try await push(path, name, client, context)
            case .directory(let directory, let name):
                for skipped in directory.skipped { context.console.note("left out: \(skipped)") }
                let push = DirectoryPush(
                    directory: directory, name: name, source: source, sourceRevision: sourceRevision)
                artifact = try await push.run(client, context)
            }
            if promote {
                let request = PromoteRequest(name: artifact.name, sha256: artifact.sha256)
                artifact = try await context.watchingWork(on: request.name) { observe throws(ClientFault) in
                    try await client.promote(request, observe: observe)
                }
            }
            context.console.show(artifact, as: output.format)
            return .done
        }
    }

    private func push(to reference: ImageReference, _ context: CommandContext) async throws -> ExitStatus {
        let push = try RegistryPush(path, to: reference, context)
        let manifest = try await server.registryAccess.withClient(context) { try await push.run($0, context) }
        var named = reference
        named.tag = reference.tag ?? .latest
        switch output.format {
        case .json:
            context.console.write(json: [
                "name": .string(named.description), "digest": .string(manifest.digest.description),
                "files": .integer(push.files.count),
            ])
        case .table:
            context.console.write(
                FieldList([("name", named.description), ("digest", manifest.digest.description)]).text)
        }
        return .done
    }

    private func push(
        _ path: String, _ name: ArtifactName, _ client: RegistryClient, _ context: CommandContext
    ) async throws -> ArtifactDocument {
        let file = try LocalFile(path)
        let digest = try await file.hash(in: context).file
        let request = UploadRequest(
            name: name, filename: file.name, sha256: digest.hex, source: source, sourceRevision: sourceRevision)
        let meter = context.meter("sending \(file.name)", .bytes, total: file.sizeBytes)
        defer { meter.finish() }
        let artifact: ArtifactDocument
        do throws(ClientFault) {
            artifact = try await client.upload(request, FileContent(file: file)) { meter.update($0) }
        } catch {
            throw CommandFailure(upload: error)
        }
        guard artifact.sha256 == digest.hex else { throw CommandFailure(sent: digest.hex, stored: artifact.sha256) }
        return artifact
    }
}

extension CommandFailure {
    /// What a fault means while bytes are sent.
    init(upload fault: ClientFault) {
        self.init(fault)
        switch fault {
        case .cancelled, .interrupted, .lost, .timedOut:
            hint = "What arrived is kept: give the same command again to go on."
        case .refused, .foreignAnswer, .malformedAnswer, .answerTooLarge, .unreachable, .untrusted, .contentUnreadable:
            break
        }
    }

    init(sent: String, stored: String) {
        self.init(
            .bad, "The registry answers with other bytes than were sent.",
            details: ["sent: \(sent)", "stored: \(stored)"])
    }
}
