internal import ArgumentParser

/// A sub-command. It says what came of it by its status, and throws only if it could not do its work.
protocol RegistryCommand: AsyncParsableCommand {
    associatedtype Output: OutputChoice
    var output: Output { get }
    func execute(in context: CommandContext) async throws -> ExitStatus
}
