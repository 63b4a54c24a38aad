public import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Finds out what a reference names.
///
/// A repository holds what was pushed into it. An artifact of the model API is a repository, too: its present version
/// has the tag `latest` there, as long as no tag of that name was pushed.
public struct References: Sendable {
    private let directory: ArtifactDirectory
    private let tags: TagBook
    private let store: any MetadataReader

    public init(directory: ArtifactDirectory, tags: TagBook, store: any MetadataReader) {
        self.directory = directory
        self.tags = tags
        self.store = store
    }

    /// The version that a tag or a digest names in a repository.
    ///
    /// - Throws: `.artifactNotFound` when there is no such repository, `.manifestNotFound`, `.recordTampered`.
    public func record(
        of reference: Reference, in repository: RepositoryKey
    ) async throws(RegistryError) -> ArtifactRecord {
        switch reference {
        case .tag(let tag):
            if let version = try await tags.version(of: tag, in: repository) {
                return try await directory.record(of: ArtifactKey(tenant: repository.tenant, version: version))
            }
            if tag == .latest, let record = try await acquired(as: repository) { return record }
        case .digest(let version):
            let key = ArtifactKey(tenant: repository.tenant, version: version)
            if tags.isKnownToHold(version, repository) { return try await directory.record(of: key) }
            if let record = try await acquired(as: repository), record.key == key { return record }
            if try await tags.holds(version, repository) { return try await directory.record(of: key) }
        }
        throw try await exists(repository)
            ? RegistryError(.manifestNotFound, "\(repository.name) has no manifest \(reference).")
            : .unknown(repository.name)
    }

    /// The artifact that somebody means by `name`, `name:tag` or `repository@digest`.
    ///
    /// - Throws: `.invalidName`; `.artifactNotFound`, `.manifestNotFound`, `.recordTampered`.
    public func name(of text: String) async throws(RegistryError) -> ArtifactName {
        guard let (repository, reference) = Self.split(text) else {
            return try ArtifactName(checked: text)
        }
        return try await record(of: reference, in: RepositoryKey(name: repository)).name
    }

    /// The repository that `name:tag` or `repository@digest` names; `nil` for a plain name, or nothing at all.
    public func repository(of text: String) -> RepositoryKey? {
        Self.split(text).map { RepositoryKey(name: $0.0) }
    }

    /// The artifact that somebody means, to take it away: never one of another repository than the text names, because
    /// that would be gone wherever it is.
    ///
    /// - Throws: as `name(of:)`; `.otherRepository` with the version's own name.
    public func ownName(of text: String) async throws(RegistryError) -> ArtifactName {
        let name: ArtifactName
        do { name = try await self.name(of: text) } catch {
            // The repository of its name may have lost it, and others hold it still.
            guard error.code == .manifestNotFound || error.code == .artifactNotFound,
                let own = try? ArtifactName(parsing: text), try await directory.find(own) != nil
            else { throw error }
            return own
        }
        guard let (repository, _) = Self.split(text), (name.pushed?.repository ?? repository) != repository else {
            return name
        }
        throw RegistryError(
            .otherRepository,
            """
            \(text) is \(name): deleting that takes it away from every repository that holds it. Say that name if you \
            mean it. Out of \(repository) alone it goes by the distribution protocol, with the registry before it: \
            HOST/\(text).
            """,
            detail: ["name": .string(name.description), "repository": .string(repository.description)])
    }

    /// - Returns: `nil` for what is a plain name, or nothing at all.
    private static func split(_ text: String) -> (RepositoryName, Reference)? {
        let bytes = text.utf8
        let at = bytes.firstIndex(of: UInt8(ascii: "@"))
        guard let mark = at ?? bytes.lastIndex(of: UInt8(ascii: ":")),
            let repository = try? RepositoryName(parsing: String(text[..<mark]))
        else { return nil }
        let rest = String(text[text.index(after: mark)...])
        if at == nil { return Tag(parsing: rest).map { (repository, .tag($0)) } }
        return (try? Digest(parsing: rest)).map { (repository, .digest($0)) }
    }

    /// - Throws: `.artifactNotFound`, `.recordTampered`.
    func version(_ key: ArtifactKey) async throws(RegistryError) -> ArtifactRecord {
        try await directory.record(of: key)
    }

    /// Grows with every change of a version, before it is acknowledged.
    var changes: UInt64 { directory.changes }

    /// Where a version stands now.
    func state(of key: ArtifactKey) async throws(RegistryError) -> ArtifactState {
        try await version(key).state
    }

    /// Whether a repository holds a version that exists: by a push, or as the artifact of its name.
    func holds(_ record: ArtifactRecord, _ repository: RepositoryKey) async throws(RegistryError) -> Bool {
        if record.key.tenant == repository.tenant, record.name.description == repository.name.description {
            return true
        }
        return try await tags.holds(record.key.version, repository)
    }

    /// What the model API has under the name of a repository; `nil` when it has nothing, or deleted it.
    func acquired(as repository: RepositoryKey) async throws(RegistryError) -> ArtifactRecord? {
        guard repository.tenant == .default, let name = try? ArtifactName(parsing: repository.name.description) else {
            return nil
        }
        let record = try await directory.find(name)
        return record?.state == .deleted ? nil : record
    }

    /// Whether anything was pushed there, or acquired under that name.
    public func exists(_ repository: RepositoryKey) async throws(RegistryError) -> Bool {
        if try await acquired(as: repository) != nil { return true }
        return try await throughStore { () async throws(StorageFault) in
            try await store.hasManifests(in: repository)
        }
    }
}

extension ArtifactName {
    /// - Throws: `.invalidName` with the rule that is broken.
    public init(checked text: String) throws(RegistryError) {
        do { try self.init(parsing: text) } catch {
            throw RegistryError(.invalidName, "This is not a name: \(error.rawValue).")
        }
    }
}

extension RegistryError {
    static func unknown(_ repository: RepositoryName) -> RegistryError {
        RegistryError(.artifactNotFound, "There is no repository \(repository).")
    }
}
