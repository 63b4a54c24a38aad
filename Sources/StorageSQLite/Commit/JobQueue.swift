@preconcurrency import Dispatch
import Synchronization

/// A bounded queue between tasks, which never wait in it, and the threads that serve them.
final class JobQueue<Job: Sendable>: Sendable {
    enum Admission {
        case accepted
        case full
        case closed
    }

    private struct State {
        var jobs: [Job] = []
        var threadsWaiting = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    private let wakeups = DispatchSemaphore(value: 0)

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ job: Job) -> Admission {
        let (admission, wakes) = state.withLock { state -> (Admission, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            guard state.jobs.count < limit else { return (.full, false) }
            state.jobs.append(job)
            guard state.threadsWaiting > 0 else { return (.accepted, false) }
            state.threadsWaiting -= 1
            return (.accepted, true)
        }
        if wakes { wakeups.signal() }
        return admission
    }

    /// Blocks the calling thread until there is work.
    ///
    /// - Returns: the oldest jobs, at most `count`; none once the queue is closed and everything in it was taken.
    func take(atMost count: Int) -> [Job] {
        while true {
            let taken = state.withLock { state -> [Job]? in
                if state.jobs.isEmpty {
                    if state.isClosed { return [] }
                    state.threadsWaiting += 1
                    return nil
                }
                if state.jobs.count <= count {
                    defer { state.jobs = [] }
                    return state.jobs
                }
                defer { state.jobs.removeFirst(count) }
                return Array(state.jobs[..<count])
            }
            if let taken { return taken }
            wakeups.wait()
        }
    }

    /// Accepts nothing more. What was accepted is still served.
    func close() {
        let sleepers = state.withLock { state -> Int in
            state.isClosed = true
            defer { state.threadsWaiting = 0 }
            return state.threadsWaiting
        }
        for _ in 0..<sleepers { wakeups.signal() }
    }
}
