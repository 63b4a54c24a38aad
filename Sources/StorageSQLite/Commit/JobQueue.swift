@preconcurrency import Dispatch
import Synchronization

/// A bounded queue between tasks, which never wait in it, and the threads that serve them.
final class JobQueue<Job: Sendable>: Sendable {
    enum Admission {
        case accepted
        case full
        case closed
    }

    fileprivate struct State {
        /// The jobs before `first` were taken.
        var jobs: [Job?] = []
        var first = 0
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
            guard state.jobs.count - state.first < limit else { return (.full, false) }
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
    /// - Returns: the oldest jobs, at most `count` and at least one; none once the queue is closed and everything in it
    ///   was taken.
    func take(atMost count: Int) -> [Job] {
        while true {
            let taken = state.withLock { state -> [Job]? in
                let jobs = state.takeFirst(max(1, count))
                if jobs.isEmpty, !state.isClosed {
                    state.threadsWaiting += 1
                    return nil
                }
                return jobs
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

extension JobQueue.State {
    fileprivate mutating func takeFirst(_ count: Int) -> [Job] {
        let end = min(first + count, jobs.count)
        var taken: [Job] = []
        taken.reserveCapacity(end - first)
        while first < end {
            if let job = jobs[first] { taken.append(job) }
            jobs[first] = nil
            first += 1
        }
        // Moving what is left each time would make a long queue slow to empty.
        if first * 2 >= jobs.count {
            jobs.removeFirst(first)
            first = 0
        }
        return taken
    }
}
