public import OCI
public import RegistryCore
public import RegistryPorts

/// Whether stored bytes are still the admitted ones.
public struct Verification: Sendable {
    /// More views than this are not pending unless something is wrong.
    private static let pendingMax = 1_000

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let memory: HashMemory
    private let failure: IntegrityFailure

    public init(
        store: any MetadataReader, blobs: any BlobStore, memory: HashMemory, failure: IntegrityFailure
    ) {
        self.store = store
        self.blobs = blobs
        self.memory = memory
        self.failure = failure
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

    /// Hashes every file now, and puts the artifact into quarantine at the first damage.
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

    private func read(
        _ file: ArtifactFile, linksAtMost: UInt64, _ ranges: [Range<UInt64>], _ pace: ReadPace,
        _ progress: WorkProgress?
    ) async throws(StorageFault) -> BlobCheck {
        progress?.begin(.hashing, file.path, bytes: file.sizeBytes)
        return try await blobs.verify(
            file.digest, sizeBytes: file.sizeBytes, linksAtMost: linksAtMost, hashing: ranges, pace: pace,
            progress: progress)
    }

    /// How many views may show a blob: they follow states, so some may have come since somebody counted, and some may
    /// still have to go.
    private func namesInViews(of blob: Digest) async throws(StorageFault) -> UInt64 {
        var count = (try await store.uses(of: blob)).trusted
        let users = Set(try await store.users(of: blob))
        for name in Set(try await store.pendingViews(limit: Self.pendingMax).map(\.name)) {
            guard let record = try await store.record(named: name, in: .default)?.record else { continue }
            if record.state != .trusted, users.contains(record.key) { count += 1 }
        }
        return count
    }

    /// Reads one file whole.
    private func hash(
        _ file: ArtifactFile, ranges: [Range<UInt64>] = [], pace: ReadPace = .full, progress: WorkProgress? = nil
    ) async throws(RegistryError) -> Result {
        let check = try await throughStore { () async throws(StorageFault) in
            // One name in the store, and one in the view of each trusted artifact that shows it.
            let names = 1 + (try await store.uses(of: file.digest)).trusted
            let check = try await read(file, linksAtMost: names, ranges, pace, progress)
            guard case .linkedElsewhere(let links) = check else { return check }
            guard links <= 1 + (try await namesInViews(of: file.digest)) else { return check }
            return try await read(file, linksAtMost: links, ranges, pace, progress)
        }
        switch check {
        case .intact(let identity, let rangeDigests):
            memory.remember(file.digest, identity)
            return .intact(rangeDigests: rangeDigests)
        case .missing: return .damaged(.missing)
        case .otherSize(let found): return .damaged(.otherSize(found))
        case .otherBytes(let found, _): return .damaged(.otherBytes(found))
        case .notARegularFile: return .damaged(.notARegularFile)
        case .linkedElsewhere(let links): return .damaged(.linkedElsewhere(links))
        case .unreadable: return .damaged(.unreadable)
        }
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
