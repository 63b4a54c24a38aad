internal import ArgumentParser

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Check the registry's transparency log.",
        discussion: """
            The newest accepted checkpoint of each registry is remembered beneath $XDG_STATE_HOME/pratique, so that \
            nobody, not even the registry's operator, can rewrite history unnoticed.
            """,
        subcommands: [LogVerifyCommand.self, LogSaveCommand.self, LogShowCommand.self])
}
