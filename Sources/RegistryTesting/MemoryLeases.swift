public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Leases in memory, by a clock that a test moves.
public final class MemoryLeases: LeaseStore, Sendable {
    private let clock: TestClock
    private let renewals = Mutex<[Digest: Timestamp]>([:])

    public init(clock: TestClock) {
        self.clock = clock
    }

    /// Blobs that are leased now.
    public var leased: Set<Digest> { renewals.withLock { Set($0.keys) } }

    public func renew(_ blob: Digest) async throws(StorageFault) {
        let now = clock.now()
        renewals.withLock { $0[blob] = now }
    }

    public func renewal(of blob: Digest) async throws(StorageFault) -> Timestamp? {
        renewals.withLock { $0[blob] }
    }

    public func end(_ blob: Digest) async throws(StorageFault) {
        renewals.withLock { $0[blob] = nil }
    }

    public func leases(renewedBefore time: Timestamp, limit: Int) async throws(StorageFault) -> [Digest] {
        renewals.withLock { renewals in Array(renewals.filter { $0.value < time }.keys.prefix(limit)) }
    }
}
