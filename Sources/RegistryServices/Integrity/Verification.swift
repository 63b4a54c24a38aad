public import OCI
public import RegistryCore
public import RegistryPorts

/// Whether stored bytes are still the admitted ones.
public struct Verification: Sendable {
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
    func requireUnchanged(_ record: ArtifactRecord, _ files: [ArtifactFile]) async throws(RegistryError) {
        for file in files where try await !memory.isUnchanged(file.digest) {
            guard case .damaged(let damage) = try await hash(file) else { continue }
            throw try await failure.record(damage, of: file, in: record)
        }
    }

    /// Hashes every file now, and puts the artifact into quarantine at the first damage.
    public func verify(
        _ record: ArtifactRecord, _ files: [ArtifactFile], pace: ReadPace = .full
    ) async throws(RegistryError) -> (file: ArtifactFile, damage: Damage)? {
        for file in files {
            guard case .damaged(let damage) = try await hash(file, pace: pace) else { continue }
            _ = try await failure.record(damage, of: file, in: record)
            return (file, damage)
        }
        return nil
    }

    enum Result: Sendable, Hashable {
        /// With the digests of the ranges that were asked for.
        case intact(rangeDigests: [Digest])
        case damaged(Damage)
    }

    /// Reads one file whole.
    func hash(
        _ file: ArtifactFile, ranges: [Range<UInt64>] = [], pace: ReadPace = .full
    ) async throws(RegistryError) -> Result {
        let check = try await throughStore { () async throws(StorageFault) in
            // One name in the store, and one in the view of each trusted artifact that shows it.
            let links = 1 + (try await store.uses(of: file.digest)).trusted
            return try await blobs.verify(
                file.digest, sizeBytes: file.sizeBytes, linksAtMost: links, hashing: ranges, pace: pace,
                progress: nil)
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
