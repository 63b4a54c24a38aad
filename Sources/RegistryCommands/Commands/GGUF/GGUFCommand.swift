internal import ArgumentParser

struct GGUFCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gguf", abstract: "Fingerprints and per-tensor manifests of GGUF files, without a registry.",
        subcommands: [FingerprintCommand.self, ManifestCommand.self, VerifyManifestCommand.self])
}
