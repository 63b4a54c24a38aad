public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization
public import TransparencyLog

/// Metadata in memory, for tests: it keeps the contract of `MetadataStore`, remembers what no correct caller does, and
/// fails when it is told to.
///
/// Whoever holds it can do anything: it protects nothing, and forgets everything with the process.
public final class MemoryMetadataStore: MetadataStore, Sendable {
    /// What becomes of a write that fails.
    public enum Effect: Sendable, Hashable {
        /// Nothing is kept.
        case lost
        /// Everything is kept, and the caller cannot know.
        case answerLost
    }

    struct State {
        var tables = MemoryTables()
        var misuses: [StoreMisuse] = []
        var plan: [(fault: StorageFault, effect: Effect, writesBefore: Int)] = []
        var readFault: StorageFault?
        /// Set for good by a failed sync.
        var refusal: StorageFault?
    }

    let state = Mutex(State())

    public init() {}

    /// What callers did that no correct caller does, in order.
    public var misuses: [StoreMisuse] { state.withLock { $0.misuses } }

    /// Makes one write fail, after `count` more that do not. Faults that are asked for wait for one another.
    ///
    /// After `.syncFailed` every further write is refused, as a store on a disk does.
    public func failWrite(_ fault: StorageFault, _ effect: Effect, after count: Int = 0) {
        state.withLock { $0.plan.append((fault, effect, count)) }
    }

    /// Takes back every `failWrite` that is still to come.
    public func forgetFaults() {
        state.withLock { $0.plan = [] }
    }

    /// Makes every read fail, until it is told otherwise with `nil`. Bodies read what they read all the same.
    public func failReads(_ fault: StorageFault?) {
        state.withLock { $0.readFault = fault }
    }

    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any MetadataTransaction) throws -> T
    ) async throws -> T {
        try state.withLock { state in
            if let refusal = state.refusal {
                state.misuses.append(.writeAfterFailedSync)
                throw refusal
            }
            let transaction = MemoryTransaction(state.tables)
            defer {
                transaction.end()
                state.misuses += transaction.misuses
            }
            let value = try body(transaction)
            transaction.finish()
            guard let planned = state.takePlanned() else {
                state.tables = transaction.tables
                return value
            }
            if planned.effect == .answerLost { state.tables = transaction.tables }
            if case .syncFailed = planned.fault { state.refusal = planned.fault }
            throw planned.fault
        }
    }

    func read<T: Sendable>(_ body: (MemoryTables) -> T) throws(StorageFault) -> T {
        let result = state.withLock { state -> Result<T, StorageFault> in
            state.readFault.map { .failure($0) } ?? .success(body(state.tables))
        }
        return try result.get()
    }
}

extension MemoryMetadataStore.State {
    /// - Returns: what this write is told to fail with.
    fileprivate mutating func takePlanned() -> (fault: StorageFault, effect: MemoryMetadataStore.Effect)? {
        guard let next = plan.first else { return nil }
        guard next.writesBefore == 0 else {
            plan[0].writesBefore -= 1
            return nil
        }
        plan.removeFirst()
        return (next.fault, next.effect)
    }
}

extension MemoryMetadataStore {
    public func record(
        named name: ArtifactName, in tenant: Tenant
    ) async throws(StorageFault) -> SealedRecord? {
        try read { $0.record(named: name, in: tenant) }
    }

    public func record(_ key: ArtifactKey) async throws(StorageFault) -> SealedRecord? {
        try read { $0.records[key] }
    }

    public func listing(_ query: RecordQuery) async throws(StorageFault) -> [NamedRecord] {
        try read { $0.listing(query) }
    }

    public func counts() async throws(StorageFault) -> RecordCounts {
        try read { $0.counts }
    }

    public func entries(
        of key: ArtifactKey, from start: UInt64, limit: Int
    ) async throws(StorageFault) -> [LogEntry] {
        try read { tables in tables.entries.filter { $0.key == key && $0.index >= start }.page(from: 0, limit: limit) }
    }

    public func registryEntries(from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry] {
        try read { tables in
            tables.entries.filter { $0.key == nil && $0.place == nil && $0.index >= start }.page(from: 0, limit: limit)
        }
    }

    public func entries(from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry] {
        try read { $0.entries.page(from: start, limit: limit) }
    }

    public func logHead() async throws(StorageFault) -> LogHead {
        try read { $0.logHead }
    }

    public func newestEntries(after id: Int64, limit: Int) async throws(StorageFault) -> [NewestEntry] {
        try read { $0.newestEntries(after: id, limit: limit) }
    }

    public func logHashes(
        level: Int, from index: UInt64, limit: Int
    ) async throws(StorageFault) -> [LogHash] {
        try read { $0.hashes(level: level, from: index, limit: limit) }
    }

    public func evidence(of key: ArtifactKey) async throws(StorageFault) -> [EvidenceEntry] {
        try read { $0.evidence[key] ?? [] }
    }

    public func evidenceDocument(_ digest: Digest) async throws(StorageFault) -> [UInt8]? {
        try read { $0.evidenceDocuments[digest] }
    }

    public func manifest(_ digest: Digest) async throws(StorageFault) -> [UInt8]? {
        try read { $0.manifests[digest] }
    }

    public func inspection(_ key: InspectionKey) async throws(StorageFault) -> [UInt8]? {
        try read { $0.inspections[key] }
    }

    public func verification(of blob: Digest) async throws(StorageFault) -> SealedVerification? {
        try read { $0.verifications[blob] }
    }

    public func uses(of blob: Digest) async throws(StorageFault) -> BlobUses {
        try read { $0.uses(of: blob) }
    }

    public func users(of blob: Digest, after id: Int64, limit: Int) async throws(StorageFault) -> [BlobUser] {
        try read { $0.users(of: blob, after: id, limit: limit) }
    }

    public func waivedRecords(after id: Int64, limit: Int) async throws(StorageFault) -> [ContentRecord] {
        try read { $0.waivedRecords(after: id, limit: limit) }
    }

    public func pendingViews(after id: Int64, limit: Int) async throws(StorageFault) -> [PendingView] {
        try read { $0.pendingViews.filter { $0.id > id }.page(from: 0, limit: limit) }
    }
}
