public import RegistryCore
public import RegistryPorts
import Synchronization

/// A clock that moves when it is told to.
public final class TestClock: WallClock, Sendable {
    private let time: Mutex<Timestamp>

    public init(_ start: Timestamp = Timestamp(clamping: 1_763_700_000_000)) {
        time = Mutex(start)
    }

    public func now() -> Timestamp {
        time.withLock { $0 }
    }

    /// - Parameter seconds: may be negative: clocks are set back.
    public func advance(seconds: Int64) {
        time.withLock { $0 = Timestamp(clamping: $0.milliseconds + seconds * 1_000) }
    }
}
