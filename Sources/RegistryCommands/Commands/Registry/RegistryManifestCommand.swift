internal import ArgumentParser
internal import DistributionClient
internal import OCI
internal import StrictJSON

struct RegistryManifestCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Show the manifest of an artifact in a registry.",
        discussion: "Byte for byte, so that it hashes to its digest; a terminal gets control characters escaped.")

    @Argument(help: "registry/repository:tag or @digest", transform: ImageReference.argument)
    var reference: ImageReference

    @Flag(help: "Show what describes it instead: media type, digest and size.")
    var descriptor = false

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let manifest = try await registry.withClient(context) { try await $0.manifest(of: reference) }
        if descriptor {
            context.console.write(json: manifest.descriptor.json)
        } else if context.console.tableWidth != nil {
            context.console.write(TerminalText.visible(String(decoding: manifest.bytes, as: UTF8.self)) + "\n")
        } else {
            context.console.write(bytes: manifest.bytes)
        }
        return .done
    }
}

struct ReferrersCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "referrers", abstract: "List what refers to an artifact: signatures, attestations, SBOMs.",
        discussion: "From the registry's own list, or from the tag under which clients keep one where it has none.")

    @Argument(help: "registry/repository:tag or @digest", transform: ImageReference.argument)
    var reference: ImageReference

    @Option(
        name: .customLong("type"), help: "Only those of this artifact type.",
        transform: { text in
            guard let type = MediaType(text) else { throw ValidationError("\(text) is no media type.") }
            return type
        })
    var artifactType: MediaType?

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let found = try await registry.withClient(context) { client in
            let digest: Digest
            if let named = reference.digest {
                digest = named
            } else {
                digest = try await client.manifest(of: reference).digest
            }
            return try await client.repository(of: reference).referrers(of: digest, type: artifactType)
        }
        let columns: [TextTable.Column] = [
            .init(title: "DIGEST"), .init(title: "TYPE", canShrink: true), .init(title: "SIZE", alignment: .right),
        ]
        var rows = RowPrinter(output.format, columns, context.console)
        rows.print(
            found.map { row in
                let type = (row.artifactType ?? row.mediaType).name
                return ([row.digest.description, type, Quantities.bytes(row.size)], row.json)
            })
        rows.finish(ifNone: "Nothing refers to \(reference).")
        return .done
    }
}
