import Synchronization
public import RegistryCore

/// Lets a bounded number of long pieces of work run at a time and a bounded number wait; the next is told to come back.
///
/// Overload is an answer of its own. It is never reported as a failed check.
public final class WorkLimiter: Sendable {
    private struct State {
        var running = 0
        /// Who waits is told to run.
        var waiting: [CheckedContinuation<Bool, Never>] = []
        var firstWaiting = 0
        var waitingCount: Int { waiting.count - firstWaiting }
    }

    private let runningMax: Int
    private let waitingMax: Int
    private let state = Mutex(State())

    public init(runningMax: Int, waitingMax: Int) {
        self.runningMax = runningMax
        self.waitingMax = waitingMax
    }

    /// - Throws: `.overloaded`, or what `body` throws.
    public func run<T: Sendable>(
        _ body: () async throws(RegistryError) -> T
    ) async throws(RegistryError) -> T {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws(RegistryError) {
        let mayRun = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            // In one step, so that no two are given the last place to wait in.
            let mayRun = state.withLock { state -> Bool? in
                if state.running < runningMax {
                    state.running += 1
                    return true
                }
                guard state.waitingCount < waitingMax else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let mayRun { continuation.resume(returning: mayRun) }
        }
        guard mayRun else { throw RegistryError(.overloaded, "Too many long operations at once.") }
    }

    /// Takes one more place for work that has one already, if nobody else wants it. `leave` gives it back.
    package func takeSpare() -> Bool {
        state.withLock { state in
            // Who waits gets each place that becomes free, so that none is free while anybody does.
            guard state.running < runningMax else { return false }
            state.running += 1
            return true
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waitingCount > 0 else {
                state.running -= 1
                return nil
            }
            let next = state.waiting[state.firstWaiting]
            state.firstWaiting += 1
            if state.firstWaiting > 64, state.firstWaiting * 2 > state.waiting.count {
                state.waiting.removeFirst(state.firstWaiting)
                state.firstWaiting = 0
            }
            return next
        }
        next?.resume(returning: true)
    }
}
