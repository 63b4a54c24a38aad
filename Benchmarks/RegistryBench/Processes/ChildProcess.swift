import Glibc
import Synchronization

/// A program that we started, until it ends.
final class ChildProcess {
    /// Where its standard output goes; its standard error always goes to ours, or to a file.
    enum Output {
        case inherited, discarded
        case file(String)
    }

    struct Result: Sendable {
        /// The exit status, or 128 and the signal that ended it.
        var status: Int32
    }

    let identifier: pid_t
    private var result: Result?

    /// Those that have not ended.
    private static let running = Mutex<Set<pid_t>>([])

    /// - Parameter arguments: the program first, looked up in `PATH`.
    init(_ arguments: [String], output: Output = .inherited, errors: String? = nil) throws(BenchFault) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        switch output {
        case .inherited: break
        case .discarded: posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        if let errors {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        let texts = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, arguments.first ?? "", &actions, nil, texts, environ)
        guard code == 0 else {
            throw BenchFault("\(arguments.first ?? "") cannot be started: \(String(cString: strerror(code)))")
        }
        identifier = process
        Self.running.withLock { _ = $0.insert(process) }
    }

    /// Ends all of them: this process is about to end itself.
    static func endAll() {
        for process in running.withLock({ $0 }) { kill(process, SIGKILL) }
    }

    /// Waits for its end.
    @discardableResult
    func wait() -> Result {
        if let result { return result }
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
        Self.running.withLock { _ = $0.remove(identifier) }
        let signal = status & 0x7F
        let ended = Result(status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
        result = ended
        return ended
    }

    func send(_ signal: Int32) {
        guard result == nil else { return }
        kill(identifier, signal)
    }

    static func run(
        _ arguments: [String], output: Output = .inherited, errors: String? = nil
    ) throws(BenchFault) -> Result {
        try ChildProcess(arguments, output: output, errors: errors).wait()
    }
}
