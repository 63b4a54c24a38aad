/// Why a pool did not run a piece of work. Nothing of it was done.
public enum PoolRefusal: Sendable, Hashable {
    /// The queue is full: try later. Never a verdict on what was asked for.
    case overloaded
    case closed
}

/// An error type that can say that a pool refused the work.
public protocol PoolRefusable: Error {
    init(refusal: PoolRefusal)
}

extension FileFault: PoolRefusable {
    public init(refusal: PoolRefusal) {
        switch refusal {
        case .overloaded: self.init(.run, .overloaded)
        case .closed: self.init(.run, .closed)
        }
    }
}

/// Threads for calls that block, so that neither Swift's own threads nor an event loop ever wait for a disk.
///
/// Work starts in the order in which it came. Threads are started when they are first needed and stay. Work that must
/// end early when its task is cancelled looks at a `CancellationFlag`.
public final class BlockingPool: Sendable {
    private let core: Core

    /// - Parameters:
    ///   - threadsMax: how many pieces of work run at a time.
    ///   - waitingMax: how many may wait beyond those; one more is refused.
    public init(threadsMax: Int, waitingMax: Int) {
        core = Core(threadsMax: max(threadsMax, 1), waitingMax: max(waitingMax, 1))
    }

    deinit { core.close() }

    /// Takes no more work. What was accepted still runs.
    public func close() { core.close() }

    /// Runs `work` on a thread of the pool.
    ///
    /// - Throws: what `work` throws, or `Fault(refusal:)` without having run it.
    public func run<Value: Sendable, Fault: PoolRefusable>(
        _ work: @escaping @Sendable () throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let result: Result<Value, Fault> = await withCheckedContinuation { continuation in
            core.submit { refusal in
                if let refusal {
                    continuation.resume(returning: .failure(Fault(refusal: refusal)))
                } else {
                    continuation.resume(returning: Result(catching: work))
                }
            }
        }
        return try result.get()
    }

    /// Runs `work`, whose flag is raised when the calling task is cancelled.
    public func runCancellable<Value: Sendable, Fault: PoolRefusable>(
        _ work: @escaping @Sendable (CancellationFlag) throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let flag = CancellationFlag()
        let result: Result<Value, Fault> = await withTaskCancellationHandler {
            do throws(Fault) {
                return .success(try await run { () throws(Fault) in try work(flag) })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            flag.cancel()
        }
        return try result.get()
    }
}

extension BlockingPool {
    /// Called once: with nil to run, or with the reason for not running.
    fileprivate typealias Job = @Sendable (PoolRefusal?) -> Void

    fileprivate struct State: Sendable {
        var waiting = JobQueue()
        var threads = 0
        /// Threads that wait for work.
        var idle = 0
        /// Pieces of work that wait or run.
        var accepted = 0
        var isClosed = false
    }

    /// What threads hold on to, so that a pool that nobody uses any more can end them.
    fileprivate final class Core: Sendable {
        let threadsMax: Int
        let waitingMax: Int
        let monitor = Monitor(State())

        init(threadsMax: Int, waitingMax: Int) {
            self.threadsMax = threadsMax
            self.waitingMax = waitingMax
        }

        func submit(_ job: @escaping Job) {
            enum Outcome {
                case queued, queuedNeedsThread
                case refused(PoolRefusal)
            }
            let outcome = monitor.change(waking: .one) { state -> Outcome in
                if state.isClosed { return .refused(.closed) }
                guard state.accepted < threadsMax + waitingMax else { return .refused(.overloaded) }
                state.accepted += 1
                state.waiting.append(job)
                guard state.waiting.count > state.idle && state.threads < threadsMax else { return .queued }
                state.threads += 1
                return .queuedNeedsThread
            }
            switch outcome {
            case .queued: break
            case .queuedNeedsThread: startThread()
            case .refused(let refusal): job(refusal)
            }
        }

        func close() {
            monitor.change { $0.isClosed = true }
        }

        private func startThread() {
            do throws(FileFault) {
                try BlockingThread.start { self.work() }.detach()
            } catch {
                // Other threads will get to the work; without any, nobody would.
                let stranded = monitor.change { state -> JobQueue in
                    state.threads -= 1
                    guard state.threads == 0 else { return JobQueue() }
                    let stranded = state.waiting
                    state.accepted -= stranded.count
                    state.waiting = JobQueue()
                    return stranded
                }
                var refused = stranded
                while let job = refused.removeFirst() { job(.overloaded) }
            }
        }

        private func work() {
            while let job = nextJob() {
                job(nil)
                monitor.change(waking: .nobody) { $0.accepted -= 1 }
            }
        }

        private func nextJob() -> Job? {
            monitor.change(waking: .nobody) { $0.idle += 1 }
            return monitor.wait { state -> Job?? in
                if let job = state.waiting.removeFirst() {
                    state.idle -= 1
                    return .some(job)
                }
                guard state.isClosed else { return .none }
                state.idle -= 1
                state.threads -= 1
                return .some(nil)
            }
        }
    }

    /// First in, first out, without moving the rest at each step.
    fileprivate struct JobQueue: Sendable {
        private var jobs: [Job?] = []
        private var head = 0

        var count: Int { jobs.count - head }

        mutating func append(_ job: @escaping Job) {
            jobs.append(job)
        }

        mutating func removeFirst() -> Job? {
            guard head < jobs.count else { return nil }
            let job = jobs[head]
            jobs[head] = nil
            head += 1
            if head == jobs.count || head >= 1024 {
                jobs.removeFirst(head)
                head = 0
            }
            return job
        }
    }
}
