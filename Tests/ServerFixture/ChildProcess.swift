import FileTestSupport
import Foundation
public import Glibc
import Synchronization

/// How a process ended.
public enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
    case exited(Int32)
    case killed(signal: Int32)

    public var description: String {
        switch self {
        case .exited(let status): "exit \(status)"
        case .killed(let signal): "signal \(signal)"
        }
    }
}

/// A process of ours. It does not outlive the object.
public final class ChildProcess: Sendable {
    public let id: pid_t
    private let state = Mutex(State())

    private struct State {
        var status: ExitStatus?
        var waiting: [CheckedContinuation<ExitStatus, Never>] = []
    }

    /// - Parameters:
    ///   - environment: all of it; nothing is inherited.
    ///   - output, errors: files that standard output and standard error are appended to.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null",
        errors: String = "/dev/null"
    ) throws {
        id = try spawn(
            program, arguments, environment: environment, output: .file(output), errors: .file(errors))
        let (id, weakSelf) = (id, Weak(self))
        let waiter = Thread {
            var info = siginfo_t()
            while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            // Until it is reaped the number belongs to it, so nobody else is ever signalled.
            if let process = weakSelf.value { process.reap() } else { Self.reap(id) }
        }
        waiter.stackSize = 256 << 10
        waiter.start()
    }

    deinit { if status == nil { _ = kill(id, SIGKILL) } }

    /// How it ended, `nil` while it runs.
    public var status: ExitStatus? { state.withLock { $0.status } }

    /// Sends a signal, unless it ended.
    public func send(_ signal: Int32) {
        state.withLock { state in
            if state.status == nil { _ = kill(id, signal) }
        }
    }

    /// Waits for its end.
    @discardableResult
    public func wait() async -> ExitStatus {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Waits for its end, and kills it when that takes too long.
    ///
    /// - Throws: when it had to be killed.
    @discardableResult
    public func wait(atMost limit: Duration) async throws -> ExitStatus {
        let killer = Task {
            try await Task.sleep(for: limit)
            send(SIGKILL)
            return true
        }
        let status = await wait()
        killer.cancel()
        if case .success(true) = await killer.result {
            throw FixtureFault("process \(id) had to be killed after \(limit)")
        }
        return status
    }

    private func reap() {
        let (status, waiting) = state.withLock { state in
            let status = Self.reap(id)
            let waiting = state.waiting
            state = State(status: status)
            return (status, waiting)
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }

    @discardableResult
    private static func reap(_ id: pid_t) -> ExitStatus {
        let status = FileTestSupport.reap(id)
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    /// The waiter must not keep the process alive that its object ends.
    private struct Weak: @unchecked Sendable {
        // Unchecked: weak references are atomic, and this one is written once, before the thread starts.
        weak var value: ChildProcess?

        init(_ value: ChildProcess) { self.value = value }
    }
}
