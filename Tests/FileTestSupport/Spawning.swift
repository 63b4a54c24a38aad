public import Glibc

/// Where a program that tests start puts what it writes.
public enum SpawnedOutput: Sendable {
    /// A file, appended to.
    case file(String)
    /// A descriptor of ours, which the program has a copy of.
    case descriptor(Int32)

    public static var nowhere: SpawnedOutput { .file("/dev/null") }
}

/// A program that could not be started, or did not end well.
public struct SpawnFault: Error, CustomStringConvertible {
    public let description: String
}

/// Starts a program with an empty standard input.
///
/// Not by Foundation's `Process`: that goes through the list of this process's open files while other tests open and
/// close theirs, and reads beyond it.
///
/// - Parameter environment: all of it; nothing is inherited.
/// - Returns: the process, which the caller has to reap.
public func spawn(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], output: SpawnedOutput = .nowhere,
    errors: SpawnedOutput = .nowhere
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, place) in [(Int32(1), output), (2, errors)] {
        switch place {
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, number, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        case .descriptor(let own): posix_spawn_file_actions_adddup2(&actions, own, number)
        }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What the test runner blocks or ignores is not for the program.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var id: pid_t = 0
    let code = withPointers([program] + arguments) { arguments in
        withPointers(environment.map { "\($0)=\($1)" }) { environment in
            posix_spawn(&id, program, &actions, &attributes, arguments, environment)
        }
    }
    guard code == 0 else { throw SpawnFault(description: "\(program) could not be started: errno \(code)") }
    return id
}

/// Waits for the end of a process of ours.
///
/// - Returns: its status, as wait(2) gives it: 0 where all went well.
@discardableResult
public func reap(_ id: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) == -1, errno == EINTR {}
    return status
}

private func withPointers<T>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
) -> T {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        // Never empty: it ends in nil.
        body(buffer.baseAddress ?? UnsafeMutablePointer.allocate(capacity: 0))
    }
}
