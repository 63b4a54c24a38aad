public import OCI
public import RegistryCore
public import RegistryPorts

/// What tags pointed at, and how to bring that back.
public struct TagHistory: Sendable {
    /// Most changes in one page.
    public static let pageMax = 1_000

    /// One change of a tag.
    public struct Change: Sendable, Hashable {
        /// The index of the event in the log.
        public var index: UInt64
        public var time: Timestamp
        public var actor: Actor
        /// What the tag pointed at from then on; `nil` when it was removed.
        public var version: Digest?
        /// What it pointed at before.
        public var previous: Digest?
    }

    private let store: any MetadataReader
    private let references: References
    private let ledger: Ledger
    private let rules: TagRules

    public init(store: any MetadataReader, references: References, ledger: Ledger, rules: TagRules) {
        self.store = store
        self.references = references
        self.ledger = ledger
        self.rules = rules
    }

    /// The changes of a tag, newest first.
    ///
    /// - Parameter end: only changes before this index.
    /// - Throws: `.artifactNotFound`; `.manifestNotFound` when there never was such a tag; `.recordTampered`.
    public func changes(
        of tag: Tag, in repository: RepositoryKey, before end: UInt64? = nil, limit: Int = pageMax
    ) async throws(RegistryError) -> [Change] {
        let entries = try await throughStore { () async throws(StorageFault) in
            try await store.entries(
                of: EntryPlace(repository: repository, tag: tag), before: end, limit: min(limit, Self.pageMax))
        }
        if entries.isEmpty, end == nil {
            guard try await references.exists(repository) else { throw .unknown(repository.name) }
            throw RegistryError(.manifestNotFound, "\(repository.name) never had a tag \(tag).")
        }
        var changes: [Change] = []
        for entry in entries { changes.append(try Change(entry, of: tag, in: repository)) }
        return changes
    }

    /// Lets a tag point at a manifest that the repository holds.
    ///
    /// - Returns: what the tag pointed at before.
    /// - Throws: `.manifestNotFound`, `.tagImmutable`.
    @discardableResult
    public func point(
        _ tag: Tag, at version: Digest, in repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) -> Digest? {
        let rules = rules
        return try await ledger.write(caller) { entry in
            guard try entry.holds(version, repository) else {
                throw RegistryError(.manifestNotFound, "\(repository.name) has no manifest \(version).")
            }
            try rules.requireMovable(tag, to: version, in: repository, entry)
            let previous = try entry.version(of: tag, in: repository)
            try entry.tag(version, as: tag, in: repository)
            return previous
        }
    }

    /// Takes the newest change of a tag back: it points again at what it pointed at before. Taking it back twice is
    /// doing it again.
    ///
    /// - Returns: what the tag points at now.
    /// - Throws: `.manifestNotFound` when there is nothing to go back to, or the repository does not hold it any more;
    ///   `.tagImmutable`; `.concurrentChange` when somebody moved the tag meanwhile.
    public func undo(
        _ tag: Tag, in repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) -> Digest {
        guard let newest = try await changes(of: tag, in: repository, limit: 1).first, let previous = newest.previous
        else { throw RegistryError(.manifestNotFound, "The tag \(tag) pointed at nothing before.") }
        let rules = rules
        return try await ledger.write(caller) { entry in
            guard try entry.version(of: tag, in: repository) == newest.version else {
                throw RegistryError(.concurrentChange, "The tag \(tag) was moved by another request.")
            }
            guard try entry.holds(previous, repository) else {
                throw RegistryError(.manifestNotFound, "\(repository.name) does not hold \(previous) any more.")
            }
            try rules.requireMovable(tag, to: previous, in: repository, entry)
            try entry.tag(previous, as: tag, in: repository)
            return previous
        }
    }
}

extension TagHistory.Change {
    /// - Throws: `.recordTampered` for an entry that is filed under a tag that it does not speak of.
    fileprivate init(_ entry: LogEntry, of tag: Tag, in repository: RepositoryKey) throws(RegistryError) {
        let event: RegistryEvent
        do { event = try RegistryEvent(decoding: entry.bytes, index: entry.index) } catch {
            throw RegistryError(.recordTampered, "Entry \(entry.index) of the log cannot be read.", cause: error)
        }
        let misfiled = RegistryError(.recordTampered, "Entry \(entry.index) is filed under another tag's history.")
        guard event.subject == .repository(repository) else { throw misfiled }
        switch event.body {
        case .tagged(tag, let version, let previous):
            self.init(
                index: event.index, time: event.time, actor: event.actor, version: version, previous: previous)
        case .untagged(tag, let version):
            self.init(index: event.index, time: event.time, actor: event.actor, version: nil, previous: version)
        default: throw misfiled
        }
    }
}
