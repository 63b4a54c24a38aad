import OCI
import RegistryCore
import RegistryPorts

/// How bytes are found and opened that leave for another reason than that a version is trusted.
///
/// It decides nothing: `ReadBack` and `Attachments` know the reasons, and give the receipts.
struct UngatedBlobs: Sendable {
    /// A file that is replaced while it is opened is opened again.
    private static let attemptsMax = 3

    let references: References
    let manifests: ArtifactManifests
    let verification: Verification
    let blobs: any BlobStore
    let store: any MetadataReader

    var withdrawn: WithdrawnBlobs { WithdrawnBlobs(references: references, store: store) }

    /// - Returns: `nil` when the repository holds no such version.
    /// - Throws: `.recordTampered`; storage faults.
    func record(_ reference: Reference, in repository: RepositoryKey) async throws(RegistryError) -> ArtifactRecord? {
        do {
            return try await references.record(of: reference, in: repository)
        } catch {
            guard error.code == .artifactNotFound || error.code == .manifestNotFound else { throw error }
            return nil
        }
    }

    /// The blob as a version has it by which it may leave.
    ///
    /// - Parameters:
    ///   - lately: where to look first; it learns where the blob was found.
    ///   - limit: most versions that are looked at.
    ///   - blob: what a version lets out; `nil` where it does not.
    func first(
        naming digest: Digest, in repository: RepositoryKey, _ lately: LatelyPulled, limit: Int,
        _ blob: (_ version: Digest) async throws(RegistryError) -> PulledBlob?
    ) async throws(RegistryError) -> PulledBlob? {
        if let version = lately.version(naming: digest, in: repository), let found = try await blob(version) {
            return found
        }
        let users = try await throughStore { () async throws(StorageFault) in
            try await store.users(of: digest, after: 0, limit: limit)
        }
        for user in users where user.key.tenant == repository.tenant {
            guard let found = try await blob(user.key.version) else { continue }
            lately.remember(user.key.version, naming: digest, in: repository)
            return found
        }
        return nil
    }

    /// Opens a file of a version: its bytes are those that were hashed.
    ///
    /// - Returns: `nil` when it changes whenever it is opened.
    /// - Throws: `.integrityFailed`; storage faults.
    func open(
        _ file: ArtifactFile, of record: ArtifactRecord
    ) async throws(RegistryError) -> (any OpenedBlob)? {
        for _ in 0..<Self.attemptsMax {
            let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(file.digest) }
            let isUnchanged = try await verification.requireUnchanged(record, file, opened: opened?.identity)
            if isUnchanged, let opened { return opened }
        }
        return nil
    }
}
