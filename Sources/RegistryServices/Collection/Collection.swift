import OCI
public import RegistryCore
public import RegistryPorts

/// Removes blobs that no version uses any more.
///
/// A blob that is being taken in has no user yet, so whoever takes blobs in beside this shares its leases; one that was
/// received and waits for the rest of its set has a lease in the store. It may be stopped at any moment; each blob is
/// there or gone, and what is left is found the next time.
public struct Collection: Sendable {
    public struct Result: Sendable, Hashable {
        public var blobs: UInt64 = 0
        public var bytes: UInt64 = 0
    }

    private static let pageSize = 1_000

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let leases: BlobLeases
    private let leaseStore: any LeaseStore
    private let leasesFrom: Timestamp

    /// - Parameters:
    ///   - leases: those of the `Intake` that works on the same store; of none, when nothing else works on it.
    ///   - leasesFrom: a lease that was begun before has ended.
    public init(
        store: any MetadataReader, blobs: any BlobStore, leases: BlobLeases = BlobLeases(), leaseStore: any LeaseStore,
        leasesFrom: Timestamp
    ) {
        self.store = store
        self.blobs = blobs
        self.leases = leases
        self.leaseStore = leaseStore
        self.leasesFrom = leasesFrom
    }

    /// - Parameter isRehearsal: count, and remove nothing.
    /// - Returns: what was, or would be, removed.
    public func collect(isRehearsal: Bool) async throws(RegistryError) -> Result {
        var result = Result()
        var after: Digest?
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await blobs.blobs(after: start, limit: Self.pageSize)
            }
            for blob in page where try await isUnused(blob.digest) {
                if !isRehearsal { guard try await remove(blob.digest) else { continue } }
                result.blobs += 1
                result.bytes &+= blob.sizeBytes
            }
            guard page.count == Self.pageSize, let last = page.last?.digest else { return result }
            after = last
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
            var ended = 0
            for digest in page {
                let size = try await throughStore { () async throws(StorageFault) in
                    try await blobs.identity(of: digest)?.sizeBytes
                }
                if try await isUnused(digest), try await remove(digest), let size {
                    result.blobs += 1
                    result.bytes &+= size
                }
                if try await endLease(digest) { ended += 1 }
            }
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
        try await throughStore { () async throws(StorageFault) in
            guard try await store.uses(of: digest).kept == 0 else { return false }
            if let renewal = try await leaseStore.renewal(of: digest), renewal >= leasesFrom { return false }
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
