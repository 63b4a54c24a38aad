package import OCI
package import RegistryCore
import RegistryPorts

// What changes a repository, each change with its event.
extension LedgerEntry {
    /// - Throws: `.recordTampered` for a tag that somebody edited.
    func version(of tag: Tag, in repository: RepositoryKey) throws -> Digest? {
        guard let sealed = try transaction.tag(tag, in: repository) else { return nil }
        return try sealer.open(sealed, in: repository).version
    }

    func holds(_ version: Digest, _ repository: RepositoryKey) throws -> Bool {
        try transaction.hasManifest(version, in: repository)
    }

    /// Whether a blob can be named by manifests of a repository.
    func hasBlob(_ blob: Digest, in repository: RepositoryKey, receivedSince time: Timestamp) throws -> Bool {
        try transaction.hasBlob(blob, in: repository, receivedSince: time)
    }

    /// Puts a manifest into a repository that does not hold it.
    ///
    /// - Parameter isImplied: an event before says so already.
    mutating func place(_ manifest: ManifestPlace, in repository: RepositoryKey, isImplied: Bool) throws {
        try transaction.place(manifest, in: repository)
        if isImplied {
            note(repository)
        } else {
            _ = try append(.placed(version: manifest.version), to: repository)
        }
    }

    /// Takes a manifest without tags out of a repository.
    ///
    /// - Returns: whether no repository holds it any more.
    mutating func remove(_ version: Digest, from repository: RepositoryKey) throws -> Bool {
        try transaction.remove(version, from: repository)
        _ = try append(.removed(version: version), to: repository)
        return try transaction.repositories(holding: version, in: repository.tenant, limit: 1).isEmpty
    }

    /// Lets a tag point at a manifest that the repository holds.
    ///
    /// - Returns: whether it pointed elsewhere before, or nowhere.
    @discardableResult
    mutating func tag(_ version: Digest, as tag: Tag, in repository: RepositoryKey) throws -> Bool {
        // A tag that somebody edited is put right by whoever moves it.
        let stored = try transaction.tag(tag, in: repository)
        let previous = stored.flatMap { try? sealer.open($0, in: repository) }?.version
        guard previous != version else { return false }
        let index = try append(.tagged(tag, version: version, previous: previous), to: repository, tag: tag)
        try transaction.put(
            sealer.seal(tag, at: version, eventIndex: index, time: time, in: repository), in: repository)
        return true
    }

    mutating func untag(_ tag: Tag, pointingAt version: Digest, in repository: RepositoryKey) throws {
        _ = try append(.untagged(tag, version: version), to: repository, tag: tag)
        try transaction.removeTag(tag, from: repository)
    }

    /// The first tags of a manifest.
    func tags(of version: Digest, in repository: RepositoryKey, limit: Int) throws -> [Tag] {
        try transaction.tags(of: version, in: repository, after: nil, limit: limit)
    }

    /// Whether an index that the repository holds names a manifest; also where too many name it to look at each.
    func isListed(_ version: Digest, in repository: RepositoryKey) throws -> Bool {
        let indexes = try transaction.indexes(
            naming: version, in: repository.tenant, limit: RepositoryPage.limitMax)
        guard indexes.count < RepositoryPage.limitMax else { return true }
        return try indexes.contains { try transaction.hasManifest($0, in: repository) }
    }

    package func putReceived(_ blob: Digest, in repository: RepositoryKey) throws {
        try transaction.putReceived(blob, in: repository, at: time)
    }

    /// - Returns: how many.
    func forgetReceived(before time: Timestamp, limit: Int) throws -> Int {
        try transaction.forgetReceived(before: time, limit: limit)
    }

    func removeReceived(_ blob: Digest, from repository: RepositoryKey) throws {
        try transaction.removeReceived(blob, from: repository)
    }
}
