public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Knows what tags point at and which manifests a repository holds, and checks the seal of each tag.
///
/// What was asked for recently stays in memory. A change takes it out before it is acknowledged, so nobody who asks
/// after a tag was moved sees where it pointed before.
public final class TagBook: Ledger.Listener, Sendable {
    /// Most answers in memory, some 200 bytes each.
    static let rememberedMax = 32_768

    private let store: any MetadataReader
    private let sealer: RecordSealer
    private let cache = Mutex(Cache())

    private struct Cache {
        /// `nil` for a tag that is known not to be there.
        var tags: [EntryPlace: Digest?] = [:]
        var held: [RepositoryKey: Set<Digest>] = [:]
        var heldCount = 0
        /// Grows with every change; a read that began before a change must not put back what it saw.
        var generation: UInt64 = 0

        mutating func remember(_ version: Digest, _ repository: RepositoryKey) {
            if heldCount >= TagBook.rememberedMax {
                held.removeAll(keepingCapacity: true)
                heldCount = 0
            }
            if held[repository, default: []].insert(version).inserted { heldCount += 1 }
        }

        mutating func remember(_ version: Digest?, _ place: EntryPlace) {
            if tags.count >= TagBook.rememberedMax { tags.removeAll(keepingCapacity: true) }
            tags.updateValue(version, forKey: place)
        }
    }

    public init(store: any MetadataReader, sealer: RecordSealer) {
        self.store = store
        self.sealer = sealer
    }

    /// - Returns: `nil` when there is no such tag.
    /// - Throws: `.recordTampered` for a tag that somebody edited.
    public func version(of tag: Tag, in repository: RepositoryKey) async throws(RegistryError) -> Digest? {
        let place = EntryPlace(repository: repository, tag: tag)
        let (known, generation) = cache.withLock { ($0.tags[place], $0.generation) }
        if let known { return known }
        let sealed = try await throughStore { () async throws(StorageFault) in
            try await store.tag(tag, in: repository)
        }
        if let sealed, sealed.tag != tag {
            throw RegistryError(.recordTampered, "The tag \(tag) of \(repository.name) is another tag's.")
        }
        let version = try sealed.map { sealed throws(RegistryError) in try sealer.open(sealed, in: repository) }?
            .version
        cache.withLock { cache in
            if cache.generation == generation { cache.remember(version, place) }
        }
        return version
    }

    /// Whether it is in memory that a repository holds a manifest.
    func isKnownToHold(_ version: Digest, _ repository: RepositoryKey) -> Bool {
        cache.withLock { $0.held[repository]?.contains(version) ?? false }
    }

    public func holds(_ version: Digest, _ repository: RepositoryKey) async throws(RegistryError) -> Bool {
        if isKnownToHold(version, repository) { return true }
        let generation = cache.withLock { $0.generation }
        let isHeld = try await throughStore { () async throws(StorageFault) in
            try await store.hasManifest(version, in: repository)
        }
        guard isHeld else { return false }
        cache.withLock { cache in
            if cache.generation == generation { cache.remember(version, repository) }
        }
        return true
    }

    /// Tags in the order of their bytes, behind one that need not be there.
    ///
    /// - Returns: those that this registry wrote.
    func page(
        of repository: RepositoryKey, after tag: String?, limit: Int
    ) async throws(RegistryError) -> [SealedTag] {
        try await throughStore { () async throws(StorageFault) in
            try await store.tags(in: repository, after: tag, limit: limit)
        }.filter { (try? sealer.open($0, in: repository)) != nil }
    }

    public func committed(_ names: [ArtifactName], logSize: UInt64) {}

    public func committed(_ places: [EntryPlace]) {
        cache.withLock { cache in
            cache.generation &+= 1
            for place in places {
                if place.tag == nil {
                    cache.heldCount -= cache.held.removeValue(forKey: place.repository)?.count ?? 0
                } else {
                    cache.tags.removeValue(forKey: place)
                }
            }
        }
    }
}
