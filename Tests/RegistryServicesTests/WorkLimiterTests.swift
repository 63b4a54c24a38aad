import RegistryCore
import RegistryServices
import RegistryTesting
import Synchronization
import Testing

@Suite("Long operations at once")
struct WorkLimiterTests {
    /// Work that goes on until it is told to end.
    private final class Gate: Sendable {
        private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))

        func pass() async {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if mayPass { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private final class Count: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }

        @discardableResult
        func change(by difference: Int) -> Int {
            state.withLock { state in
                state.now += difference
                state.most = max(state.most, state.now)
                return state.now
            }
        }
    }

    @Test("So many run, so many wait, and the next one is told to come back")
    func limits() async throws {
        let limiter = WorkLimiter(runningMax: 2, waitingMax: 3)
        let gate = Gate()
        let running = Count()
        let refusals = Count()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    do throws(RegistryError) {
                        return try await limiter.run { () async throws(RegistryError) in
                            running.change(by: 1)
                            await gate.pass()
                            running.change(by: -1)
                            return number
                        }
                    } catch {
                        #expect(error.code == .overloaded)
                        // Two run and three wait: fifteen are refused, and then nobody holds the gate any more.
                        if refusals.change(by: 1) == 15 { gate.open() }
                        return -1
                    }
                }
            }
            let done = try await group.reduce(into: [Int]()) { $0.append($1) }
            #expect(done.filter { $0 >= 0 }.count == 5)
        }
        #expect(running.most == 2)
        #expect(refusals.now == 15)
    }

    @Test("Work that fails gives its place back")
    func failures() async throws {
        let limiter = WorkLimiter(runningMax: 1, waitingMax: 0)
        for _ in 0..<10 {
            await expectError(.sourceNotFound) {
                try await limiter.run { () async throws(RegistryError) -> Int in
                    throw RegistryError(.sourceNotFound, "Nothing there.")
                }
            }
        }
        let value = try await limiter.run { () async throws(RegistryError) in 7 }
        #expect(value == 7)
    }

    @Test(
        "Of many items as many are worked on at a time as there are places and as is allowed",
        .timeLimit(.minutes(1)), arguments: [(3, 8, 3), (8, 3, 3), (1, 8, 1), (4, 0, 1)])
    func spread(runningMax: Int, atOnceMax: Int, expected: Int) async throws {
        let limiter = WorkLimiter(runningMax: runningMax, waitingMax: 0)
        let (gate, running) = (Gate(), Count())
        for _ in 0..<2 {
            let doubled = try await limiter.run { () async throws(RegistryError) in
                try await limiter.spread(over: Array(0..<50), atOnceMax: atOnceMax, nil) {
                    number, _ async throws(RegistryError) in
                    // Nobody goes on before all are there that have a place.
                    if running.change(by: 1) == expected { gate.open() }
                    await gate.pass()
                    running.change(by: -1)
                    return number * 2
                }
            }
            #expect(doubled == (0..<50).map { $0 * 2 })
        }
        #expect(running.most == expected)
        // Every place was given back.
        for _ in 0..<runningMax { #expect(limiter.takeSpare()) }
        #expect(!limiter.takeSpare())
    }

    @Test("The first item with a fault decides, however late it fails, and those after it end", .timeLimit(.minutes(1)))
    func spreadFault() async throws {
        let limiter = WorkLimiter(runningMax: 8, waitingMax: 0)
        let (gate, running) = (Gate(), Count())
        let error = await expectError(.sourceRefused) {
            try await limiter.run { () async throws(RegistryError) in
                try await limiter.spread(over: Array(0..<8), atOnceMax: 8, nil) {
                    number, _ async throws(RegistryError) -> Int in
                    running.change(by: 1)
                    defer { running.change(by: -1) }
                    switch number {
                    case 2:
                        await gate.pass()
                        throw RegistryError(.sourceRefused, "2")
                    case 5:
                        gate.open()
                        throw RegistryError(.sourceRefused, "5")
                    case 7:
                        while !Task.isCancelled { await Task.yield() }
                        throw RegistryError(.overloaded, "7")
                    default: return number
                    }
                }
            }
        }
        #expect(error?.message == "2")
        #expect(running.now == 0)
        for _ in 0..<8 { #expect(limiter.takeSpare()) }
    }

    @Test("What is shown of several is the first that is under way")
    func spreadProgress() async throws {
        let progress = WorkProgress()
        progress.begin(.waiting)
        let (first, second) = (progress.begin(part: 3), progress.begin(part: 4))
        first.begin(.copying, try RelativePath(parsing: "a"), bytes: 10)
        second.begin(.hashing, try RelativePath(parsing: "b"), bytes: 20)
        _ = first.advanced(byBytes: 4)
        _ = second.advanced(byBytes: 9)
        #expect(progress.now == .init(phase: .copying, file: "a", bytesDone: 4, bytesTotal: 10))
        progress.end(part: 3)
        #expect(progress.now == .init(phase: .hashing, file: "b", bytesDone: 9, bytesTotal: 20))
        progress.end(part: 4)
        #expect(progress.now.file == "b")
        progress.begin(.deciding)
        #expect(progress.now == .init(phase: .deciding))
    }

    @Test("Nobody is forgotten among many who wait")
    func fairness() async throws {
        let limiter = WorkLimiter(runningMax: 3, waitingMax: 1_000)
        let done = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    try await limiter.run { () async throws(RegistryError) in
                        await Task.yield()
                        done.change(by: 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.now == 500)
    }
}
