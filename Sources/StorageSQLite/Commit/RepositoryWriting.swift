import OCI
import RegistryCore
import RegistryPorts

// What a body reads of repositories.
extension WriteTransaction {
    func tag(_ tag: Tag, in repository: RepositoryKey) throws(StorageFault) -> SealedTag? {
        try open().tag(tag, in: repository)
    }

    func tags(
        of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int
    ) throws(StorageFault) -> [Tag] {
        try open().tags(of: version, in: repository, after: tag, limit: limit)
    }

    func hasManifest(_ version: Digest, in repository: RepositoryKey) throws(StorageFault) -> Bool {
        try open().hasManifest(version, in: repository)
    }

    func hasManifests(in repository: RepositoryKey) throws(StorageFault) -> Bool {
        try open().hasManifests(in: repository)
    }

    func hasBlob(
        _ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) throws(StorageFault) -> Bool {
        try open().hasBlob(blob, in: repository, receivedSince: time)
    }

    func repositories(
        holding version: Digest, in tenant: Tenant, limit: Int
    ) throws(StorageFault) -> [RepositoryName] {
        try open().repositories(holding: version, in: tenant, limit: limit)
    }

    func indexes(naming version: Digest, in tenant: Tenant, limit: Int) throws(StorageFault) -> [Digest] {
        try open().indexes(naming: version, in: tenant, limit: limit)
    }
}

// Tags, places and what was received.
extension WriteTransaction {
    func put(_ tag: SealedTag, in repository: RepositoryKey) throws(StorageFault) {
        try open().put(tag, repository: try repositoryID(repository))
    }

    func removeTag(_ tag: Tag, from repository: RepositoryKey) throws(StorageFault) {
        let tables = try open()
        guard let id = try tables.repositoryID(repository) else { return }
        try tables.removeTag(tag, repository: id)
    }

    func place(_ manifest: ManifestPlace, in repository: RepositoryKey) throws(StorageFault) {
        let tables = try open()
        let version = try versionID(ArtifactKey(tenant: repository.tenant, version: manifest.version))
        let id = try repositoryID(repository)
        guard try !tables.isPlaced(version: version, repository: id) else { return }
        try takeIn(manifest.referrer?.descriptor ?? [])
        try tables.place(manifest, version: version, repository: id)
    }

    func remove(_ version: Digest, from repository: RepositoryKey) throws(StorageFault) {
        let tables = try open()
        guard try tables.tags(of: version, in: repository, after: nil, limit: 1).isEmpty else { throw .changed }
        guard let id = try tables.repositoryID(repository),
            let versionID = try tables.versionID(ArtifactKey(tenant: repository.tenant, version: version)),
            try tables.isPlaced(version: versionID, repository: id)
        else { return }
        try tables.removePlace(of: version, version: versionID, repository: id)
    }

    func putReceived(_ blob: Digest, in repository: RepositoryKey, at time: Timestamp) throws(StorageFault) {
        try open().putReceived(blob, repository: try repositoryID(repository), at: time)
    }

    func removeReceived(_ blob: Digest, from repository: RepositoryKey) throws(StorageFault) {
        let tables = try open()
        guard let id = try tables.repositoryID(repository) else { return }
        try tables.removeReceived(blob, repository: id)
    }

    func forgetReceived(before time: Timestamp, limit: Int) throws(StorageFault) -> Int {
        try open().forgetReceived(before: time, limit: limit)
    }
}
