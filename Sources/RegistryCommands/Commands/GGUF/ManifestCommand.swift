internal import ArgumentParser
internal import ModelFormats

struct ManifestCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Write the SHA-256 of every tensor of a GGUF file.",
        discussion: "The document is the one that the gguf-guard tool writes. The file is read once.")

    @Argument(help: "GGUF file.", completion: .file())
    var file: String

    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let measured = try await MeasuredGGUF(file, tensors: true, in: context)
        context.console.write(bytes: try measured.manifest().encoded())
        return .done
    }
}
