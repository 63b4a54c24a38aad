public import OCI
public import RegistryCore
public import RegistryPorts

/// What the OCI door shows: each artifact is a repository, and its present version has the tag `latest`.
///
/// Every answer with bytes holds the receipt of the gate.
public struct Repositories: Sendable {
    /// Most names in one page.
    public static let pageMax = 1_000
    /// Most artifacts that are looked at for one page, and how many at a time at least: names that no repository can
    /// have, and what was deleted, are passed over.
    public static let lookedAtMax = 10_000
    private static let lookedAtOnceMin = 100
    /// A blob that is replaced while it is opened is opened again.
    private static let attemptsMax = 3

    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let admission: Admission
    private let memory: HashMemory
    private let blobs: any BlobStore

    public init(
        directory: ArtifactDirectory, manifests: ArtifactManifests, admission: Admission, memory: HashMemory,
        blobs: any BlobStore
    ) {
        self.directory = directory
        self.manifests = manifests
        self.admission = admission
        self.memory = memory
        self.blobs = blobs
    }

    /// The manifest that a tag or a digest names.
    ///
    /// - Throws: `.artifactNotFound`, `.manifestNotFound`; what the gate says (`Admission.admit`).
    public func manifest(
        _ reference: Reference, in repository: RepositoryName
    ) async throws(RegistryError) -> ServableManifest {
        let record = try await record(of: repository)
        guard reference == .tag(.latest) || reference == .digest(record.key.version) else {
            throw RegistryError(.manifestNotFound, "\(repository) has no manifest \(reference).")
        }
        _ = try admission.admittance(of: record)
        let contents = try await manifests.contents(of: record.key)
        return ServableManifest(
            artifact: try await admission.admit(record, contents.files), digest: record.key.version,
            mediaType: contents.mediaType, bytes: contents.manifest)
    }

    /// A blob that the present manifest names.
    ///
    /// - Throws: `.artifactNotFound`, `.blobNotFound`; what the gate says (`Admission.admit`).
    public func blob(_ digest: Digest, in repository: RepositoryName) async throws(RegistryError) -> ServableBlob {
        let record = try await record(of: repository)
        _ = try admission.admittance(of: record)
        let contents = try await manifests.contents(of: record.key)
        if let file = contents.files.first(where: { $0.digest == digest }) {
            return try await open(file, of: record)
        }
        guard digest == contents.config.digest else {
            throw RegistryError(.blobNotFound, "\(repository) has no blob \(digest).")
        }
        let artifact = try await admission.admit(record, [])
        return ServableBlob(
            artifact: artifact, digest: digest, content: .document(try await manifests.document(digest)))
    }

    /// The bytes that leave are those of the file that was found unchanged, and not of one that took its name after.
    private func open(_ file: ArtifactFile, of record: ArtifactRecord) async throws(RegistryError) -> ServableBlob {
        for _ in 0..<Self.attemptsMax {
            let artifact = try await admission.admit(record, [file])
            let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(file.digest) }
            guard let opened, try await memory.isUnchanged(file.digest, opened: opened.identity) else { continue }
            return ServableBlob(artifact: artifact, digest: file.digest, content: .file(opened))
        }
        throw RegistryError(.storageUnavailable, "A file of \(record.name) changes while it is opened.")
    }

    /// Whether bytes of an answer that takes long may go on.
    public func isStillServable(_ artifact: ServableArtifact) async -> Bool {
        await admission.isStillTrusted(artifact)
    }

    /// The tags of a repository in the order of their bytes, whatever the state of what they point at.
    ///
    /// - Parameter last: need not be a tag of the repository, nor one at all.
    /// - Returns: at most `limit` tags behind `last`, and whether there are more.
    /// - Throws: `.artifactNotFound`.
    public func tags(
        of repository: RepositoryName, after last: String? = nil, limit: Int = pageMax
    ) async throws(RegistryError) -> (tags: [Tag], hasMore: Bool) {
        _ = try await record(of: repository)
        let all = [Tag.latest].filter { tag in
            last.map { $0.utf8.lexicographicallyPrecedes(tag.description.utf8) } ?? true
        }
        return (Array(all.prefix(limit)), all.count > limit)
    }

    /// Repositories in their order, at most `limit` after the artifact that is named.
    ///
    /// - Returns: the names, and where the next page goes on; `nil` at the end. A page may hold fewer names than the
    ///   limit, or none, and have a next one.
    public func page(
        after name: ArtifactName?, limit: Int
    ) async throws(RegistryError) -> (names: [RepositoryName], next: ArtifactName?) {
        var query = RecordQuery(after: name, limit: min(max(limit, Self.lookedAtOnceMin), Self.pageMax))
        var names: [RepositoryName] = []
        var lookedAt = 0
        while lookedAt < Self.lookedAtMax {
            let page = try await directory.page(query)
            for record in page.records where record.state != .deleted {
                // The model API allows names that no repository can have, such as ones with capital letters.
                guard let name = try? RepositoryName(parsing: record.name.description) else { continue }
                guard names.count < limit else { return (names, query.after) }
                names.append(name)
                query.after = record.name
            }
            guard let next = page.next else { return (names, nil) }
            lookedAt += next.limit
            query = next
        }
        return (names, query.after)
    }

    private func record(of repository: RepositoryName) async throws(RegistryError) -> ArtifactRecord {
        guard let name = try? ArtifactName(parsing: repository.description) else { throw Self.unknown(repository) }
        let record: ArtifactRecord
        do { record = try await directory.record(named: name) } catch {
            throw error.code == .artifactNotFound ? Self.unknown(repository) : error
        }
        guard record.state != .deleted else { throw Self.unknown(repository) }
        return record
    }

    private static func unknown(_ repository: RepositoryName) -> RegistryError {
        RegistryError(.artifactNotFound, "There is no repository \(repository).")
    }
}

/// A manifest with the gate's receipt for the version that it describes.
public struct ServableManifest: Sendable {
    public let artifact: ServableArtifact
    public let digest: Digest
    public let mediaType: MediaType
    /// As they were stored.
    public let bytes: [UInt8]
}

/// A blob with the gate's receipt for it.
public struct ServableBlob: Sendable {
    public enum Content: Sendable {
        /// A file that was found unchanged since its bytes were hashed, open.
        case file(any OpenedBlob)
        case document([UInt8])
    }

    public let artifact: ServableArtifact
    public let digest: Digest
    public let content: Content
}
