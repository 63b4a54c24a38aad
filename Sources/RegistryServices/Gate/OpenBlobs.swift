import OCI
import RegistryCore
import RegistryPorts
import StrictJSON
import Synchronization

/// Which blobs a repository without a gate gives to whoever may read it.
///
/// Nobody has to have promoted what it holds. What was taken out of use is not read there either: it takes a version of
/// the repository that names the blob and is `acquired` or `trusted`, or nothing at all that names it there and nothing
/// anywhere that was withdrawn with it.
final class OpenBlobs: Sendable {
    /// Most versions that are looked at for one answer.
    private static let lookupsMax = 4_000
    private static let rememberedMax = 4_096

    private let references: References
    private let manifests: ArtifactManifests
    private let store: any MetadataReader
    private let readable = Mutex(Readable())

    /// What was found to be readable, for as long as nothing was changed since.
    private struct Readable {
        var changes: UInt64 = 0
        var blobs: Set<Place> = []
    }

    private struct Place: Hashable {
        var digest: Digest
        var repository: RepositoryKey
    }

    init(references: References, manifests: ArtifactManifests, store: any MetadataReader) {
        self.references = references
        self.manifests = manifests
        self.store = store
    }

    /// - Parameter repository: has the blob.
    /// - Throws: `.notTrusted`; `.recordTampered`; storage faults.
    func requireReadable(_ digest: Digest, in repository: RepositoryKey) async throws(RegistryError) {
        // Two bytes that artifacts of all kinds share and that say nothing.
        guard digest != Descriptor.empty.digest else { return }
        let (changes, place) = (references.changes, Place(digest: digest, repository: repository))
        if readable.withLock({ $0.changes == changes && $0.blobs.contains(place) }) { return }
        let standing = BlobStanding()
        let isComplete = try await look(at: digest, in: repository, standing)
        if let refusal = standing.refusal(of: digest) { throw refusal }
        guard isComplete || standing.isInUseHere else {
            throw RegistryError(.notTrusted, "Too many versions name \(digest) to look at each of them.")
        }
        remember(place, changes)
    }

    private func remember(_ place: Place, _ changes: UInt64) {
        readable.withLock { readable in
            if readable.changes != changes || readable.blobs.count >= Self.rememberedMax {
                readable.blobs.removeAll(keepingCapacity: true)
                readable.changes = changes
            }
            readable.blobs.insert(place)
        }
    }

    /// - Returns: whether every version was looked at that names the blob.
    private func look(
        at digest: Digest, in repository: RepositoryKey, _ standing: BlobStanding
    ) async throws(RegistryError) -> Bool {
        let store = store
        var walk = BlobUserWalk(store, of: digest)
        var lookups = 0
        while let users = try await throughStore({ () async throws(StorageFault) in try await walk.next() }) {
            lookups += users.count
            guard lookups <= Self.lookupsMax else { return false }
            for user in users where user.tenant == repository.tenant {
                let record = try await references.version(user)
                let isHere = try await references.holds(record, repository)
                let isAll =
                    record.state == .revoked ? try await manifests.contents(of: user).onlyFile == digest : false
                standing.add(record, isHere: isHere, isAll: isAll)
            }
        }
        return true
    }

    /// Whether a version anywhere is trusted that names the blob, so that somebody who may read everything gets it.
    func isTrustedSomewhere(_ digest: Digest, in tenant: Tenant, at time: Timestamp) async throws(RegistryError) -> Bool
    {
        let store = store
        var walk = BlobUserWalk(store, of: digest)
        var lookups = 0
        while lookups < Self.lookupsMax,
            let users = try await throughStore({ () async throws(StorageFault) in try await walk.next() })
        {
            lookups += users.count
            for user in users where user.tenant == tenant {
                if try await references.version(user).isTrusted(at: time) { return true }
            }
        }
        return false
    }
}

/// What is known of the versions that name a blob.
private final class BlobStanding {
    /// Whether the repository holds one that is in use.
    private(set) var isInUseHere = false
    private var isTrusted = false
    /// When the first of those that are in use came, wherever.
    private var inUseSince: Timestamp?
    /// One that the repository holds and that is out of use.
    private var outOfUseHere: ArtifactRecord?
    /// The state of one that was withdrawn and not deleted, wherever.
    private var withdrawn: ArtifactState?
    /// When the first was revoked that consists of this blob alone, wherever.
    private var revokedSince: Timestamp?

    /// - Parameters:
    ///   - isHere: whether the repository holds it.
    ///   - isAll: whether it consists of the blob alone.
    func add(_ record: ArtifactRecord, isHere: Bool, isAll: Bool) {
        if record.state.isInUse {
            inUseSince = min(inUseSince ?? record.acquiredAt, record.acquiredAt)
            isTrusted = isTrusted || record.state == .trusted
            isInUseHere = isInUseHere || isHere
            return
        }
        if record.state != .deleted { withdrawn = record.state }
        if record.state == .revoked, isAll { revokedSince = min(revokedSince ?? record.stateSince, record.stateSince) }
        if isHere { outOfUseHere = outOfUseHere ?? record }
    }

    /// Bytes that were revoked as such do not come back by being named anew. What named them before that, and was not
    /// revoked with them, still may, and so may what somebody has promoted since.
    private var isRevoked: Bool {
        guard let revokedSince, !isTrusted else { return false }
        return inUseSince.map { $0 >= revokedSince } ?? true
    }

    /// - Returns: `nil` for what may be read.
    func refusal(of digest: Digest) -> RegistryError? {
        if isRevoked { return .outOfUse(digest, .revoked) }
        if isInUseHere { return nil }
        if let outOfUseHere { return .notTrusted(outOfUseHere) }
        return withdrawn.map { .outOfUse(digest, $0) }
    }
}

extension ArtifactState {
    /// Received, and neither put aside nor withdrawn since.
    var isInUse: Bool { self == .acquired || self == .trusted }
}

extension VersionContents {
    /// What it consists of, beside its config.
    var payload: ArraySlice<ArtifactFile> { configDocument == nil ? files.dropFirst() : files[...] }

    /// The one file that it consists of, beside its config; `nil` where there are several, or none.
    var onlyFile: Digest? { payload.count == 1 && !hasForeignParts ? payload.first?.digest : nil }
}

extension RegistryError {
    /// Names no version: it may be one of a repository that the reader must not see.
    fileprivate static func outOfUse(_ digest: Digest, _ state: ArtifactState) -> RegistryError {
        RegistryError(
            .notTrusted, "\(digest) was taken out of use: what consists of it is \(state.rawValue).",
            detail: ["state": .string(state.rawValue)])
    }
}
