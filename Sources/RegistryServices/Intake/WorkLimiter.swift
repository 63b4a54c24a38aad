import Synchronization
public import RegistryCore

/// Lets a bounded number of long pieces of work run at a time and a bounded number wait; the next is told to come back.
///
/// Overload is an answer of its own. It is never reported as a failed check.
public final class WorkLimiter: Sendable {
    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
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
        enum Place { case free, queue, none }
        let place = state.withLock { state -> Place in
            if state.running < runningMax {
                state.running += 1
                return .free
            }
            return state.waitingCount < waitingMax ? .queue : .none
        }
        switch place {
        case .free: return
        case .none:
            throw RegistryError(.overloaded, "Too many long operations at once.")
        case .queue:
            await withCheckedContinuation { continuation in
                let mayGo = state.withLock { state -> Bool in
                    // A place may have become free since we looked.
                    if state.running < runningMax {
                        state.running += 1
                        return true
                    }
                    state.waiting.append(continuation)
                    return false
                }
                if mayGo { continuation.resume() }
            }
        }
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
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
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
        next?.resume()
    }
}
