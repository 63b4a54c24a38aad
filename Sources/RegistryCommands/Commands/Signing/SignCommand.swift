internal import ArgumentParser
internal import LinuxFiles
internal import Signing

struct SignCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a file, a model directory or an artifact in a registry or layout.",
        discussion: """
            A file is signed itself; of a directory the list of its files with their digests, as OpenSSF model signing \
            does; an artifact in a registry, oci://…, or in an OCI image layout, DIRECTORY or DIRECTORY:NAME, by a \
            statement about its digest, which is put beside it. With --bundle a layout is a directory of files. Who \
            signs has a key, or a token that names them and services that vouch for it.

            The bundle is verified before anybody gets it: `securectl verify` accepts it, and so do the clients of \
            Sigstore and model_signing. Exits 0 with a bundle and never without; 11 if what the services answered does \
            not verify; 69 if one does not answer; 76 if its answer is nonsense; 77 if key or token are not good.
            """)

    @Argument(
        help: "File, directory, OCI layout with :name, or oci://registry/repository:tag or @digest.",
        completion: .file())
    var artifact: String

    @Option(
        name: .customLong("ignore"),
        help: "Path within the directory that is not signed, with everything beneath it; may be repeated.")
    var ignored: [String] = []

    @Flag(help: "In a registry or layout: everything that an index lists, too, such as the images of all platforms.")
    var recursive = false

    @OptionGroup(title: "Signer") var signer: SignerOptions
    @OptionGroup var destination: BundleDestination
    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        if let artifact = try destination.artifact(artifact) {
            guard ignored.isEmpty, destination.isDefault else {
                throw CommandFailure(.usage, "--ignore, --bundle and --overwrite are for files and directories.")
            }
            let signing = ArtifactSigning(artifact: artifact, isRecursive: recursive, registry: registry)
            try await signer.withSigner(roots: try registry.roots(context), in: context) { signer in
                try await signing.run(by: signer, output.format, context) { _, digest in
                    .imageSignature(manifestSHA256: digest)
                }
            }
        } else {
            guard !recursive else {
                throw CommandFailure(.usage, "--recursive is for artifacts in a registry or layout.")
            }
            try await signFiles(in: context)
        }
        return .done
    }

    private func signFiles(in context: CommandContext) async throws {
        let file = try destination.file(for: artifact)
        let isModel = (try? Directory(path: artifact)) != nil
        let content: () async throws -> SignableContent
        if isModel {
            let model = try UnsignedModel(artifact, ignoring: ignored, bundle: file.path)
            content = { try await model.content(in: context) }
        } else {
            guard ignored.isEmpty else { throw CommandFailure(.usage, "--ignore is for directories.") }
            let source = try LocalFile(artifact)
            content = { .file(source) }
        }
        try await signer.withSigner(roots: try registry.roots(context), in: context) { signer in
            guard !isModel || signer.signsModels else {
                throw CommandFailure(
                    .dataError, "Models are signed with P-256: model_signing verifies no Ed25519. Nothing was written.")
            }
            let bundle = try await signer.bundle(of: try await content(), in: context)
            try file.write(bundle.bytes, permissions: 0o644)
            SigningReport(artifact: artifact, signed: bundle, bundle: file.path)
                .write(output.format, to: context.console)
        }
    }
}
