public import OCI
public import RegistryCore
public import RegistryPorts

/// Lists of the OCI door: repositories, tags, referrers. What is listed is not served by that.
public struct RepositoryLists: Sendable {
    /// Most names in one page. A store gives one more, so that nothing is left out behind a full page.
    public static let pageMax = RepositoryPage.limitMax - 1
    /// Most artifacts of the model API that are looked at for one page, and how many at a time at least: names that no
    /// repository can have, and what was deleted, are passed over.
    public static let lookedAtMax = 10_000
    private static let lookedAtOnceMin = 100

    private let references: References
    private let directory: ArtifactDirectory
    let tags: TagBook
    let manifests: ArtifactManifests
    let store: any MetadataReader

    public init(
        references: References, directory: ArtifactDirectory, tags: TagBook, manifests: ArtifactManifests,
        store: any MetadataReader
    ) {
        self.references = references
        self.directory = directory
        self.tags = tags
        self.manifests = manifests
        self.store = store
    }

    /// The tags of a repository in the order of their bytes, whatever the state of what they point at.
    ///
    /// - Parameter last: need not be a tag of the repository, nor one at all.
    /// - Returns: at most `limit` tags behind `last`, and whether there are more.
    /// - Throws: `.artifactNotFound`.
    public func tags(
        of repository: RepositoryKey, after last: String? = nil, limit: Int = pageMax
    ) async throws(RegistryError) -> (tags: [Tag], hasMore: Bool) {
        var found = try await tags.page(of: repository, after: last, limit: limit + 1).map(\.tag)
        let isBehind = last.map { $0.utf8.lexicographicallyPrecedes(Tag.latest.description.utf8) } ?? true
        if isBehind, !found.contains(.latest), try await hasImpliedLatest(repository) {
            found.append(.latest)
            found.sort()
        }
        if found.isEmpty {
            guard try await references.exists(repository) else { throw .unknown(repository.name) }
        }
        return (Array(found.prefix(limit)), found.count > limit)
    }

    private func hasImpliedLatest(_ repository: RepositoryKey) async throws(RegistryError) -> Bool {
        guard try await references.acquired(as: repository) != nil else { return false }
        return try await tags.version(of: .latest, in: repository) == nil
    }

    /// Repositories in their order, at most `limit` after the name that is given.
    ///
    /// - Returns: the names, and where the next page goes on; `nil` at the end. A page may hold fewer names than the
    ///   limit, or none, and have a next one.
    public func page(
        after last: String?, limit: Int
    ) async throws(RegistryError) -> (names: [RepositoryName], next: String?) {
        guard limit > 0 else { return ([], nil) }
        let pushed = try await throughStore { () async throws(StorageFault) in
            try await store.repositories(in: .default, after: last, limit: limit + 1)
        }
        var acquired = try await acquired(after: last, limit: limit + 1)
        // Beyond where one of the two lists was cut off, nothing is known of it.
        if pushed.count > limit, let end = pushed.last { acquired.cut(behind: end) }
        let known = acquired.next.map { end in
            pushed.filter { !end.utf8.lexicographicallyPrecedes($0.description.utf8) }
        }
        let names = Set(acquired.names).union(known ?? pushed).sorted()
        let shown = Array(names.prefix(limit))
        let isWhole = names.count <= limit && acquired.next == nil && pushed.count <= limit
        guard !isWhole else { return (shown, nil) }
        return (shown, names.count > limit ? shown.last?.description : acquired.next ?? shown.last?.description)
    }

    /// The same, of those that a principal sees. Nothing that it is given names another one, and neither does where the
    /// next page goes on: so this looks on until there are enough, however many there are between.
    public func page(
        after last: String?, limit: Int, shownTo principal: Principal
    ) async throws(RegistryError) -> (names: [RepositoryName], next: String?) {
        guard limit > 0, !principal.seesEverything else { return try await page(after: last, limit: limit) }
        var names: [RepositoryName] = []
        var next = last
        repeat {
            let page = try await page(after: next, limit: Self.pageMax)
            names += page.names.filter { principal.maySee($0) }
            next = page.next
        } while next != nil && names.count <= limit
        guard names.count > limit else { return (names, nil) }
        return (Array(names.prefix(limit)), names[limit - 1].description)
    }

    fileprivate struct AcquiredNames {
        var names: [RepositoryName] = []
        /// Up to here, and no further, the list is complete; `nil` when it is to the end.
        var next: String?

        mutating func cut(behind end: RepositoryName) {
            guard names.contains(where: { $0 > end }) else { return }
            names.removeAll { $0 > end }
            next = end.description
        }
    }

    /// Artifacts of the model API whose names can be those of repositories.
    private func acquired(after last: String?, limit: Int) async throws(RegistryError) -> AcquiredNames {
        var found = AcquiredNames()
        var query = RecordQuery(limit: min(max(limit, Self.lookedAtOnceMin), RecordQuery.limitMax))
        query.after = try last.map { text throws(RegistryError) in try ArtifactName(checked: text) }
        var lookedAt = 0
        while lookedAt < Self.lookedAtMax {
            let page = try await directory.page(query)
            guard let next = page.next else {
                found.add(page.records)
                return found
            }
            found.add(page.records)
            query = next
            // All versions that were pushed into one repository stand together, and are no repositories.
            if let pushed = next.after?.pushed { query.after = try Self.end(of: pushed.repository) }
            found.next = query.after?.description
            guard found.names.count < limit else { return found }
            lookedAt += next.limit
        }
        return found
    }

    /// A name behind which no version of the repository stands.
    private static func end(of repository: RepositoryName) throws(RegistryError) -> ArtifactName {
        // The longer algorithm stands last, and leaves no room for itself behind a very long name.
        for algorithm in [Digest.Algorithm.sha512, .sha256] {
            let last = try? Digest(algorithm, bytes: [UInt8](repeating: 0xFF, count: algorithm.byteCount))
            if let last, let name = try? ArtifactName(pushed: last, to: repository) { return name }
        }
        throw RegistryError(.internalError, "The end of a repository could not be named.")
    }
}

extension RepositoryLists.AcquiredNames {
    fileprivate mutating func add(_ records: [ArtifactRecord]) {
        for record in records where record.state != .deleted && record.name.pushed == nil {
            guard let name = try? RepositoryName(parsing: record.name.description) else { continue }
            names.append(name)
        }
    }
}
