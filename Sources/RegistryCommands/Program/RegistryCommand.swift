internal import ArgumentParser

/// A sub-command. It says what came of it by its status, and throws only if it could not do its work.
protocol RegistryCommand: AsyncParsableCommand {
    var output: OutputOptions { get }
    func execute(in context: CommandContext) async throws -> ExitStatus
}
