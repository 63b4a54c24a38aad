internal import ArgumentParser

/// `securectl reinspect`.
struct ReinspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reinspect", abstract: "See what newer rules and policies say to what is trusted.",
        discussion: """
            A registry looks at what is trusted again by itself, where it was admitted by other rules, another policy \
            or other scanners than those in force.
            """,
        subcommands: [ReinspectStatusCommand.self])
}
