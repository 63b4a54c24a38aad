internal import ArgumentParser

/// `securectl credential`.
struct CredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential", abstract: "Make credentials for repositories.",
        subcommands: [CredentialNewCommand.self])
}
