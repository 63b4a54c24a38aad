public import OCI
public import RegistryCore
public import RegistryPorts

/// What one repository holds, as plain values.
struct MemoryRepository: Sendable {
    var places: [Digest: ManifestPlace] = [:]
    var received: [Digest: Timestamp] = [:]
    var tags: [Tag: SealedTag] = [:]

    func hasBlob(_ blob: Digest, receivedSince time: Timestamp) -> Bool {
        places.values.contains { $0.blobs.contains(blob) } || received[blob].map { $0 >= time } ?? false
    }
}

extension MemoryTables {
    func repositories(in tenant: Tenant, after name: String?, limit: Int) -> [RepositoryName] {
        repositories.filter { $0.key.tenant == tenant && !$0.value.places.isEmpty }.map(\.key.name)
            .sorted().repositoryPage(after: name, limit)
    }

    func tag(_ tag: Tag, in repository: RepositoryKey) -> SealedTag? { repositories[repository]?.tags[tag] }

    func tags(in repository: RepositoryKey, after tag: String?, limit: Int) -> [SealedTag] {
        let tags = repositories[repository]?.tags ?? [:]
        return tags.keys.sorted().repositoryPage(after: tag, limit).compactMap { tags[$0] }
    }

    func tags(of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int) -> [Tag] {
        (repositories[repository]?.tags.values ?? [:].values).filter { $0.version == version }.map(\.tag)
            .sorted().repositoryPage(after: tag, limit)
    }

    func hasManifest(_ version: Digest, in repository: RepositoryKey) -> Bool {
        repositories[repository]?.places[version] != nil
    }

    func hasManifests(in repository: RepositoryKey) -> Bool {
        repositories[repository]?.places.isEmpty == false
    }

    func hasBlob(_ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp) -> Bool {
        repositories[repository]?.hasBlob(blob, receivedSince: time) ?? false
    }

    func blobs(in repository: RepositoryKey, after blob: Digest?, limit: Int) -> [Digest] {
        guard let holding = repositories[repository] else { return [] }
        let blobs = Set(holding.places.values.flatMap(\.blobs)).union(holding.received.keys)
        return blobs.filter { found in blob.map { $0 < found } ?? true }.sorted().repositoryPage(limit)
    }

    func wasReceived(_ blob: Digest, since time: Timestamp) -> Bool {
        repositories.values.contains { $0.received[blob].map { $0 >= time } ?? false }
    }

    func manifests(in repository: RepositoryKey, after id: Int64, limit: Int) -> [PlacedManifest] {
        let versions = repositories[repository].map { Array($0.places.keys) } ?? []
        let placed = versions.map { version in
            PlacedManifest(
                id: ArtifactKey(tenant: repository.tenant, version: version).number, version: version)
        }.filter { $0.id > id }
        return placed.sorted { $0.id < $1.id }.repositoryPage(limit)
    }

    func isNamed(_ blob: Digest) -> Bool {
        repositories.contains { key, holding in
            holding.places.values.contains { place in
                let record = records[ArtifactKey(tenant: key.tenant, version: place.version)]
                return place.blobs.contains(blob) && record?.record.state.keepsBytes != false
            }
        }
    }

    func trustedManifests(naming blob: Digest, in repository: RepositoryKey, limit: Int) -> [Digest] {
        let naming = repositories[repository]?.places.values.filter { $0.blobs.contains(blob) } ?? []
        return naming.map(\.version).filter { version in
            records[ArtifactKey(tenant: repository.tenant, version: version)]?.record.state == .trusted
        }.sorted().repositoryPage(limit)
    }

    func referrers(
        of subject: Digest, in repository: RepositoryKey, artifactType: String?, after version: Digest?, limit: Int
    ) -> [StoredReferrer] {
        let referrers = repositories[repository]?.places.values.compactMap(\.referrer) ?? []
        return referrers.filter { referrer in
            referrer.subject == subject && (artifactType ?? referrer.artifactType) == referrer.artifactType
                && (version.map { $0 < referrer.version } ?? true)
        }.sorted { $0.version < $1.version }.repositoryPage(limit)
    }

    func entries(of place: EntryPlace, before end: UInt64?, limit: Int) -> [LogEntry] {
        entries.reversed().filter { entry in
            entry.place?.repository == place.repository && (place.tag == nil || entry.place?.tag == place.tag)
                && entry.index < end ?? .max
        }.repositoryPage(limit)
    }

    func repositories(holding version: Digest, in tenant: Tenant, limit: Int) -> [RepositoryName] {
        repositories.filter { $0.key.tenant == tenant && $0.value.places[version] != nil }.map(\.key.name)
            .sorted().repositoryPage(limit)
    }

    func indexes(naming version: Digest, in tenant: Tenant, limit: Int) -> [Digest] {
        let places = repositories.filter { $0.key.tenant == tenant }.flatMap(\.value.places.values)
        return Set(places.filter { $0.children.contains(version) }.map(\.version)).sorted().repositoryPage(limit)
    }
}

extension Array {
    fileprivate func repositoryPage(_ limit: Int) -> [Element] {
        Array(prefix(Swift.max(0, Swift.min(limit, RepositoryPage.limitMax))))
    }
}

extension Array where Element: CustomStringConvertible {
    /// What follows a text in the order of bytes.
    fileprivate func repositoryPage(after text: String?, _ limit: Int) -> [Element] {
        guard let text else { return repositoryPage(limit) }
        return filter { text.utf8.lexicographicallyPrecedes($0.description.utf8) }.repositoryPage(limit)
    }
}

extension MemoryMetadataStore {
    public func repositories(
        in tenant: Tenant, after name: String?, limit: Int
    ) async throws(StorageFault) -> [RepositoryName] {
        try read { $0.repositories(in: tenant, after: name, limit: limit) }
    }

    public func tag(_ tag: Tag, in repository: RepositoryKey) async throws(StorageFault) -> SealedTag? {
        try read { $0.tag(tag, in: repository) }
    }

    public func tags(
        in repository: RepositoryKey, after tag: String?, limit: Int
    ) async throws(StorageFault) -> [SealedTag] {
        try read { $0.tags(in: repository, after: tag, limit: limit) }
    }

    public func tags(
        of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int
    ) async throws(StorageFault) -> [Tag] {
        try read { $0.tags(of: version, in: repository, after: tag, limit: limit) }
    }

    public func hasManifest(
        _ version: Digest, in repository: RepositoryKey
    ) async throws(StorageFault) -> Bool {
        try read { $0.hasManifest(version, in: repository) }
    }

    public func hasManifests(in repository: RepositoryKey) async throws(StorageFault) -> Bool {
        try read { $0.hasManifests(in: repository) }
    }

    public func repositories(
        holding version: Digest, in tenant: Tenant, limit: Int
    ) async throws(StorageFault) -> [RepositoryName] {
        try read { $0.repositories(holding: version, in: tenant, limit: limit) }
    }

    public func manifests(
        in repository: RepositoryKey, after id: Int64, limit: Int
    ) async throws(StorageFault) -> [PlacedManifest] {
        try read { $0.manifests(in: repository, after: id, limit: limit) }
    }

    public func place(
        of version: Digest, in repository: RepositoryKey
    ) async throws(StorageFault) -> ManifestPlace? {
        try read { $0.repositories[repository]?.places[version] }
    }

    public func isNamed(_ blob: Digest) async throws(StorageFault) -> Bool {
        try read { $0.isNamed(blob) }
    }

    public func hasBlob(
        _ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) async throws(StorageFault) -> Bool {
        try read { $0.hasBlob(blob, in: repository, receivedSince: time) }
    }

    public func blobs(
        in repository: RepositoryKey, after blob: Digest?, limit: Int
    ) async throws(StorageFault) -> [Digest] {
        try read { $0.blobs(in: repository, after: blob, limit: limit) }
    }

    public func wasReceived(_ blob: Digest, since time: Timestamp) async throws(StorageFault) -> Bool {
        try read { $0.wasReceived(blob, since: time) }
    }

    public func trustedManifests(
        naming blob: Digest, in repository: RepositoryKey, limit: Int
    ) async throws(StorageFault) -> [Digest] {
        try read { $0.trustedManifests(naming: blob, in: repository, limit: limit) }
    }

    public func referrers(
        of subject: Digest, in repository: RepositoryKey, artifactType: String?, after version: Digest?, limit: Int
    ) async throws(StorageFault) -> [StoredReferrer] {
        try read {
            $0.referrers(of: subject, in: repository, artifactType: artifactType, after: version, limit: limit)
        }
    }

    public func entries(
        of place: EntryPlace, before end: UInt64?, limit: Int
    ) async throws(StorageFault) -> [LogEntry] {
        try read { $0.entries(of: place, before: end, limit: limit) }
    }
}
