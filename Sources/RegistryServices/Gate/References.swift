public import OCI
public import RegistryCore
public import RegistryPorts

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

    /// Where a version stands now.
    func state(of key: ArtifactKey) async throws(RegistryError) -> ArtifactState {
        try await directory.record(of: key).state
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
