internal import ArgumentParser
internal import DistributionClient
internal import LinuxFiles
internal import RegistryClient

/// `securectl` as a function.
public enum SecureCtlProgram {
    /// Parses `arguments`, without the program's name, and does what they say.
    ///
    /// - Returns: the exit status.
    public static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        let command: any ParsableCommand
        do {
            command = try SecureCtl.parseAsRoot(arguments)
        } catch {
            return explain(error, context.console)
        }
        guard let command = command as? any RegistryCommand else { return await runBuiltIn(command, context.console) }
        var context = context
        if command.output.quiet { context.console = context.console.quiet }
        do {
            return try await command.execute(in: context).rawValue
        } catch {
            return report(failure(of: error), forPrograms: command.output.isForPrograms, context.console).rawValue
        }
    }

    /// The same for this process: Ctrl-C cancels what is under way, so that it leaves something to go on from.
    public static func runProcess() async -> Int32 {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let work = Task { await run(arguments, in: .process(inspector: SandboxedInspector())) }
        let watch = InterruptionWatch { work.cancel() }
        let status = await work.value
        withExtendedLifetime(watch) {}
        return status
    }

    /// Help and completions, which the parser makes.
    private static func runBuiltIn(_ command: any ParsableCommand, _ console: Console) async -> Int32 {
        var command = command
        do {
            try command.run()
            return ExitStatus.done.rawValue
        } catch {
            return explain(error, console)
        }
    }

    private static func explain(_ error: any Error, _ console: Console) -> Int32 {
        let code = SecureCtl.exitCode(for: error)
        let text = SecureCtl.fullMessage(for: error) + "\n"
        if code == .success { console.write(text) } else { console.draw(text) }
        return code.rawValue
    }

    private static func failure(of error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let fault as ClientFault: CommandFailure(fault)
        case let fault as DistributionFault: CommandFailure(fault)
        case let fault as FileFault: CommandFailure(fault, path: nil)
        case is CancellationError: CommandFailure(.interrupted, "Interrupted.")
        default: CommandFailure(.software, "This should not happen: \(error)")
        }
    }

    private static func report(
        _ failure: CommandFailure, forPrograms: Bool, _ console: Console
    ) -> ExitStatus {
        for line in failure.lines { console.note(line) }
        if forPrograms { console.write(json: failure.json) }
        return failure.status
    }
}
