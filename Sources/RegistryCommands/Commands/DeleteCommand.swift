internal import ArgumentParser
internal import DistributionClient
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

struct DeleteCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an artifact. Its record and history stay.",
        discussion: """
            It is deleted wherever it is, so a tag or digest of a repository that holds a version of another one is \
            refused (13): say the version's own name, or take the tag away alone. An index goes with what it lists, \
            except for what another index or a tag of its own still has: that is named.

            With a registry before the name, registry.example/team/model:tag, by the distribution protocol, in \
            whatever registry that is: a tag goes alone, a digest with all its tags.
            """,
        aliases: ["rm"])

    @Argument(
        help: "Name of the artifact, or name:tag, or repository@digest; or the same with a registry before it.",
        transform: DeletedThing.init(argument:))
    var name: DeletedThing

    @Option(help: "Why; kept in the log.")
    var reason: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard case .inRegistry = name, reason != nil || server.server != nil else { return }
        throw ValidationError("--reason and --server are for artifacts without a registry before their name.")
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        switch name {
        case .artifact(let name):
            let change = try await server.withClient(context) { client in
                try name.requireUsed(client)
                // By a name it is that artifact; by what stands for one the registry looks whose version it is.
                guard let own = try? ArtifactName(parsing: name.text) else {
                    return try await client.delete(meant: name.text, ChangeRequest(reason: reason))
                }
                return try await client.delete(own, ChangeRequest(reason: reason))
            }
            context.console.show(change, as: output.format)
        case .inRegistry(let reference):
            try await server.registryAccess.withClient(context) { client in
                try await delete(reference, client)
            }
            switch output.format {
            case .json: context.console.write(json: ["deleted": .string(reference.description)])
            case .table: context.console.write(FieldList([("deleted", reference.description)]).text)
            }
        }
        return .done
    }
}

extension DeleteCommand {
    private func delete(_ reference: ImageReference, _ client: DistributionClient) async throws {
        do throws(DistributionFault) {
            try await client.repository(of: reference).delete(reference.reference)
        } catch {
            var failure = CommandFailure(error)
            guard reference.digest == nil, failure.status == .dataError || failure.status == .protocolError else {
                throw failure
            }
            failure.hint = "Not every registry can take away a tag alone: name the digest, and all its tags go."
            throw failure
        }
    }
}

/// What is to be deleted: an artifact of the registry that is used, or something in whichever registry is named.
enum DeletedThing: Sendable {
    case artifact(ArtifactArgument)
    case inRegistry(ImageReference)

    init(argument: String) throws {
        if let artifact = ArtifactArgument(argument: argument), artifact.registry == nil {
            self = .artifact(artifact)
        } else {
            self = .inRegistry(try ImageReference.exactArgument(argument))
        }
    }
}
