public import OCI
public import RegistryCore
public import RegistryPorts

/// Whether stored bytes are still the admitted ones.
public struct Verification: Sendable {
    /// More views than this are not pending unless something is wrong.
    private static let pendingMax = 1_000
    /// How often the names of a blob are counted before a surplus is somebody else's.
    private static let countsMax = 9

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let manifests: ArtifactManifests
    private let memory: HashMemory
    private let viewKeeper: ViewKeeper
    private let failure: IntegrityFailure

    /// - Parameter alarm: tells people of damage: a line in the registry's log and a metric.
    public init(
        store: any MetadataReader, blobs: any BlobStore, manifests: ArtifactManifests, memory: HashMemory,
        ledger: Ledger, viewKeeper: ViewKeeper, alarm: @escaping @Sendable (IntegrityAlarm) -> Void
    ) {
        self.store = store
        self.blobs = blobs
        self.manifests = manifests
        self.memory = memory
        self.viewKeeper = viewKeeper
        failure = IntegrityFailure(
            store: store, manifests: manifests, memory: memory, ledger: ledger, viewKeeper: viewKeeper, alarm: alarm)
    }

    /// Returns when every file is what was admitted; reads only those that changed since they were last hashed.
    ///
    /// - Throws: `.integrityFailed` after the artifact was put into quarantine.
    func requireUnchanged(
        _ record: ArtifactRecord, _ files: [ArtifactFile], _ progress: WorkProgress? = nil
    ) async throws(RegistryError) {
        for file in files where try await !memory.isUnchanged(file.digest) {
            guard case .damaged(let damage) = try await hash(file, progress: progress) else { continue }
            throw try await failure.record(damage, of: file, in: record)
        }
    }

    /// The same for one file that is open already.
    ///
    /// - Parameter opened: what is open; `nil` where nothing could be.
    /// - Returns: `false` when the bytes are right that are kept by now, and what is open is something else.
    /// - Throws: as the other.
    func requireUnchanged(
        _ record: ArtifactRecord, _ file: ArtifactFile, opened: BlobIdentity?
    ) async throws(RegistryError) -> Bool {
        if let opened, try await memory.isUnchanged(file.digest, opened: opened) { return true }
        try await requireUnchanged(record, [file])
        return false
    }

    /// Hashes every file now, and puts the artifact into quarantine at the first damage. What is whole and trusted has
    /// a view of these very files afterwards.
    ///
    /// - Throws: `.concurrentChange` when it was deleted or replaced meanwhile; storage faults.
    public func verify(
        _ record: ArtifactRecord, _ files: [ArtifactFile], pace: ReadPace = .full, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> (file: ArtifactFile, damage: Damage)? {
        for file in files {
            guard case .damaged(let damage) = try await hash(file, pace: pace, progress: progress) else { continue }
            let error = try await failure.record(damage, of: file, in: record)
            guard error.code == .integrityFailed else { throw error }
            return (file, damage)
        }
        // A blob that was replaced, because it had rotted, leaves the rotten file in the views that showed it.
        if record.state == .trusted { try await viewKeeper.follow(record.name) }
        return nil
    }

    /// Hashes one file now.
    ///
    /// - Returns: the digests of the ranges.
    /// - Throws: `.integrityFailed` after the artifact was put into quarantine.
    func requireIntact(
        _ file: ArtifactFile, in record: ArtifactRecord, ranges: [Range<UInt64>], _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> [Digest] {
        switch try await hash(file, ranges: ranges, progress: progress) {
        case .intact(let rangeDigests): return rangeDigests
        case .damaged(let damage): throw try await failure.record(damage, of: file, in: record)
        }
    }

    private enum Result {
        /// With the digests of the ranges that were asked for.
        case intact(rangeDigests: [Digest])
        case damaged(Damage)
    }

    /// Reads one file whole.
    private func hash(
        _ file: ArtifactFile, ranges: [Range<UInt64>] = [], pace: ReadPace = .full, progress: WorkProgress? = nil
    ) async throws(RegistryError) -> Result {
        progress?.begin(.hashing, file.path, bytes: file.sizeBytes)
        let check = try await throughStore { () async throws(StorageFault) in
            try await blobs.verify(
                file.digest, sizeBytes: file.sizeBytes, hashing: ranges, pace: pace, progress: progress)
        }
        switch check {
        case .intact(let identity, let rangeDigests):
            if let links = try await foreignLinks(of: file.digest, identity.links) {
                return .damaged(.linkedElsewhere(links))
            }
            memory.remember(file.digest, identity)
            return .intact(rangeDigests: rangeDigests)
        case .missing: return .damaged(.missing)
        case .otherSize(let found): return .damaged(.otherSize(found))
        case .otherBytes(let found, _): return .damaged(.otherBytes(found))
        case .notARegularFile: return .damaged(.notARegularFile)
        case .unreadable: return .damaged(.unreadable)
        }
    }

    /// Whether somebody else has a name for a blob, through which it could be written.
    ///
    /// Views come and go while they are counted, and one that is replaced is there twice for a moment. So a surplus is
    /// looked at again, with a quarter of a second in all for it to go away.
    ///
    /// - Parameter links: how many names the file had a moment ago.
    /// - Returns: how many it has; `nil` when each is the store's or a view's.
    private func foreignLinks(of blob: Digest, _ links: UInt64) async throws(RegistryError) -> UInt64? {
        var links = links
        for count in 1...Self.countsMax {
            let shown = try await throughStore { () async throws(StorageFault) in try await store.uses(of: blob).shown }
            if links <= 1 + shown { return nil }
            if links <= 1 + shown + (try await linksOnTheirWay(of: blob)) { return nil }
            // Waiting does not end early for whoever gave up: a verdict that was not waited for might be wrong.
            await Task { try? await Task.sleep(for: .milliseconds(1 << count)) }.value
            let identity = try await throughStore { () async throws(StorageFault) in
                try await blobs.identity(of: blob)
            }
            guard let identity else { return nil }
            links = identity.links
        }
        return links
    }

    /// Names in views that still have to go, because the trust of what they show has ended.
    private func linksOnTheirWay(of blob: Digest) async throws(RegistryError) -> UInt64 {
        let pending = try await throughStore { () async throws(StorageFault) in
            try await store.pendingViews(after: 0, limit: Self.pendingMax)
        }
        var count: UInt64 = 0
        for name in Set(pending.map(\.name)) {
            let record = try await throughStore { () async throws(StorageFault) in
                try await store.record(named: name, in: .default)?.record
            }
            guard let record, record.state != .trusted, let files = try? await manifests.files(of: record.key) else {
                continue
            }
            count += UInt64(files.count { $0.digest == blob })
        }
        return count
    }
}

/// What is wrong with a stored file.
public enum Damage: Sendable, Hashable, CustomStringConvertible {
    case missing
    case otherSize(UInt64)
    case otherBytes(Digest)
    case notARegularFile
    case linkedElsewhere(UInt64)
    case unreadable

    /// What was found, in a word; a digest when there were bytes to hash.
    public var description: String {
        switch self {
        case .missing: "missing"
        case .otherSize(let bytes): "\(bytes) bytes"
        case .otherBytes(let digest): digest.description
        case .notARegularFile: "not a regular file"
        case .linkedElsewhere(let links): "\(links) links"
        case .unreadable: "unreadable"
        }
    }
}
