import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization
public import TransparencyLog

/// Knows which event is the newest of each version, so that an older row that somebody put back is noticed.
///
/// Nothing in the metadata store says so by itself: whoever can edit it can edit under which version an entry is filed.
/// What is filed is therefore held against the sealed end of the log once, before the first record is believed; from
/// then on each commit brings what is remembered up to date. About 50 bytes for each version.
///
/// A record that names a newer event than is known here is one whose commit is not acknowledged yet. Its seal says that
/// it is ours.
public final class NewestEvents: Sendable {
    /// How the newest events became known.
    public enum Origin: Sendable, Hashable {
        /// From how entries are filed, which the seal of the log's end confirmed.
        case filing
        /// By reading every entry: the filing is damaged. (`rebuild-index` mends it)
        case entries
        /// By reading every entry of a log whose end has no seal of ours but is signed. It was sealed then.
        case signedEntries
    }

    static let pageSize = 10_000
    static let attemptsMax = 4

    private let store: any MetadataStore
    private let sealer: RecordSealer
    private let signed: @Sendable () async throws(RegistryError) -> Checkpoint?
    private let known = Mutex<Known?>(nil)
    private let turns = Turns<Int>()

    private struct Known {
        var origin: Origin
        var bounds: VersionIndexes
    }

    /// - Parameter signed: what was signed last.
    public init(
        store: any MetadataStore, sealer: RecordSealer,
        signed: @escaping @Sendable () async throws(RegistryError) -> Checkpoint?
    ) {
        self.store = store
        self.sealer = sealer
        self.signed = signed
    }

    /// Finds out, the first time; later it costs nothing.
    ///
    /// - Throws: `.recordTampered` when the log has entries that this registry neither signed nor sealed; storage
    ///   faults.
    @discardableResult
    public func load() async throws(RegistryError) -> Origin {
        if let known = known.withLock({ $0?.origin }) { return known }
        return try await turns.take(0) { () async throws(RegistryError) in
            if let known = known.withLock({ $0?.origin }) { return known }
            let found = try await find()
            known.withLock { $0 = found }
            return found.origin
        }
    }

    /// Whether there is an event of the version after this one. Believed once `load` has returned.
    func isPast(_ index: UInt64, of key: ArtifactKey) -> Bool {
        known.withLock { known in known?.bounds[key].map { $0 > index } ?? (known == nil) }
    }

    /// How many versions there are.
    var versionCount: Int { known.withLock { $0?.bounds.count ?? 0 } }

    func knows(_ key: ArtifactKey) -> Bool {
        known.withLock { $0?.bounds[key] != nil }
    }

    /// Hears what was committed, in any order.
    func committed(_ events: [(key: ArtifactKey, index: UInt64)]) {
        known.withLock { known in
            for event in events { known?.bounds.raise(to: event.index, event.key) }
        }
    }

    private func find() async throws(RegistryError) -> Known {
        for _ in 0..<Self.attemptsMax {
            let head = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
            let sealed = sealer.open(head)
            let filed = try await self.filed()
            if filed.sum == sealed { return Known(origin: .filing, bounds: filed.indexes) }
            var found = NewestEventsFound()
            let root = try await replayed(to: head.size, &found)
            let now = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
            // Somebody else appends meanwhile: look again.
            guard now == head else { continue }
            guard root == head.frontier.root else {
                throw RegistryError(.recordTampered, "The entries of the log are not the ones that its head names.")
            }
            let sum = found.sum(sealer)
            if sum == sealed { return Known(origin: .entries, bounds: found.indexes) }
            guard let signed = try await signed(), signed.head == head.frontier.head else {
                throw .notSealed(head)
            }
            try await renewSeal(sum, head)
            return Known(origin: .signedEntries, bounds: found.indexes)
        }
        throw RegistryError(.concurrentChange, "The log changes while it is read.")
    }

    /// Reads a page on the store's thread while this one sums up the page before.
    private func filed() async throws(RegistryError) -> FiledEvents {
        var found = FiledEvents()
        var page = try await filed(after: 0).get()
        while page.count == Self.pageSize, let last = page.last {
            async let next = filed(after: last.id)
            for entry in page { found.take(entry, sealer) }
            page = try await next.get()
        }
        for entry in page { found.take(entry, sealer) }
        return found
    }

    private func filed(after id: Int64) async -> Result<[NewestEntry], RegistryError> {
        do throws(RegistryError) {
            return .success(
                try await throughStore { () async throws(StorageFault) in
                    try await store.newestEntries(after: id, limit: Self.pageSize)
                })
        } catch {
            return .failure(error)
        }
    }

    /// - Returns: the root over the bytes of all entries.
    private func replayed(
        to size: UInt64, _ found: inout NewestEventsFound
    ) async throws(RegistryError) -> LogHash {
        var frontier = TreeFrontier()
        while frontier.size < size {
            let (start, limit) = (frontier.size, Int(min(size - frontier.size, 1_000)))
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.entries(from: start, limit: limit)
            }
            guard page.count == limit else {
                throw RegistryError(.recordTampered, "The log has lost entries from \(start) on.")
            }
            for entry in page {
                let event: RegistryEvent
                do { event = try RegistryEvent(decoding: entry.bytes, index: entry.index) } catch {
                    throw RegistryError(
                        .recordTampered, "Entry \(entry.index) of the log cannot be read.", cause: error)
                }
                _ = frontier.append(MerkleHashing.leaf(entry.bytes))
                if case .artifact(let key, _) = event.subject { found.raise(to: event.index, key) }
            }
        }
        return frontier.root
    }

    private func renewSeal(_ sum: NewestSum, _ head: LogHead) async throws(RegistryError) {
        let seal = sealer.seal(sum, at: head.frontier.head)
        do {
            try await store.write { transaction in
                guard try transaction.logHead().frontier == head.frontier else { throw StorageFault.changed }
                try transaction.putHeadSeal(seal)
            }
        } catch { throw RegistryError(anyFault: error) }
    }
}

/// What the filing says. Each version is listed once; where somebody made that otherwise, the sum is another than the
/// sealed one, or the same entry is listed again, which says nothing new.
private struct FiledEvents {
    private(set) var sum = NewestSum()
    private(set) var indexes = VersionIndexes()

    mutating func take(_ entry: NewestEntry, _ sealer: RecordSealer) {
        sum.replace(nil, with: entry.index, of: entry.key, sealer)
        indexes.raise(to: entry.index, entry.key)
    }
}

/// What the entries themselves say.
private struct NewestEventsFound {
    private var newest: [ArtifactKey: UInt64] = [:]

    mutating func raise(to index: UInt64, _ key: ArtifactKey) {
        newest[key] = max(newest[key] ?? 0, index)
    }

    func sum(_ sealer: RecordSealer) -> NewestSum {
        var sum = NewestSum()
        for (key, index) in newest { sum.replace(nil, with: index, of: key, sealer) }
        return sum
    }

    var indexes: VersionIndexes {
        var indexes = VersionIndexes()
        for (key, index) in newest { indexes.raise(to: index, key) }
        return indexes
    }
}

/// The highest index that is known of each version, in little memory.
private struct VersionIndexes {
    /// Half of a digest. Two versions with the same half would share the higher index, and the one with the lower would
    /// be refused.
    private struct Place: Hashable {
        var high, low: UInt64

        init(_ key: ArtifactKey) {
            let bytes = key.version.bytes
            high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private var indexes: [Tenant: [Place: UInt64]] = [:]

    var count: Int { indexes.values.reduce(0) { $0 + $1.count } }

    subscript(key: ArtifactKey) -> UInt64? { indexes[key.tenant]?[Place(key)] }

    mutating func raise(to index: UInt64, _ key: ArtifactKey) {
        indexes[key.tenant, default: [:]][Place(key), default: 0].raise(to: index)
    }
}

extension UInt64 {
    fileprivate mutating func raise(to other: UInt64) { self = Swift.max(self, other) }
}

extension RegistryError {
    static func notSealed(_ head: LogHead) -> RegistryError {
        RegistryError(
            .recordTampered,
            "The log ends after \(head.size) entries, and the end is neither sealed nor signed by this registry.")
    }
}
