import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Remembers what each blob's file looked like when its bytes were last hashed.
///
/// A file whose device, inode, size, modification time and change time are still the same counts as unchanged, for a
/// bounded time; so asking for the path of a 40 GB model does not read it. The store keeps the memory over restarts,
/// under a seal; losing some of it costs one more read.
public final class HashMemory: Sendable {
    private struct Sight {
        var identity: BlobIdentity
        var time: Timestamp
    }

    private struct State {
        var seen: [Digest: Sight] = [:]
        /// What the store does not know yet.
        var unsaved: Set<Digest> = []
        /// What was found damaged and not intact since: what the store says of it may be older than that.
        var damaged: Set<Digest> = []

        mutating func remember(_ digest: Digest, _ sight: Sight) {
            guard !damaged.contains(digest) else { return }
            if seen.count >= HashMemory.seenMax {
                seen.removeAll(keepingCapacity: true)
                unsaved.removeAll(keepingCapacity: true)
            }
            seen[digest] = sight
            unsaved.insert(digest)
        }
    }

    private static let seenMax = 65_536

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let ledger: Ledger
    private let sealer: RecordSealer
    private let ageMilliseconds: Int64
    private let state = Mutex(State())

    /// - Parameter ageSeconds: how long a hash counts, at most.
    public init(
        store: any MetadataReader, blobs: any BlobStore, ledger: Ledger, sealer: RecordSealer, ageSeconds: Int64
    ) {
        self.store = store
        self.blobs = blobs
        self.ledger = ledger
        self.sealer = sealer
        ageMilliseconds = ageSeconds * 1_000
    }

    /// The blob was hashed now, and its file looks like this.
    func remember(_ digest: Digest, _ identity: BlobIdentity) {
        let time = ledger.now()
        state.withLock { state in
            state.damaged.remove(digest)
            state.remember(digest, Sight(identity: identity, time: time))
        }
    }

    /// The blob was found damaged: whatever was known of it is void until it is hashed again and found intact.
    ///
    /// Whoever writes the damage down removes what the store knows in the same transaction.
    func forget(_ digest: Digest) {
        state.withLock { state in
            state.seen[digest] = nil
            state.unsaved.remove(digest)
            state.damaged.insert(digest)
        }
    }

    private func isDamaged(_ digest: Digest) -> Bool {
        state.withLock { $0.damaged.contains(digest) }
    }

    /// Whether a blob need not be hashed again yet.
    func isUnchanged(_ digest: Digest) async throws(RegistryError) -> Bool {
        guard let last = try await recentSight(of: digest) else { return false }
        return try await identity(of: digest)?.isUntouched(since: last.identity) ?? false
    }

    /// The same about a file that is open, whatever has its name by now.
    func isUnchanged(_ digest: Digest, opened identity: BlobIdentity) async throws(RegistryError) -> Bool {
        guard let last = try await recentSight(of: digest) else { return false }
        return identity.isUntouched(since: last.identity)
    }

    private func recentSight(of digest: Digest) async throws(RegistryError) -> Sight? {
        guard let last = try await sight(of: digest),
            ledger.now().milliseconds - last.time.milliseconds <= ageMilliseconds
        else { return nil }
        return last
    }

    /// Runs something of ours that adds or removes names of blobs, which moves the change time of their files.
    ///
    /// What was unchanged before counts as unchanged afterwards, unless more than the change time moved. A hash keeps
    /// the time at which it was made.
    func whileLinking(
        _ digests: [Digest], _ body: () async throws(StorageFault) -> Void
    ) async throws(RegistryError) {
        var unchanged: [Digest: Sight] = [:]
        for digest in digests {
            guard let last = try await sight(of: digest),
                try await identity(of: digest)?.isUntouched(since: last.identity) == true
            else { continue }
            unchanged[digest] = last
        }
        try await throughStore(body)
        for (digest, last) in unchanged {
            guard let now = try await identity(of: digest), now.isSameContent(as: last.identity) else { continue }
            state.withLock { $0.remember(digest, Sight(identity: now, time: last.time)) }
        }
    }

    /// Hands the store what it does not know yet.
    public func save() async throws(RegistryError) {
        let unsaved = state.withLock { state in
            defer { state.unsaved.removeAll() }
            return state.unsaved.compactMap { digest in state.seen[digest].map { (digest, $0) } }
        }
        guard !unsaved.isEmpty else { return }
        try await ledger.write(.registry(.sweep)) { entry in
            // Damage that was found meanwhile removes what is known, in a transaction before or after this one.
            for (digest, sight) in unsaved where !self.isDamaged(digest) {
                try entry.put(verification: sight.identity, hashedAt: sight.time, of: digest)
            }
        }
    }

    private func sight(of digest: Digest) async throws(RegistryError) -> Sight? {
        let (known, isDamaged) = state.withLock { ($0.seen[digest], $0.damaged.contains(digest)) }
        if known != nil || isDamaged { return known }
        let sealed = try await throughStore { () async throws(StorageFault) in
            try await store.verification(of: digest)
        }
        guard let sealed, let (identity, time) = sealer.open(sealed, of: digest.description) else { return nil }
        let sight = Sight(identity: identity, time: time)
        return state.withLock { state in
            // Somebody may have found it damaged while the store was asked.
            guard !state.damaged.contains(digest) else { return nil }
            if state.seen[digest] == nil { state.seen[digest] = sight }
            return state.seen[digest]
        }
    }

    private func identity(of digest: Digest) async throws(RegistryError) -> BlobIdentity? {
        try await throughStore { () async throws(StorageFault) in try await blobs.identity(of: digest) }
    }
}

extension BlobIdentity {
    fileprivate func isUntouched(since other: BlobIdentity) -> Bool {
        isSameContent(as: other) && changedNanoseconds == other.changedNanoseconds
    }

    fileprivate func isSameContent(as other: BlobIdentity) -> Bool {
        device == other.device && inode == other.inode && sizeBytes == other.sizeBytes
            && modifiedNanoseconds == other.modifiedNanoseconds
    }
}
