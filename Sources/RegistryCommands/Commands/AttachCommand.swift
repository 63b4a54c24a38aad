internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import Sigstore

struct AttachCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Attach signatures and statements to an artifact.",
        discussion: """
            Each file is a Sigstore bundle. The registry keeps it with the artifact and verifies it when its policy \
            decides: attaching a bundle makes nothing trusted. Without a file the attached bundles are listed.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Argument(help: "Files with Sigstore bundles.", completion: .file())
    var bundle: [String] = []

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        // What cannot be read is known before anything is sent.
        var bundles: [[UInt8]] = []
        for path in bundle { bundles.append(try LocalFile(path).readAll(bytesMax: BundleLimits.bundleBytesMax)) }
        let contents = bundles
        let documents = try await server.withClient(context) { client in
            let name = try await name.name(at: client)
            guard !contents.isEmpty else { return try await client.attestations(of: name) }
            var attached: [EvidenceDocument] = []
            for bytes in contents { attached.append(try await client.attach(bytes, to: name)) }
            return attached
        }
        EvidenceCommand.show(documents, ifNone: "No bundles are attached.", as: output.format, context.console)
        return .done
    }
}
