internal import ArgumentParser
internal import LinuxFiles
internal import Signing

struct SignCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a file or a model directory.",
        discussion: """
            A file is signed itself; of a directory the list of its files with their digests, as OpenSSF model signing \
            does. The bundle is verified before it is written: `securectl verify` accepts it, and so do the clients of \
            Sigstore and model_signing.

            Exits 0 with a bundle and never without; 77 if the key cannot be opened.
            """)

    @Argument(help: "File or directory.", completion: .file())
    var artifact: String

    @Option(
        name: .customLong("ignore"),
        help: "Path within the directory that is not signed, with everything beneath it; may be repeated.")
    var ignored: [String] = []

    @OptionGroup(title: "Signer") var signer: SignerOptions
    @OptionGroup var destination: BundleDestination
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let file = try destination.file(for: artifact)
        let content: () async throws -> SignableContent
        let isModel = (try? Directory(path: artifact)) != nil
        if isModel {
            let model = try UnsignedModel(artifact, ignoring: ignored, bundle: file.path)
            content = { try await model.content(in: context) }
        } else {
            guard ignored.isEmpty else { throw CommandFailure(.usage, "--ignore is for directories.") }
            let source = try LocalFile(artifact)
            content = { .file(source) }
        }
        let signer = try signer.signer(in: context)
        if isModel, !signer.signsModels {
            throw CommandFailure(
                .dataError, "Models are signed with P-256: model_signing verifies no Ed25519. Nothing was written.")
        }
        let signable = try await content()
        try file.write(try await signer.bundle(of: signable, in: context), permissions: 0o644)
        var report = SigningReport(artifact: artifact, signer: signer, bundle: file.path)
        if case .statement(let draft, _) = signable { report.predicateType = draft.predicateType }
        report.write(output.format, to: context.console)
        return .done
    }
}
