package import OCI
import Synchronization

/// Blobs that are being taken in: kept already, or about to be, and in no version yet. Collection leaves them alone.
///
/// Whoever takes a blob in holds its digest before looking whether the bytes are there. A removal that is under way at
/// that moment ends first; none begins while the digest is held.
public final class BlobLeases: Sendable {
    private struct State {
        var held: [Digest: Int] = [:]
        var removals: [Digest: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Holds a digest until as many calls of `release` as of this.
    func hold(_ digest: Digest) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                state.held[digest, default: 0] += 1
                guard state.removals[digest] != nil else { return true }
                state.removals[digest]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func release(_ digest: Digest) {
        state.withLock { state in
            guard let count = state.held[digest] else { return }
            state.held[digest] = count > 1 ? count - 1 : nil
        }
    }

    /// - Returns: `false` when somebody holds the digest, or removes it already. After `true` comes `endRemoval`.
    func beginRemoval(_ digest: Digest) -> Bool {
        state.withLock { state in
            guard state.held[digest] == nil, state.removals[digest] == nil else { return false }
            state.removals[digest] = []
            return true
        }
    }

    func endRemoval(_ digest: Digest) {
        let waiting = state.withLock { $0.removals.removeValue(forKey: digest) ?? [] }
        for continuation in waiting { continuation.resume() }
    }
}

/// The digests that one intake holds. It lets them go when it ends, however it ends.
package final class BlobLease: Sendable {
    private let leases: BlobLeases
    private let digests = Mutex<[Digest]>([])

    package init(_ leases: BlobLeases) {
        self.leases = leases
    }

    /// Each call waits until a removal that is under way has ended, also when another file with the same bytes waits
    /// for it.
    package func hold(_ digest: Digest) async {
        digests.withLock { $0.append(digest) }
        await leases.hold(digest)
    }

    package func release() {
        let held = digests.withLock { digests in
            defer { digests = [] }
            return digests
        }
        for digest in held { leases.release(digest) }
    }
}
