import Synchronization
public import RegistryCore
public import RegistryPorts

/// Looks artifacts up, and checks the seal of each record that it hands out.
///
/// Recently used records stay in memory. A change takes them out before it is acknowledged, so nobody who asks after a
/// revocation was acknowledged sees the state before it.
public final class ArtifactDirectory: Ledger.Listener, Sendable {
    /// Most memory for records: more than a hundred thousand of them, at some 500 bytes each.
    public static let rememberedBytesMax = 64 << 20
    static let readAttemptsMax = 4
    private static let rememberedNamesMax = 16_384
    /// Records that stay as they are handed out: those that are asked for again and again.
    private static let unpackedMax = 256

    private let store: any MetadataReader
    private let sealer: RecordSealer
    private let newest: NewestEvents
    private let cache = Mutex(Cache())

    private struct Cache {
        var records = RecordMemory(bytesMax: ArtifactDirectory.rememberedBytesMax)
        /// Some of them.
        var unpacked: [ArtifactName: KnownRecord] = [:]
        /// Names that nothing has.
        var absent: Set<ArtifactName> = []
        /// The names of versions, which never change.
        var names: [ArtifactKey: ArtifactName] = [:]
        /// Grows with every change; a read that began before a change must not put back what it saw.
        var generation: UInt64 = 0

        mutating func known(_ name: ArtifactName) -> KnownRecord? {
            if let known = unpacked[name] { return known }
            guard let known = records[name] else { return nil }
            unpack(known)
            return known
        }

        private mutating func unpack(_ known: KnownRecord) {
            if unpacked.count >= ArtifactDirectory.unpackedMax { unpacked.removeAll(keepingCapacity: true) }
            unpacked[known.record.name] = known
        }

        mutating func remember(_ facts: ModelFacts, of record: ArtifactRecord) {
            guard known(record.name)?.record == record else { return }
            let known = KnownRecord(record, facts: facts)
            records.remember(known)
            unpack(known)
        }

        mutating func remember(absent name: ArtifactName) {
            if absent.count >= ArtifactDirectory.rememberedNamesMax { absent.removeAll(keepingCapacity: true) }
            absent.insert(name)
        }

        mutating func forget(_ name: ArtifactName) {
            records.forget(name)
            unpacked[name] = nil
            absent.remove(name)
        }
    }

    public init(store: any MetadataReader, sealer: RecordSealer, newest: NewestEvents) {
        self.store = store
        self.sealer = sealer
        self.newest = newest
    }

    /// - Throws: `.artifactNotFound`, `.recordTampered`, `.storageUnavailable`.
    public func record(named name: ArtifactName) async throws(RegistryError) -> ArtifactRecord {
        guard let record = try await find(name) else { throw .unknown(name) }
        return record
    }

    /// - Returns: `nil` when nothing has the name.
    /// - Throws: `.recordTampered`, `.storageUnavailable`.
    func find(_ name: ArtifactName) async throws(RegistryError) -> ArtifactRecord? {
        let (cached, isAbsent, generation) = cache.withLock { cache in
            let record = cache.known(name)?.record
            return (record, record == nil && cache.absent.contains(name), cache.generation)
        }
        if cached != nil || isAbsent { return cached }
        let record = try await newest(named: name)
        cache.withLock { cache in
            guard cache.generation == generation else { return }
            if let record { cache.records.remember(KnownRecord(record)) } else { cache.remember(absent: name) }
        }
        return record
    }

    /// Grows with every change, before it is acknowledged.
    var changes: UInt64 { cache.withLock { $0.generation } }

    /// What `remember` was told of this very record; `nil` when that is forgotten, or the record has changed.
    func facts(of record: ArtifactRecord) -> ModelFacts? {
        cache.withLock { cache in
            guard let known = cache.known(record.name), known.record == record else { return nil }
            return known.facts
        }
    }

    /// Keeps what is known of a version beside its record, for as long as that is remembered and does not change.
    func remember(_ facts: ModelFacts, of record: ArtifactRecord) {
        cache.withLock { $0.remember(facts, of: record) }
    }

    /// The record of a version, whatever it is called.
    ///
    /// - Throws: `.artifactNotFound`, `.recordTampered`, `.storageUnavailable`.
    public func record(of key: ArtifactKey) async throws(RegistryError) -> ArtifactRecord {
        if let name = cache.withLock({ $0.names[key] }) {
            // A name may have come to mean another version; then this one's own record is read.
            let record = try? await record(named: name)
            if let record, record.key == key { return record }
        }
        try await newest.load()
        for _ in 0..<Self.readAttemptsMax {
            let sealed = try await throughStore { () async throws(StorageFault) in try await store.record(key) }
            guard let sealed else {
                throw RegistryError(.artifactNotFound, "There is no version \(key.version).")
            }
            let record = try sealer.open(sealed)
            guard record.key == key else {
                throw RegistryError(.recordTampered, "The version \(key.version) has another version's record.")
            }
            guard !newest.isPast(record.headIndex, of: key) else { continue }
            remember(record.name, of: key)
            return record
        }
        throw RegistryError(.recordTampered, "The stored record of \(key.version) is older than its history.")
    }

    private func remember(_ name: ArtifactName, of key: ArtifactKey) {
        cache.withLock { cache in
            if cache.names.count >= Self.rememberedNamesMax { cache.names.removeAll(keepingCapacity: true) }
            cache.names[key] = name
        }
    }

    /// Some artifacts in the order of their names.
    public struct Page: Sendable {
        /// Sealed by this registry, and the newest of their versions.
        public var records: [ArtifactRecord] = []
        /// Names whose rows somebody edited. They are nobody's artifacts, and keep nobody from the others.
        public var tampered: [ArtifactName] = []
        /// For the next page; `nil` when this was the last one.
        public var next: RecordQuery?
    }

    /// - Parameter remembering: for who asks for each of these artifacts next. What is in memory already stays there.
    public func page(_ query: RecordQuery, remembering: Bool = false) async throws(RegistryError) -> Page {
        try await newest.load()
        let generation = cache.withLock { $0.generation }
        let listing = try await throughStore { () async throws(StorageFault) in try await store.listing(query) }
        var page = Page()
        page.records.reserveCapacity(listing.count)
        for listed in listing {
            if let sealed = listed.record, let record = try? sealer.open(sealed), record.name == listed.name,
                !newest.isPast(record.headIndex, of: record.key)
            {
                page.records.append(record)
            } else {
                try await lookAgain(at: listed.name, query, &page)
            }
        }
        if remembering { remember(page.records, of: generation) }
        if listing.count == min(query.limit, RecordQuery.limitMax), let last = listing.last?.name {
            page.next = query
            page.next?.after = last
        }
        return page
    }

    private func remember(_ records: [ArtifactRecord], of generation: UInt64) {
        cache.withLock { cache in
            guard cache.generation == generation else { return }
            for record in records { cache.records.rememberIfRoom(record) }
        }
    }

    /// What changed since the listing was read looks like an older row that was put back.
    private func lookAgain(
        at name: ArtifactName, _ query: RecordQuery, _ page: inout Page
    ) async throws(RegistryError) {
        do {
            guard let record = try await newest(named: name) else { return }
            if query.state == nil || query.state == record.state { page.records.append(record) }
        } catch {
            switch error.code {
            case .recordTampered, .integrityFailed:
                forget(name)
                page.tampered.append(name)
            default: throw error
            }
        }
    }

    public func counts() async throws(RegistryError) -> RecordCounts {
        try await throughStore { () async throws(StorageFault) in try await store.counts() }
    }

    /// Has the next who asks for the name look at its row.
    func forget(_ name: ArtifactName) {
        committed([name], logSize: 0)
    }

    public func committed(_ names: [ArtifactName], logSize: UInt64) {
        cache.withLock { cache in
            cache.generation &+= 1
            for name in names { cache.forget(name) }
        }
    }

    /// A row with a genuine seal that is older than the artifact's newest event was put back by somebody. A change that
    /// is committed after the row was read looks the same for a moment, so look again before saying so.
    private func newest(named name: ArtifactName) async throws(RegistryError) -> ArtifactRecord? {
        try await newest.load()
        for _ in 0..<Self.readAttemptsMax {
            let sealed = try await throughStore { () async throws(StorageFault) in
                try await store.record(named: name, in: .default)
            }
            guard let sealed else { return nil }
            let record = try sealer.open(sealed)
            guard record.name == name else {
                throw RegistryError(.recordTampered, "The name \(name) points at another artifact's record.")
            }
            if !newest.isPast(record.headIndex, of: record.key) { return record }
        }
        throw RegistryError(.recordTampered, "The stored record of \(name) is older than its history.")
    }
}
