public import OCI
public import RegistryCore
public import RegistryPorts

extension SQLiteMetadataStore {
    public func repositories(
        in tenant: Tenant, after name: String?, limit: Int
    ) async throws(StorageFault) -> [RepositoryName] {
        try await read { tables throws(StorageFault) in
            try tables.repositories(in: tenant, after: name, limit: limit)
        }
    }

    public func tag(_ tag: Tag, in repository: RepositoryKey) async throws(StorageFault) -> SealedTag? {
        try await read { tables throws(StorageFault) in try tables.tag(tag, in: repository) }
    }

    public func tags(
        in repository: RepositoryKey, after tag: String?, limit: Int
    ) async throws(StorageFault) -> [SealedTag] {
        try await read { tables throws(StorageFault) in try tables.tags(in: repository, after: tag, limit: limit) }
    }

    public func tags(
        of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int
    ) async throws(StorageFault) -> [Tag] {
        try await read { tables throws(StorageFault) in
            try tables.tags(of: version, in: repository, after: tag, limit: limit)
        }
    }

    public func hasManifest(
        _ version: Digest, in repository: RepositoryKey
    ) async throws(StorageFault) -> Bool {
        try await read { tables throws(StorageFault) in try tables.hasManifest(version, in: repository) }
    }

    public func hasManifests(in repository: RepositoryKey) async throws(StorageFault) -> Bool {
        try await read { tables throws(StorageFault) in try tables.hasManifests(in: repository) }
    }

    public func repositories(
        holding version: Digest, in tenant: Tenant, limit: Int
    ) async throws(StorageFault) -> [RepositoryName] {
        try await read { tables throws(StorageFault) in
            try tables.repositories(holding: version, in: tenant, limit: limit)
        }
    }

    public func manifests(
        in repository: RepositoryKey, after id: Int64, limit: Int
    ) async throws(StorageFault) -> [PlacedManifest] {
        try await read { tables throws(StorageFault) in
            try tables.manifests(in: repository, after: id, limit: limit)
        }
    }

    public func place(
        of version: Digest, in repository: RepositoryKey
    ) async throws(StorageFault) -> ManifestPlace? {
        try await read { tables throws(StorageFault) in try tables.place(of: version, in: repository) }
    }

    public func isNamed(_ blob: Digest) async throws(StorageFault) -> Bool {
        try await read { tables throws(StorageFault) in try tables.isNamed(blob) }
    }

    public func hasBlob(
        _ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) async throws(StorageFault) -> Bool {
        try await read { tables throws(StorageFault) in
            try tables.hasBlob(blob, in: repository, receivedSince: time)
        }
    }

    public func wasReceived(_ blob: Digest, since time: Timestamp) async throws(StorageFault) -> Bool {
        try await read { tables throws(StorageFault) in try tables.wasReceived(blob, since: time) }
    }

    public func blobs(
        in repository: RepositoryKey, after blob: Digest?, limit: Int
    ) async throws(StorageFault) -> [Digest] {
        try await read { tables throws(StorageFault) in try tables.blobs(in: repository, after: blob, limit: limit) }
    }

    public func trustedManifests(
        naming blob: Digest, in repository: RepositoryKey, limit: Int
    ) async throws(StorageFault) -> [Digest] {
        try await read { tables throws(StorageFault) in
            try tables.trustedManifests(naming: blob, in: repository, limit: limit)
        }
    }

    public func referrers(
        of subject: Digest, in repository: RepositoryKey, artifactType: String?, after version: Digest?, limit: Int
    ) async throws(StorageFault) -> [StoredReferrer] {
        try await read { tables throws(StorageFault) in
            try tables.referrers(
                of: subject, in: repository, artifactType: artifactType, after: version, limit: limit)
        }
    }

    public func entries(
        of place: EntryPlace, before end: UInt64?, limit: Int
    ) async throws(StorageFault) -> [LogEntry] {
        try await read { tables throws(StorageFault) in try tables.entries(of: place, before: end, limit: limit) }
    }
}
