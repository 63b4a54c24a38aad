internal import ArgumentParser
internal import ModelFormats

struct FingerprintCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "fingerprint", abstract: "Write the structural fingerprint of a GGUF file.",
        discussion: "The document is the one that the gguf-guard tool writes.")

    @Argument(help: "GGUF file.", completion: .file())
    var file: String

    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let measured = try await MeasuredGGUF(file, tensors: false, in: context)
        let fingerprint = GGUFFingerprint(
            table: measured.table, summary: measured.summary, fileDigest: measured.fileDigest)
        context.console.write(bytes: fingerprint.encoded())
        return .done
    }
}
