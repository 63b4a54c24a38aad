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
        discussion: """
            From the registry's own list, or from the tag under which clients keep one where it has none. A line that \
            cannot be read is shown as one, and the exit status is 76 then.
            """)

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
            return try await client.repository(of: reference).referrerLines(of: digest, type: artifactType)
        }
        let columns: [TextTable.Column] = [
            .init(title: "DIGEST"), .init(title: "TYPE", canShrink: true), .init(title: "SIZE", alignment: .right),
        ]
        var rows = RowPrinter(output.format, columns, context.console)
        rows.print(found.map(\.row))
        rows.finish(ifNone: "Nothing refers to \(reference).")
        let odd = found.filter(\.isUnreadable).count
        guard odd > 0 else { return .done }
        if output.format == .table {
            context.console.note("\(Quantities.count(UInt64(odd), "line")) of the list cannot be read.")
        }
        return .protocolError
    }
}

extension ReferrerLine {
    fileprivate var isUnreadable: Bool {
        if case .unreadable = self { true } else { false }
    }

    fileprivate var row: (cells: [String], json: JSONValue) {
        switch self {
        case .descriptor(let descriptor):
            let type = (descriptor.artifactType ?? descriptor.mediaType).name
            return ([descriptor.digest.description, type, Quantities.bytes(descriptor.size)], descriptor.json)
        case .unreadable(let line): return (["unreadable", "-", "-"], ["unreadable": line])
        }
    }
}
