internal import Glibc

/// All that a command takes from its surroundings. Tests make their own.
public struct CommandContext: Sendable {
    public var environment: [String: String]
    public var console: Console
    /// Time since some fixed moment, never going back.
    public var now: @Sendable () -> Duration
    /// Looks into files that nobody vouches for.
    public var inspector: any FileInspector
    /// Asks whoever runs the command for a password; `nil` where nobody can be asked.
    var askPassword: @Sendable (_ question: String) throws(CommandFailure) -> [UInt8]? = { _ in nil }

    public init(
        environment: [String: String], console: Console, inspector: any FileInspector,
        now: @escaping @Sendable () -> Duration
    ) {
        self.environment = environment
        self.console = console
        self.inspector = inspector
        self.now = now
    }

    /// The surroundings of this process.
    public static func process(inspector: any FileInspector) -> CommandContext {
        let start = ContinuousClock.now
        var context = CommandContext(
            environment: processEnvironment(), console: .process, inspector: inspector,
            now: { start.duration(to: .now) })
        context.askPassword = PasswordPrompt.ask
        return context
    }

    /// A meter for something that takes time.
    func meter(_ title: String, _ unit: ProgressLine.Unit, total: UInt64?) -> ProgressMeter {
        ProgressMeter(title, unit, total: total, console: console, now: now)
    }

    private static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}
