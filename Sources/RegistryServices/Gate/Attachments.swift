import OCI
import RegistryCore
import RegistryPorts

/// Lets out signatures, attestations and bills of materials that are about a manifest of the same repository, although
/// nobody promotes them: a verifier reads them before it trusts.
///
/// They are what `AttachmentShape` says, `acquired`, whole, and small JSON. Whoever may pull from the repository may
/// read them, as its tags; whatever is anything else goes to the gate (docs/adr/0011).
struct Attachments: Sendable {
    /// Most versions or tags that are looked at as the reason why something may leave.
    private static let lookedAtMax = 64

    private let blobs: UngatedBlobs
    private let tags: TagBook
    /// Who reads a manifest asks for its blobs next.
    private let lately = LatelyPulled()

    init(_ blobs: UngatedBlobs, tags: TagBook) {
        self.blobs = blobs
        self.tags = tags
    }

    /// - Returns: `nil` when it is no attachment: the gate decides.
    /// - Throws: `.integrityFailed`; `.recordTampered`.
    func manifest(
        _ record: ArtifactRecord, in repository: RepositoryKey
    ) async throws(RegistryError) -> PulledManifest? {
        guard let attached = try await attached(record, in: repository) else { return nil }
        let contents = try await blobs.manifests.contents(of: record.key)
        for file in contents.files where try await isWithdrawn(file.digest, in: repository) { return nil }
        try await blobs.verification.requireUnchanged(record, contents.files)
        for file in contents.files { lately.remember(record.key.version, naming: file.digest, in: repository) }
        return PulledManifest(
            receipt: .attached(attached), digest: record.key.version, mediaType: contents.mediaType,
            bytes: contents.manifest)
    }

    /// A blob that an attachment names.
    ///
    /// - Returns: `nil` when there is none: the gate decides.
    /// - Throws: as `manifest`.
    func blob(_ digest: Digest, in repository: RepositoryKey) async throws(RegistryError) -> PulledBlob? {
        try await blobs.first(naming: digest, in: repository, lately, limit: Self.lookedAtMax) {
            version throws(RegistryError) in
            try await blob(digest, of: version, in: repository)
        }
    }

    private func blob(
        _ digest: Digest, of version: Digest, in repository: RepositoryKey
    ) async throws(RegistryError) -> PulledBlob? {
        guard let record = try await record(version, in: repository),
            let attached = try await attached(record, in: repository),
            let file = try await blobs.manifests.files(of: record.key).first(where: { $0.digest == digest }),
            let opened = try await blobs.open(file, of: record)
        else { return nil }
        guard AttachmentShape.isDocument(opened), try await !isWithdrawn(digest, in: repository) else { return nil }
        return PulledBlob(receipt: .attached(attached), digest: digest, content: .file(opened))
    }

    private func isWithdrawn(_ digest: Digest, in repository: RepositoryKey) async throws(RegistryError) -> Bool {
        var lookups = Self.lookedAtMax
        return try await blobs.withdrawn.contain(digest, in: repository.tenant, lookups: &lookups)
    }

    /// Whether a version is an attachment of something in this repository, now.
    private func attached(
        _ record: ArtifactRecord, in repository: RepositoryKey
    ) async throws(RegistryError) -> AttachedManifest? {
        guard record.state == .acquired else { return nil }
        let contents = try await blobs.manifests.contents(of: record.key)
        guard case .artifact(let manifest)? = try? ManifestDocument(parsing: contents.manifest),
            AttachmentShape.fits(manifest)
        else { return nil }
        guard try await hasSubject(manifest, record.key.version, in: repository) else { return nil }
        return AttachedManifest(attached: record)
    }

    /// What it says it is about, or what a tag of cosign's says, has to be in the repository.
    private func hasSubject(
        _ manifest: Manifest, _ version: Digest, in repository: RepositoryKey
    ) async throws(RegistryError) -> Bool {
        if let subject = manifest.subject { return try await record(subject.digest, in: repository) != nil }
        let names = try await throughStore { () async throws(StorageFault) in
            try await blobs.store.tags(of: version, in: repository, after: nil, limit: Self.lookedAtMax)
        }
        for tag in names {
            // A row that says so is not enough: the tag has to carry our seal.
            guard let subject = AttachmentShape.subject(of: tag),
                try await tags.version(of: tag, in: repository) == version
            else { continue }
            if try await record(subject, in: repository) != nil { return true }
        }
        return false
    }

    /// - Returns: `nil` when the repository holds no such version, or it was deleted.
    private func record(
        _ version: Digest, in repository: RepositoryKey
    ) async throws(RegistryError) -> ArtifactRecord? {
        guard let record = try await blobs.record(.digest(version), in: repository) else { return nil }
        return record.state == .deleted ? nil : record
    }
}
