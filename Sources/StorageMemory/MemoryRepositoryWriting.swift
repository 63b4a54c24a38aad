import OCI
import RegistryCore
import RegistryPorts

// What a body reads of repositories.
extension MemoryTransaction {
    func tag(_ tag: Tag, in repository: RepositoryKey) throws(StorageFault) -> SealedTag? {
        try requireOpen()
        return tables.tag(tag, in: repository)
    }

    func tags(
        of version: Digest, in repository: RepositoryKey, after tag: String?, limit: Int
    ) throws(StorageFault) -> [Tag] {
        try requireOpen()
        return tables.tags(of: version, in: repository, after: tag, limit: limit)
    }

    func hasManifest(_ version: Digest, in repository: RepositoryKey) throws(StorageFault) -> Bool {
        try requireOpen()
        return tables.hasManifest(version, in: repository)
    }

    func hasManifests(in repository: RepositoryKey) throws(StorageFault) -> Bool {
        try requireOpen()
        return tables.hasManifests(in: repository)
    }

    func hasBlob(
        _ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp
    ) throws(StorageFault) -> Bool {
        try requireOpen()
        return tables.hasBlob(blob, in: repository, receivedSince: time)
    }

    func repositories(
        holding version: Digest, in tenant: Tenant, limit: Int
    ) throws(StorageFault) -> [RepositoryName] {
        try requireOpen()
        return tables.repositories(holding: version, in: tenant, limit: limit)
    }

    func indexes(naming version: Digest, in tenant: Tenant, limit: Int) throws(StorageFault) -> [Digest] {
        try requireOpen()
        return tables.indexes(naming: version, in: tenant, limit: limit)
    }
}

// Tags, places and what was received.
extension MemoryTransaction {
    func put(_ tag: SealedTag, in repository: RepositoryKey) throws(StorageFault) {
        try change(repository) { $0.tags[tag.tag] = tag }
    }

    func removeTag(_ tag: Tag, from repository: RepositoryKey) throws(StorageFault) {
        try change(repository) { $0.tags[tag] = nil }
    }

    func place(_ manifest: ManifestPlace, in repository: RepositoryKey) throws(StorageFault) {
        try change(repository) { holding in
            if holding.places[manifest.version] == nil { holding.places[manifest.version] = manifest }
        }
    }

    func remove(_ version: Digest, from repository: RepositoryKey) throws(StorageFault) {
        guard tables.tags(of: version, in: repository, after: nil, limit: 1).isEmpty else { throw .changed }
        try change(repository) { $0.places[version] = nil }
    }

    func putReceived(_ blob: Digest, in repository: RepositoryKey, at time: Timestamp) throws(StorageFault) {
        try change(repository) { $0.received[blob] = max($0.received[blob] ?? time, time) }
    }

    func removeReceived(_ blob: Digest, from repository: RepositoryKey) throws(StorageFault) {
        try change(repository) { $0.received[blob] = nil }
    }

    func forgetReceived(before time: Timestamp, limit: Int) throws(StorageFault) -> Int {
        try requireOpen()
        let old = tables.repositories.flatMap { key, holding in
            holding.received.filter { $0.value < time }.map { (repository: key, blob: $0.key, time: $0.value) }
        }
        let page = old.sorted { $0.time < $1.time }.prefix(max(0, min(limit, RepositoryPage.limitMax)))
        for row in page { try removeReceived(row.blob, from: row.repository) }
        return page.count
    }
}
