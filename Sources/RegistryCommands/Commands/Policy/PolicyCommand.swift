internal import ArgumentParser

/// `securectl policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Look at policies of admission.",
        subcommands: [PolicyShowCommand.self, PolicyCheckCommand.self, PolicyExplainCommand.self])
}
