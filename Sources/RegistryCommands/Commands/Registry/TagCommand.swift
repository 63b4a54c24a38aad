internal import ArgumentParser
internal import DistributionClient
internal import OCI
internal import StrictJSON

struct TagCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Give an artifact in a registry further tags.")

    @Argument(help: "What is meant: registry/repository:tag or @digest.", transform: ImageReference.exactArgument)
    var reference: ImageReference

    @Argument(
        help: "Tags for it.",
        transform: { text in
            guard let tag = OCI.Tag(parsing: text) else { throw ValidationError("\(text) is no tag.") }
            return tag
        })
    var tags: [OCI.Tag]

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let digest = try await registry.withClient(context) { client in
            let repository = client.repository(of: reference)
            let manifest = try await client.manifest(of: reference)
            for tag in tags { try await repository.put(manifest, as: tag) }
            return manifest.digest
        }
        switch output.format {
        case .json:
            context.console.write(json: [
                "repository": .string("\(reference.registry)/\(reference.repository)"),
                "digest": .string(digest.description), "tags": .array(tags.map { .string($0.description) }),
            ])
        case .table:
            let names = tags.map(\.description).joined(separator: ", ")
            context.console.write(FieldList([("digest", digest.description), ("tags", names)]).text)
        }
        return .done
    }
}

struct TagsCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags", abstract: "List the tags of a repository of a registry.")

    @Argument(help: "registry/repository", transform: ImageReference.repositoryArgument)
    var repository: ImageReference

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        try await registry.withClient(context) { client in
            var rows = RowPrinter(output.format, [.init(title: "TAG")], context.console)
            try await client.repository(of: repository).tags { page in
                rows.print(page.map { ([$0.description], .string($0.description)) })
            }
            rows.finish(ifNone: "\(repository) has no tags.")
        }
        return .done
    }
}
