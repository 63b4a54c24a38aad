import FileTestSupport
import Glibc
import LinuxFiles
import Testing

@Suite("Threads for work that blocks")
struct BlockingPoolTests {
    /// Holds threads until it is opened.
    private final class Gate: Sendable {
        private let flag = CancellationFlag()
        func open() { flag.cancel() }
        func wait() { while !flag.isCancelled { sched_yield() } }
    }

    @Test("Work gives its result or its own error")
    func results() async throws {
        let pool = BlockingPool(threadsMax: 2, waitingMax: 10)
        #expect(try await pool.run { () throws(FileFault) in 42 } == 42)
        await #expect(throws: FileFault(.read, .changed)) {
            try await pool.run { () throws(FileFault) in throw FileFault(.read, .changed) }
        }
    }

    @Test("No more than the allowed number of threads run at a time, and all work is done")
    func boundsThreads() async throws {
        let pool = BlockingPool(threadsMax: 3, waitingMax: 1_000)
        let running = SharedCount()
        let most = Shared(0)
        let done = SharedCount()
        try await withThrowingTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    try await pool.run { () throws(FileFault) in
                        let now = running.add(1)
                        most.change { $0 = max($0, now) }
                        sched_yield()
                        running.add(-1)
                        done.add(1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.value == 500)
        #expect((1...3).contains(most.value))
    }

    @Test("A full queue refuses at once, and takes work again when there is room")
    func refusesWhenFull() async throws {
        let pool = BlockingPool(threadsMax: 1, waitingMax: 2)
        let gate = Gate()
        let refused = SharedCount()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    do throws(FileFault) {
                        try await pool.run { () throws(FileFault) in gate.wait() }
                    } catch {
                        #expect(error.kind == .overloaded)
                        // Three fit; the last refusal lets them go.
                        if refused.add(1) == 5 { gate.open() }
                    }
                }
            }
        }
        #expect(refused.value == 5)
        #expect(try await pool.run { () throws(FileFault) in 1 } == 1)
    }

    @Test("A closed pool refuses new work")
    func closes() async throws {
        let pool = BlockingPool(threadsMax: 1, waitingMax: 1)
        pool.close()
        await #expect(throws: FileFault(.run, .closed)) { try await pool.run { () throws(FileFault) in } }
    }

    @Test("Work is told when its task is cancelled")
    func cancels() async throws {
        let pool = BlockingPool(threadsMax: 1, waitingMax: 1)
        let started = Gate()
        let task = Task {
            try await pool.runCancellable { flag throws(FileFault) in
                started.open()
                while !flag.isCancelled { sched_yield() }
                throw FileFault(.hash, .cancelled)
            }
        }
        started.wait()
        task.cancel()
        await #expect(throws: FileFault(.hash, .cancelled)) { try await task.value }
    }

    @Test("Work starts in the order in which it came")
    func keepsOrder() async throws {
        let pool = BlockingPool(threadsMax: 1, waitingMax: 5_000)
        let order = Shared<[Int]>([])
        let gate = Gate()
        async let blocked: Void = pool.run { () throws(FileFault) in gate.wait() }
        try await withThrowingTaskGroup { group in
            for index in 0..<3_000 {
                // Each task reaches its first suspension, in the queue, before the next is made.
                group.addImmediateTask {
                    try await pool.run { () throws(FileFault) in order.change { $0.append(index) } }
                }
            }
            gate.open()
            try await group.waitForAll()
        }
        try await blocked
        #expect(order.value == Array(0..<3_000))
    }
}
