package import OCI
import Synchronization

/// Blobs that are being taken in: kept already, or about to be, and in no version yet. Collection leaves them alone.
///
/// Whoever takes a blob in holds its digest before looking whether the bytes are there. A removal that is under way at
/// that moment ends first; none begins while the digest is held. A write that is under way ends first, too: nobody
/// builds on what is not durable yet.
public final class BlobLeases: Sendable {
    private struct State {
        var held: [Digest: Int] = [:]
        var removals: [Digest: [CheckedContinuation<Void, Never>]] = [:]
        var writes: [Digest: Write] = [:]

        func isBusy(_ digest: Digest) -> Bool { removals[digest] != nil || writes[digest] != nil }

        /// - Returns: whether there is nothing to wait for any more.
        mutating func wait(for digest: Digest, _ continuation: CheckedContinuation<Void, Never>) -> Bool {
            guard isBusy(digest) else { return true }
            if removals[digest] != nil {
                removals[digest]?.append(continuation)
            } else {
                writes[digest]?.waiting.append(continuation)
            }
            return false
        }
    }

    private struct Write {
        var writers = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Holds a digest until as many calls of `release` as of this.
    func hold(_ digest: Digest) async {
        state.withLock { $0.held[digest, default: 0] += 1 }
        await settle(digest)
    }

    /// Waits until nobody removes or writes the bytes. Who holds a digest and found its bytes asks this before anything
    /// is built on them: they may have come since, and be on their way to the disk.
    func settle(_ digest: Digest) async {
        while state.withLock({ $0.isBusy(digest) }) {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { $0.wait(for: digest, continuation) }
                if isFree { continuation.resume() }
            }
        }
    }

    func release(_ digest: Digest) {
        state.withLock { state in
            guard let count = state.held[digest] else { return }
            state.held[digest] = count > 1 ? count - 1 : nil
        }
    }

    /// The holder of a digest has its bytes made durable, and whoever settles it from now on waits for that.
    func beginWrite(_ digest: Digest) {
        state.withLock { $0.writes[digest, default: Write()].writers += 1 }
    }

    func endWrite(_ digest: Digest) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard var write = state.writes[digest] else { return [] }
            write.writers -= 1
            state.writes[digest] = write.writers > 0 ? write : nil
            return write.writers > 0 ? [] : write.waiting
        }
        for continuation in waiting { continuation.resume() }
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

    /// As `BlobLeases.settle`, for everything that is held.
    func settle() async {
        for digest in Set(digests.withLock { $0 }) { await leases.settle(digest) }
    }

    package func release() {
        let held = digests.withLock { digests in
            defer { digests = [] }
            return digests
        }
        for digest in held { leases.release(digest) }
    }
}
