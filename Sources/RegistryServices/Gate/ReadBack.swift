import OCI
import RegistryCore
import RegistryPorts

/// Lets publishers read back what they pushed before it is trusted.
///
/// Who pushed a version stands in its sealed record. What somebody took out of use since, or what failed a check, is
/// not read back (docs/adr/0012).
struct ReadBack: Sendable {
    /// Most versions that are looked at as the reason why a blob may leave.
    private static let usersMax = 1_000
    /// Most versions that are looked at, in one request, as the reason why blobs may not.
    private static let lookupsMax = 4_000

    private let blobs: UngatedBlobs
    private let review: Review
    private let warnings: FindingWarnings
    /// Who reads a manifest asks for its blobs next.
    private let lately = LatelyPulled()

    init(_ blobs: UngatedBlobs, review: Review, warnings: FindingWarnings) {
        self.blobs = blobs
        self.review = review
        self.warnings = warnings
    }

    /// - Returns: `nil` for what the caller did not push, or may not read back any more: the gate's answer stands.
    /// - Throws: `.integrityFailed`; `.recordTampered`; storage faults: what cannot be written down is not read.
    func manifest(
        _ reference: Reference, in repository: RepositoryKey, to publisher: Caller
    ) async throws(RegistryError) -> PulledManifest? {
        guard let record = try await record(reference, in: repository, of: publisher) else { return nil }
        let contents = try await blobs.manifests.contents(of: record.key)
        var lookups = Self.lookupsMax
        for digest in Set(contents.files.map(\.digest)) {
            if try await blobs.withdrawn.contain(digest, in: repository.tenant, lookups: &lookups) { return nil }
        }
        try await blobs.verification.requireUnchanged(record, contents.files)
        for digest in contents.files.map(\.digest) + [contents.configDocument?.digest].compactMap(\.self) {
            lately.remember(record.key.version, naming: digest, in: repository)
        }
        return PulledManifest(
            receipt: .returned(try await receipt(record, in: repository, publisher)), digest: record.key.version,
            mediaType: contents.mediaType, bytes: contents.manifest, warnings: await warnings.sentences(about: record))
    }

    /// A blob of a version that the caller pushed.
    ///
    /// - Returns: `nil` when there is none: the gate's answer stands.
    /// - Throws: as `manifest`.
    func blob(
        _ digest: Digest, in repository: RepositoryKey, to publisher: Caller
    ) async throws(RegistryError) -> PulledBlob? {
        var lookups = Self.lookupsMax
        guard try await !blobs.withdrawn.contain(digest, in: repository.tenant, lookups: &lookups) else { return nil }
        return try await blobs.first(naming: digest, in: repository, lately, limit: Self.usersMax) {
            version throws(RegistryError) in
            try await blob(digest, of: version, in: repository, to: publisher)
        }
    }

    /// Whether bytes of an answer that takes long may go on.
    func mayGoOn(_ artifact: ReturnedArtifact) async -> Bool {
        guard let state = try? await blobs.references.state(of: artifact.record.key) else { return false }
        return state == .acquired || state == .trusted
    }

    private func blob(
        _ digest: Digest, of version: Digest, in repository: RepositoryKey, to publisher: Caller
    ) async throws(RegistryError) -> PulledBlob? {
        guard let record = try await record(.digest(version), in: repository, of: publisher) else { return nil }
        let contents = try await blobs.manifests.contents(of: record.key)
        let content: PulledBlob.Content
        if contents.configDocument?.digest == digest {
            content = .document(try await blobs.manifests.document(digest))
        } else if let file = contents.files.first(where: { $0.digest == digest }),
            let opened = try await blobs.open(file, of: record)
        {
            content = .file(opened)
        } else {
            return nil
        }
        return PulledBlob(
            receipt: .returned(try await receipt(record, in: repository, publisher)), digest: digest, content: content)
    }

    /// - Returns: `nil` unless the repository holds the version, and it is `acquired` and was pushed by the caller.
    private func record(
        _ reference: Reference, in repository: RepositoryKey, of publisher: Caller
    ) async throws(RegistryError) -> ArtifactRecord? {
        guard case .principal(let name) = publisher.actor,
            let record = try await blobs.record(reference, in: repository)
        else { return nil }
        return record.state == .acquired && record.pushedBy.contains(name) ? record : nil
    }

    private func receipt(
        _ record: ArtifactRecord, in repository: RepositoryKey, _ publisher: Caller
    ) async throws(RegistryError) -> ReturnedArtifact {
        try await review.write(record.key.version, in: repository, readBy: publisher)
        return ReturnedArtifact(returned: record, to: publisher)
    }
}
