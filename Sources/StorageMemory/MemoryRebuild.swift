import OCI
import RegistryCore
public import RegistryPorts
import Synchronization
import TransparencyLog

extension MemoryMetadataStore: RebuildableMetadataStore {
    public func rebuild<T: Sendable>(
        _ body: @escaping @Sendable (any ProjectionRebuild) throws -> T
    ) async throws -> T {
        try state.withLock { state in
            var tables = MemoryTables()
            tables.manifests = state.tables.manifests
            tables.evidenceDocuments = state.tables.evidenceDocuments
            tables.inspections = state.tables.inspections
            tables.verifications = state.tables.verifications
            tables.lastPendingView = state.tables.lastPendingView
            let transaction = MemoryTransaction(tables)
            let rebuild = MemoryRebuild(
                entries: state.tables.entries, oldSeal: state.tables.headSeal, transaction: transaction)
            defer {
                transaction.end()
                state.misuses += transaction.misuses
            }
            let value = try body(rebuild)
            transaction.finish()
            guard transaction.tables.entries.count == state.tables.entries.count else {
                throw StorageFault.corrupted(reason: "a rebuild did not file every entry")
            }
            state.tables = transaction.tables
            return value
        }
    }
}

/// Projections that are made beside the ones they replace.
private struct MemoryRebuild: ProjectionRebuild {
    let entries: [LogEntry]
    let oldSeal: [UInt8]
    let transaction: MemoryTransaction

    func entries(from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry] {
        entries.page(from: start, limit: limit)
    }

    func manifest(_ digest: Digest) throws(StorageFault) -> [UInt8]? { transaction.tables.manifests[digest] }

    func evidenceDocument(_ digest: Digest) throws(StorageFault) -> [UInt8]? {
        transaction.tables.evidenceDocuments[digest]
    }

    func headSeal() throws(StorageFault) -> [UInt8] { oldSeal }

    func putHeadSeal(_ seal: [UInt8]) throws(StorageFault) { try transaction.putHeadSeal(seal) }

    func record(_ key: ArtifactKey) throws(StorageFault) -> SealedRecord? { try transaction.record(key) }

    func file(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault) {
        guard let index = Int(exactly: entry.index), entries.indices.contains(index),
            entries[index].bytes == entry.bytes
        else { throw .changed }
        try transaction.append(entry, hashes: hashes, head: head)
    }

    func put(_ record: SealedRecord) throws(StorageFault) { try transaction.put(record) }

    func point(_ name: ArtifactName, in tenant: Tenant, at version: Digest) throws(StorageFault) {
        try transaction.point(name, in: tenant, at: version)
    }

    func putUses(of blobs: [Digest], by key: ArtifactKey) throws(StorageFault) {
        try transaction.putUses(of: blobs, by: key)
    }

    func list(_ evidence: EvidenceEntry, of key: ArtifactKey) throws(StorageFault) {
        transaction.list(evidence, of: key)
    }

    func putPendingView(of name: ArtifactName, in tenant: Tenant) throws(StorageFault) {
        try transaction.putPendingView(of: name, in: tenant)
    }

    func put(_ tag: SealedTag, in repository: RepositoryKey) throws(StorageFault) {
        try transaction.put(tag, in: repository)
    }

    func removeTag(_ tag: Tag, from repository: RepositoryKey) throws(StorageFault) {
        try transaction.removeTag(tag, from: repository)
    }

    func place(_ manifest: ManifestPlace, in repository: RepositoryKey) throws(StorageFault) {
        try transaction.place(manifest, in: repository)
    }

    func remove(_ version: Digest, from repository: RepositoryKey) throws(StorageFault) {
        try transaction.remove(version, from: repository)
    }
}
