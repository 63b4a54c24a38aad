import Foundation

/// Runs calls that wait on a thread of their own, so that a test never holds up the threads that all tasks share.
public enum OwnThread {
    private static let stackBytes = 512 << 10

    public static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: work)) }
            thread.stackSize = stackBytes
            thread.start()
        }
    }
}

/// Lets so many tasks in at a time; the others wait in the order in which they came.
final class Permits: Sendable {
    private let state: Gate

    init(_ count: Int) {
        state = Gate(free: count)
    }

    func take() async { await state.enter() }

    func give() async { await state.leave() }

    private actor Gate {
        private var free: Int
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(free: Int) {
            self.free = free
        }

        func enter() async {
            if free > 0 {
                free -= 1
                return
            }
            await withCheckedContinuation { waiting.append($0) }
        }

        func leave() {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
    }
}
