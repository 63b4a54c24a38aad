import Synchronization

/// A clock that waits for nobody: whoever sleeps until a moment moves the time there.
///
/// With `hold`, sleepers wait until the test lets them go.
public final class TestTimer: Clock, Sendable {
    public struct Instant: InstantProtocol {
        public var offset: Duration

        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var isHeld = false
        var sleepers: [(until: Instant, continuation: CheckedContinuation<Void, Never>)] = []
        var slept: [Duration] = []
    }

    private let state = Mutex(State())

    public init() {}

    public var now: Instant { state.withLock { $0.now } }
    public var minimumResolution: Duration { .nanoseconds(1) }
    /// How long somebody slept, each time.
    public var slept: [Duration] { state.withLock { $0.slept } }

    /// Something takes a while.
    public func advance(by duration: Duration) {
        state.withLock { $0.now = $0.now.advanced(by: duration) }
    }

    /// From now on sleepers wait for `release`.
    public func hold() {
        state.withLock { $0.isHeld = true }
    }

    public func release() {
        let sleepers = state.withLock { state in
            defer { state.sleepers = [] }
            state.isHeld = false
            for sleeper in state.sleepers { state.now = max(state.now, sleeper.until) }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.continuation.resume() }
    }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                state.slept.append(state.now.duration(to: deadline))
                guard state.isHeld else {
                    state.now = max(state.now, deadline)
                    return true
                }
                state.sleepers.append((deadline, continuation))
                return false
            }
            if goesOn { continuation.resume() }
        }
        try Task.checkCancellation()
    }
}
