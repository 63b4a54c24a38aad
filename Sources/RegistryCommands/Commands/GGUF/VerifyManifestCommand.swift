internal import ArgumentParser
internal import ModelFormats
internal import StrictJSON

struct VerifyManifestCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-manifest", abstract: "Compare a GGUF file with its manifest.",
        discussion: """
            Everything that the manifest says is compared: file, structure, every tensor, and that there is nothing \
            more. Exits 0 if the file is the one the manifest was made of, 11 if not.
            """)

    @Argument(help: "GGUF file.", completion: .file())
    var file: String

    @Argument(help: "Manifest of this tool or of gguf-guard.", completion: .file())
    var manifest: String

    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let expected = try readManifest()
        let actual = try await MeasuredGGUF(file, tensors: true, in: context).manifest()
        let mismatches = expected.compare(with: actual)
        switch output.format {
        // Names in it are neutralised where the lines are made.
        case .table: context.console.write(TensorManifest.verdictText(mismatches) + "\n")
        case .json:
            context.console.write(json: [
                "status": .string(mismatches.isEmpty ? "verified" : "failed"),
                "mismatches": .array(mismatches.map { .string($0.line) }),
            ])
        }
        return mismatches.isEmpty ? .done : .bad
    }

    private func readManifest() throws(CommandFailure) -> TensorManifest {
        let bytes = try LocalFile(manifest).readAll(bytesMax: TensorManifest.documentBytesMax)
        do {
            return try TensorManifest.parse(bytes)
        } catch {
            switch error {
            case .json(let fault): throw CommandFailure(.dataError, "\(manifest) is no manifest: \(fault).")
            case .field(let name): throw CommandFailure(.dataError, "\(manifest) is no manifest: field \(name).")
            }
        }
    }
}
