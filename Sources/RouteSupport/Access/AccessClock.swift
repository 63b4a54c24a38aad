import RegistryCore
import Synchronization

/// The time of day that never goes back: what expired stays expired, whatever happens to the machine's clock.
final class AccessClock: Sendable {
    private let read: @Sendable () -> Timestamp
    private let latest = Atomic<Int64>(.min)

    init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    func now() -> Timestamp {
        let time = read().milliseconds
        return Timestamp(clamping: latest.max(time, ordering: .relaxed).newValue)
    }
}
