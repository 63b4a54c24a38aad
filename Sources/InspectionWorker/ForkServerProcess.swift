import CLinux
import Glibc
import LinuxFiles

/// A running fork server, seen from its parent.
///
/// Letting go of the last reference closes the socket, upon which the server ends, and collects it.
final class ForkServerProcess: Sendable {
    /// What the server said of its sandbox when it was ready.
    let layers: Sandbox.Layers
    let process: pid_t
    private let socket: FileDescriptor

    /// Milliseconds that a server may take to be ready.
    private static let startMillisecondsMax: Int32 = 10_000

    /// Starts `executable` as an inspector, with an empty environment and no file but its socket, and waits until its
    /// sandbox is closed. Blocks.
    ///
    /// - Throws: `.unsupported` when the program is there and does not become a fork server.
    init(executable: String, arguments: [String]) throws(FileFault) {
        var ends: [Int32] = [-1, -1]
        let result = clinux_message_pair(&ends)
        guard result >= 0 else { throw FileFault(.run, code: -result) }
        let mine = FileDescriptor(owning: ends[0])
        let theirs = FileDescriptor(owning: ends[1])
        let process = try Self.spawn(executable, arguments, socket: theirs)
        theirs.close()
        guard let greeting = mine.withNumber({ Self.greeting($0) }) else {
            mine.close()
            Self.end(process)
            throw FileFault(.run, .unsupported)
        }
        layers = greeting.layers
        socket = mine
        self.process = process
    }

    deinit {
        socket.close()
        Self.end(process)
    }

    /// Whether the process is gone. It stays uncollected, so that its number is nobody else's.
    var hasEnded: Bool {
        var info = siginfo_t()
        let result = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT)
        return result == 0 && info.si_signo != 0
    }

    /// Hands `request` over.
    ///
    /// - Returns: false when the server is gone.
    func send(_ request: InspectorRequest, _ descriptors: [FileDescriptor]) -> Bool {
        let bytes = request.encoded()
        let numbers = descriptors.map { $0.withNumber { $0 } }
        let result = socket.withNumber { clinux_send_message($0, bytes, bytes.count, numbers, numbers.count) }
        return withExtendedLifetime(descriptors) { result == 0 }
    }

    private static func greeting(_ socket: Int32) -> ServerGreeting? {
        guard Poll.waitUntilReadable(socket, milliseconds: startMillisecondsMax) else { return nil }
        var bytes = [UInt8](repeating: 0, count: ServerGreeting.bytesMax)
        var descriptors = [Int32](repeating: -1, count: Int(CLINUX_MESSAGE_DESCRIPTORS_MAX))
        var count = 0
        let length = clinux_receive_message(socket, &bytes, bytes.count, &descriptors, &count)
        for descriptor in descriptors.prefix(count) { close(descriptor) }
        return length > 0 ? ServerGreeting(bytes[..<length]) : nil
    }

    /// The process is our child and not yet collected, so that its number cannot be anybody else's.
    private static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 && errno == EINTR {}
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], socket: FileDescriptor
    ) throws(FileFault) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        _ = socket.withNumber { posix_spawn_file_actions_adddup2(&actions, $0, ForkServer.socket) }
        for standard in [STDIN_FILENO, STDOUT_FILENO] {
            posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Its own group, so that Ctrl-C reaches the parent alone, which ends it in time; and the signals of a process
        // that was just started, whatever the parent blocks or ignores.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var process: pid_t = 0
        let texts = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        // Not quite empty: a crash of a child must not start the runtime's crash reporter.
        let environment = [strdup("SWIFT_BACKTRACE=enable=no"), nil]
        defer { for text in environment { free(text) } }
        let code = withExtendedLifetime(socket) {
            posix_spawn(&process, executable, &actions, &attributes, texts, environment)
        }
        guard code == 0 else { throw FileFault(.run, code: code) }
        return process
    }
}

/// Waiting for one descriptor, for threads that may block.
enum Poll {
    /// - Returns: true when something can be read or the other end is closed; false when the time is over.
    static func waitUntilReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let result = poll(&waiting, 1, milliseconds)
            if result == -1 && errno == EINTR { continue }
            return result > 0
        }
    }
}
