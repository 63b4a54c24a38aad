import OCI
public import RegistryCore
public import RegistryPorts

/// Removes blobs that nothing needs any more, beside serving or in a store that nothing else works on.
///
/// A blob stays while a version in a state that keeps bytes uses it, while a manifest in a repository names it, and
/// while it waits for a manifest or for the rest of its set. Indexes say so quickly; before anything goes, the
/// manifests of all versions that keep bytes are asked, too, so that an index that lost rows costs nobody a model.
///
/// A blob that is being taken in is in no index yet, so whoever takes blobs in shares the leases, and holds a blob's
/// digest from before it looks whether the bytes are there until it has committed what names them. No removal runs
/// meanwhile, and who comes during one waits for its end.
///
/// It may be stopped at any moment; each blob is there or gone, and what is left is found the next time.
public struct Collection: Sendable {
    public struct Result: Sendable, Hashable {
        /// Blobs that were looked at.
        public var examined: UInt64 = 0
        /// Blobs that were removed, or would be.
        public var blobs: UInt64 = 0
        public var bytes: UInt64 = 0
        /// Blobs of which no index says that they are used, and manifests do. They stay.
        public var disagreements: UInt64 = 0
    }

    private static let pageSize = 1_000
    /// Blobs that are held in memory until the manifests were asked.
    private static let candidatesMax = 10_000
    /// Blobs that are looked at, or removed, between two pauses.
    private static let stepSize = 100

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let needs: BlobNeeds
    private let leases: BlobLeases
    private let leaseStore: any LeaseStore
    private let ledger: Ledger
    private let leasesFrom: Timestamp

    /// - Parameters:
    ///   - needs: asks the manifests.
    ///   - leases: those of whoever takes blobs in.
    ///   - leasesFrom: what was received before waits no longer.
    public init(
        store: any MetadataReader, blobs: any BlobStore, needs: BlobNeeds, leases: BlobLeases,
        leaseStore: any LeaseStore, ledger: Ledger, leasesFrom: Timestamp
    ) {
        self.store = store
        self.blobs = blobs
        self.needs = needs
        self.leases = leases
        self.leaseStore = leaseStore
        self.ledger = ledger
        self.leasesFrom = leasesFrom
    }

    /// - Parameters:
    ///   - isRehearsal: count, and remove nothing.
    ///   - pace: how much it does in a second; `nil` for as much as it can.
    /// - Returns: what was, or would be, removed.
    /// - Throws: `.recordTampered` when it cannot be known what versions need, and then nothing more is removed;
    ///   `.overloaded` when it was broken off; storage faults.
    public func collect(
        isRehearsal: Bool, pace: CollectionPace? = nil
    ) async throws(RegistryError) -> Result {
        var result = Result()
        var after: Digest?
        var isAtEnd = false
        while !isAtEnd {
            var candidates: [StoredBlob] = []
            while !isAtEnd, candidates.count < Self.candidatesMax {
                let start = after
                let page = try await throughStore { () async throws(StorageFault) in
                    try await blobs.blobs(after: start, limit: Self.pageSize)
                }
                candidates += try await unused(among: page, pace, &result)
                isAtEnd = page.count < Self.pageSize
                after = page.last?.digest
            }
            try await remove(candidates, isRehearsal: isRehearsal, pace, &result)
        }
        if !isRehearsal { try await forgetReceipts() }
        return result
    }

    private func unused(
        among page: [StoredBlob], _ pace: CollectionPace?, _ result: inout Result
    ) async throws(RegistryError) -> [StoredBlob] {
        var unused: [StoredBlob] = []
        for (number, blob) in page.enumerated() {
            if number % Self.stepSize == 0 { try await Self.rest(pace, items: Self.stepSize) }
            if try await isUnused(blob.digest) { unused.append(blob) }
            result.examined += 1
        }
        return unused
    }

    private func remove(
        _ candidates: [StoredBlob], isRehearsal: Bool, _ pace: CollectionPace?, _ result: inout Result
    ) async throws(RegistryError) {
        guard !candidates.isEmpty else { return }
        let needed = try await needs.needed(among: Set(candidates.map(\.digest)), pace)
        result.disagreements += UInt64(needed.count)
        for blob in candidates where !needed.contains(blob.digest) {
            if !isRehearsal {
                guard try await remove(blob.digest) else { continue }
                try await Self.rest(pace, items: 1, bytes: blob.sizeBytes)
            }
            result.blobs += 1
            result.bytes &+= blob.sizeBytes
        }
    }

    private static func rest(
        _ pace: CollectionPace?, items: Int, bytes: UInt64 = 0
    ) async throws(RegistryError) {
        await pace?.rest(after: items, bytes: bytes)
        guard !Task.isCancelled else { throw RegistryError(.overloaded, "The collection was broken off.") }
    }

    /// Rows about what waits no longer say nothing more. On a full disk they wait for the next time: removing rows
    /// takes room, and what was collected made some.
    private func forgetReceipts() async throws(RegistryError) {
        let time = leasesFrom
        do throws(RegistryError) {
            while true {
                let count = try await ledger.write(.registry(.sweep)) { entry in
                    try entry.forgetReceived(before: time, limit: Self.pageSize)
                }
                guard count == Self.pageSize else { return }
            }
        } catch {
            guard error.code == .storageFull else { throw error }
        }
    }

    /// Removes files that were received for a set of which nobody made an artifact in time.
    ///
    /// - Returns: what was removed. Leases of blobs that a version uses end without that.
    public func collectAbandoned() async throws(RegistryError) -> Result {
        var result = Result()
        while true {
            let page = try await throughStore { () async throws(StorageFault) in
                try await leaseStore.leases(renewedBefore: leasesFrom, limit: Self.pageSize)
            }
            var candidates: [StoredBlob] = []
            for digest in page {
                let size = try await throughStore { () async throws(StorageFault) in
                    try await blobs.identity(of: digest)?.sizeBytes
                }
                guard let size, try await isUnused(digest) else { continue }
                candidates.append(StoredBlob(digest: digest, sizeBytes: size))
            }
            try await remove(candidates, isRehearsal: false, nil, &result)
            var ended = 0
            for digest in page where try await endLease(digest) { ended += 1 }
            // What is being taken in at this moment, and what could not be looked up, is left to the next time.
            guard ended > 0, page.count == Self.pageSize else { return result }
        }
    }

    private func endLease(_ digest: Digest) async throws(RegistryError) -> Bool {
        guard leases.beginRemoval(digest) else { return false }
        defer { leases.endRemoval(digest) }
        return try await throughStore { () async throws(StorageFault) in
            guard let renewal = try await leaseStore.renewal(of: digest), renewal < leasesFrom else { return false }
            try await leaseStore.end(digest)
            return true
        }
    }

    /// - Returns: `false` when somebody takes the blob in.
    private func remove(_ digest: Digest) async throws(RegistryError) -> Bool {
        guard leases.beginRemoval(digest) else { return false }
        defer { leases.endRemoval(digest) }
        // Somebody may have held it, committed a version that uses it, and let go since we looked.
        guard try await isUnused(digest) else { return false }
        try await throughStore { () async throws(StorageFault) in try await blobs.remove(digest) }
        return true
    }

    /// A missing answer is no permission: what cannot be looked up stays, and so does what the counts and the records
    /// do not agree about.
    private func isUnused(_ digest: Digest) async throws(RegistryError) -> Bool {
        // Before the store is asked: what does not wait here any more is written there.
        guard !ledger.receipts.has(digest) else { return false }
        return try await throughStore { () async throws(StorageFault) in
            guard try await store.uses(of: digest).kept == 0 else { return false }
            guard try await !store.isNamed(digest) else { return false }
            guard try await !store.wasReceived(digest, since: leasesFrom) else { return false }
            if let renewal = try await leaseStore.renewal(of: digest), renewal >= leasesFrom { return false }
            // The process before may have ended before it wrote this down.
            if let receipt = try await blobs.receipt(of: digest),
                let time = ledger.receipts.timeLeftBehind(receipt), time >= leasesFrom
            {
                return false
            }
            var walk = BlobUserWalk(store, of: digest)
            while let users = try await walk.next() {
                for key in users {
                    guard let record = try await store.record(key)?.record, !record.state.keepsBytes else {
                        return false
                    }
                }
            }
            return true
        }
    }
}
