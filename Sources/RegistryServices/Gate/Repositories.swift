public import OCI
public import RegistryCore
import RegistryPorts
import StrictJSON

/// What the OCI door hands out: manifests and blobs of repositories, each with the receipt that it may leave.
public final class Repositories: Sendable {
    /// A blob that is replaced while it is opened is opened again.
    private static let attemptsMax = 3
    /// Most trusted versions that are tried as the reason why a blob may leave.
    private static let versionsTriedMax = 16

    private let references: References
    private let manifests: ArtifactManifests
    private let admission: Admission
    private let review: Review
    private let verification: Verification
    private let memory: HashMemory
    private let blobs: any BlobStore
    private let store: any MetadataReader
    private let received: ReceivedBlobs
    private let attachments: Attachments
    private let readBack: ReadBack
    private let openBlobs: OpenBlobs
    private let warnings: FindingWarnings
    private let lately: LatelyPulled

    init(
        references: References, manifests: ArtifactManifests, admission: Admission, review: Review,
        verification: Verification, memory: HashMemory, blobs: any BlobStore,
        store: any MetadataReader, tags: TagBook, received: ReceivedBlobs
    ) {
        self.references = references
        self.manifests = manifests
        self.admission = admission
        self.review = review
        self.verification = verification
        self.memory = memory
        self.blobs = blobs
        let ungated = UngatedBlobs(
            references: references, manifests: manifests, verification: verification, blobs: blobs, store: store)
        attachments = Attachments(ungated, tags: tags)
        openBlobs = OpenBlobs(references: references, manifests: manifests, store: store)
        self.store = store
        self.received = received
        warnings = FindingWarnings(store: store)
        readBack = ReadBack(ungated, review: review, warnings: warnings)
        lately = LatelyPulled()
    }

    /// The manifest that a tag or a digest names.
    ///
    /// - Throws: `.artifactNotFound`, `.manifestNotFound`; what the gate says (`Admission.admit`).
    public func manifest(
        _ reference: Reference, in repository: RepositoryKey, _ right: PullRight
    ) async throws(RegistryError) -> PulledManifest {
        if case .publisher(let caller) = right {
            do { return try await manifest(reference, in: repository, .gate) } catch {
                guard error.code == .notTrusted,
                    let manifest = try await readBack.manifest(reference, in: repository, to: caller)
                else { throw error }
                return manifest
            }
        }
        let record = try await references.record(of: reference, in: repository)
        // Where a version stands comes before anything else that could be said of it.
        if right == .gate, record.state != .trusted,
            let manifest = try await attachments.manifest(record, in: repository)
        {
            return manifest
        }
        if right == .gate { _ = try await admission.admittance(of: record, in: repository) }
        let contents = try await manifests.contents(of: record.key)
        return PulledManifest(
            receipt: try await receipt(for: record, contents.files, in: repository, right),
            digest: record.key.version, mediaType: contents.mediaType, bytes: contents.manifest,
            warnings: await warnings.sentences(about: record))
    }

    /// What people should know of a version that they pushed once more, as `PulledManifest.warnings`.
    public func warnings(about version: Digest, in repository: RepositoryKey) async -> [String] {
        guard let record = try? await references.record(of: .digest(version), in: repository) else { return [] }
        return await warnings.sentences(about: record)
    }

    /// What a manifest is, for who may push there and only wants to know whether it is.
    ///
    /// - Throws: `.artifactNotFound`, `.manifestNotFound`.
    public func manifestHead(
        _ reference: Reference, in repository: RepositoryKey
    ) async throws(RegistryError) -> (digest: Digest, mediaType: MediaType, sizeBytes: Int) {
        let record = try await references.record(of: reference, in: repository)
        let contents = try await manifests.contents(of: record.key)
        return (record.key.version, contents.mediaType, contents.manifest.count)
    }

    /// How long a blob is that can be named by manifests of a repository; `nil` when it has to be sent.
    ///
    /// - Parameter time: what was received before, and is in no manifest, may be gone at any moment.
    public func blobSize(
        _ digest: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) async throws(RegistryError) -> UInt64? {
        if try await !has(digest, repository, since: time) {
            return try await blobsOfModelAPI(in: repository)[digest]
        }
        return try await throughStore { () async throws(StorageFault) in
            try await blobs.identity(of: digest)?.sizeBytes
        }
    }

    /// What belongs to a repository because the model API acquired an artifact of its name: digests and sizes.
    func blobsOfModelAPI(in repository: RepositoryKey) async throws(RegistryError) -> [Digest: UInt64] {
        guard let record = try await references.acquired(as: repository), record.state.keepsBytes else { return [:] }
        let contents = try await manifests.contents(of: record.key)
        var sizes = Dictionary(
            contents.files.map { ($0.digest, $0.sizeBytes) }, uniquingKeysWith: { first, _ in first })
        if let config = contents.configDocument { sizes[config.digest] = config.size }
        return sizes
    }

    /// A blob that a manifest of the repository names.
    ///
    /// - Throws: `.artifactNotFound`, `.blobNotFound`; what the gate says (`Admission.admit`).
    public func blob(
        _ digest: Digest, in repository: RepositoryKey, _ right: PullRight
    ) async throws(RegistryError) -> PulledBlob {
        if case .publisher(let caller) = right {
            do { return try await blob(digest, in: repository, .gate) } catch {
                guard error.code == .notTrusted,
                    let blob = try await readBack.blob(digest, in: repository, to: caller)
                else { throw error }
                return blob
            }
        }
        if let record = try await references.acquired(as: repository) {
            do {
                if let blob = try await blob(digest, of: record, in: repository, right) { return blob }
            } catch {
                // What was pushed beside an artifact that was withdrawn may have it, too.
                guard right == .openRepository, error.code == .notTrusted,
                    try await has(digest, repository, since: .earliest)
                else { throw error }
            }
        }
        switch right {
        case .gate, .publisher: return try await trustedBlob(digest, in: repository)
        case .openRepository, .review: return try await anyBlob(digest, in: repository, right)
        }
    }

    /// Whether somebody who may read every repository gets a blob through the gate of one of them.
    public func isTrustedSomewhere(_ digest: Digest, in tenant: Tenant) async throws(RegistryError) -> Bool {
        try await openBlobs.isTrustedSomewhere(digest, in: tenant, at: admission.now())
    }

    /// Whether bytes of an answer that takes long may go on.
    public func mayGoOn(_ receipt: PullReceipt) async -> Bool {
        switch receipt {
        case .servable(let artifact): await admission.isStillTrusted(artifact)
        case .returned(let artifact): await readBack.mayGoOn(artifact)
        case .ungated(let repository, let digest): (try? await openBlobs.requireReadable(digest, in: repository)) != nil
        case .reviewable, .attached: true
        }
    }

    /// The receipt for one file that is open.
    ///
    /// - Returns: `nil` when another file has its name by now.
    private func receipt(
        for record: ArtifactRecord, _ file: ArtifactFile, opened: BlobIdentity?, in repository: RepositoryKey,
        _ right: PullRight
    ) async throws(RegistryError) -> PullReceipt? {
        if right == .gate {
            return try await admission.admit(record, file, opened: opened, in: repository).map { .servable($0) }
        }
        if right == .openRepository { try await openBlobs.requireReadable(file.digest, in: repository) }
        guard try await verification.requireUnchanged(record, file, opened: opened) else { return nil }
        if right == .openRepository { return .ungated(repository, file.digest) }
        return try await receipt(for: record, [], in: repository, right)
    }

    private func receipt(
        for record: ArtifactRecord, _ files: [ArtifactFile], in repository: RepositoryKey, _ right: PullRight
    ) async throws(RegistryError) -> PullReceipt {
        switch right {
        case .gate, .publisher: return .servable(try await admission.admit(record, files, in: repository))
        case .openRepository:
            guard record.state.isInUse else { throw .notTrusted(record) }
            try await verification.requireUnchanged(record, files)
            return .ungated(repository, record.key.version)
        case .review(let caller):
            try await verification.requireUnchanged(record, files)
            return .reviewable(try await review.admit(record, in: repository, to: caller))
        }
    }
}

// Blobs.
extension Repositories {
    /// - Returns: `nil` when the version does not name the blob.
    private func blob(
        _ digest: Digest, of record: ArtifactRecord, in repository: RepositoryKey, _ right: PullRight
    ) async throws(RegistryError) -> PulledBlob? {
        let contents = try await manifests.contents(of: record.key)
        if let file = contents.files.first(where: { $0.digest == digest }) {
            if right == .gate { _ = try await admission.admittance(of: record, in: repository) }
            return try await open(file, of: record, in: repository, right)
        }
        guard contents.configDocument?.digest == digest else { return nil }
        let receipt = try await receipt(for: record, [], in: repository, right)
        return PulledBlob(
            receipt: receipt, digest: digest, content: .document(try await manifests.document(digest)))
    }

    /// The bytes that leave are those of the file that was found unchanged, and not of one that took its name after.
    private func open(
        _ file: ArtifactFile, of record: ArtifactRecord, in repository: RepositoryKey, _ right: PullRight
    ) async throws(RegistryError) -> PulledBlob {
        for _ in 0..<Self.attemptsMax {
            let opened = try await opened(file.digest)
            let receipt = try await receipt(for: record, file, opened: opened?.identity, in: repository, right)
            guard let opened, let receipt else { continue }
            return PulledBlob(receipt: receipt, digest: file.digest, content: .file(opened))
        }
        throw RegistryError(.storageUnavailable, "A file of \(record.name) changes while it is opened.")
    }

    /// - Returns: `nil` when nothing is there, or what is no file: whoever looks for damage says so.
    private func opened(_ digest: Digest) async throws(RegistryError) -> (any OpenedBlob)? {
        do { return try await blobs.open(digest) } catch {
            guard case .corrupted = error else { throw RegistryError(error) }
            return nil
        }
    }

    /// Through the gate: a trusted version of the repository has to name the blob.
    private func trustedBlob(
        _ digest: Digest, in repository: RepositoryKey
    ) async throws(RegistryError) -> PulledBlob {
        if let version = lately.version(naming: digest, in: repository),
            let blob = try? await trustedBlob(digest, of: version, in: repository)
        {
            return blob
        }
        let versions = try await throughStore { () async throws(StorageFault) in
            try await store.trustedManifests(naming: digest, in: repository, limit: Self.versionsTriedMax)
        }
        var refusal: RegistryError?
        for version in versions {
            do {
                guard let blob = try await trustedBlob(digest, of: version, in: repository) else { continue }
                lately.remember(version, naming: digest, in: repository)
                return blob
            } catch {
                refusal = refusal ?? error
            }
        }
        if let blob = try await attachments.blob(digest, in: repository) { return blob }
        if let refusal { throw refusal }
        throw try await notServed(digest, in: repository)
    }

    private func trustedBlob(
        _ digest: Digest, of version: Digest, in repository: RepositoryKey
    ) async throws(RegistryError) -> PulledBlob? {
        let record = try await references.record(of: .digest(version), in: repository)
        return try await blob(digest, of: record, in: repository, .gate)
    }

    /// Why a runtime does not get a blob: it is in no manifest that is trusted, or not there at all.
    private func notServed(_ digest: Digest, in repository: RepositoryKey) async throws(RegistryError) -> RegistryError
    {
        guard try await references.exists(repository) else { return .unknown(repository.name) }
        guard try await has(digest, repository, since: .latest) else { return .unknown(digest, in: repository) }
        return RegistryError(
            .notTrusted, "No trusted manifest of \(repository.name) names \(digest).", detail: ["state": "acquired"])
    }

    /// For who may read what is not trusted: whatever is in the repository, once it is sure that the bytes are right.
    private func anyBlob(
        _ digest: Digest, in repository: RepositoryKey, _ right: PullRight
    ) async throws(RegistryError) -> PulledBlob {
        guard try await has(digest, repository, since: .earliest) else {
            throw try await references.exists(repository)
                ? .unknown(digest, in: repository) : .unknown(repository.name)
        }
        let receipt: PullReceipt =
            switch right {
            case .review(let caller): .reviewable(review.admitUnnamed(to: caller))
            case .gate, .publisher, .openRepository: .ungated(repository, digest)
            }
        if right == .openRepository { try await openBlobs.requireReadable(digest, in: repository) }
        for _ in 0..<Self.attemptsMax {
            let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(digest) }
            guard let opened else {
                guard let document = try? await manifests.document(digest) else { break }
                return PulledBlob(receipt: receipt, digest: digest, content: .document(document))
            }
            guard try await memory.isUnchanged(digest, opened: opened.identity) else {
                try await hash(digest, opened.sizeBytes)
                continue
            }
            return PulledBlob(receipt: receipt, digest: digest, content: .file(opened))
        }
        throw .unknown(digest, in: repository)
    }

    private func hash(_ digest: Digest, _ sizeBytes: UInt64) async throws(RegistryError) {
        let check = try await throughStore { () async throws(StorageFault) in
            try await blobs.verify(digest, sizeBytes: sizeBytes, hashing: [], pace: .full, progress: nil)
        }
        guard case .intact(let identity, _) = check else {
            throw RegistryError(.integrityFailed, "The stored bytes of \(digest) are damaged.")
        }
        memory.remember(digest, identity)
    }

    private func has(
        _ digest: Digest, _ repository: RepositoryKey, since time: Timestamp
    ) async throws(RegistryError) -> Bool {
        try await throughStore { () async throws(StorageFault) in
            try await received.has(digest, in: repository, since: time)
        }
    }
}

extension RegistryError {
    fileprivate static func unknown(_ digest: Digest, in repository: RepositoryKey) -> RegistryError {
        RegistryError(.blobNotFound, "\(repository.name) has no blob \(digest).")
    }
}
