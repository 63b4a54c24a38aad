import OCI
import RegistryCore
public import RegistryPorts
import TransparencyLog

extension SQLiteMetadataStore: RebuildableMetadataStore {
    public func rebuild<T: Sendable>(
        _ body: @escaping @Sendable (any ProjectionRebuild) throws -> T
    ) async throws -> T {
        try await write { transaction in
            guard let rebuild = transaction as? WriteTransaction else {
                throw StorageFault.unavailable(reason: "a transaction of another store")
            }
            try rebuild.clearProjections()
            let value = try body(rebuild)
            try rebuild.endRebuild()
            return value
        }
    }
}

// What a body writes that makes the projections anew.
extension WriteTransaction: ProjectionRebuild {
    func clearProjections() throws(StorageFault) {
        try tablesOfRebuild().clearProjections()
    }

    /// The end of the log is that of the last entry that was filed, whatever stood there before.
    func endRebuild() throws(StorageFault) {
        let tables = try tablesOfRebuild()
        guard try tables.entries(from: head?.size ?? 0, limit: 1).isEmpty else {
            throw .corrupted(reason: "a rebuild did not file every entry")
        }
        if let head { try tables.putLogHead(KnownHead(head)) }
    }

    func entries(from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry] {
        try tablesOfRebuild().entries(from: start, limit: limit)
    }

    func manifest(_ digest: Digest) throws(StorageFault) -> [UInt8]? {
        try tablesOfRebuild().document(digest, .manifest)
    }

    func evidenceDocument(_ digest: Digest) throws(StorageFault) -> [UInt8]? {
        try tablesOfRebuild().document(digest, .evidence)
    }

    func file(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault) {
        let tables = try tablesOfRebuild()
        try tables.refile(entry, version: try entry.key.map { key throws(StorageFault) in try versionID(key) })
        for hash in hashes { try tables.putHash(hash) }
        setRebuiltHead(LogHead(frontier: head.frontier))
    }

    func headSeal() throws(StorageFault) -> [UInt8] {
        try tablesOfRebuild().headSeal()
    }

    func list(_ evidence: EvidenceEntry, of key: ArtifactKey) throws(StorageFault) {
        try tablesOfRebuild().put(evidence, version: try versionID(key))
    }
}

extension MetadataTables {
    fileprivate func headSeal() throws(StorageFault) -> [UInt8] {
        try connection.first("SELECT seal FROM log_head") { row throws(StorageFault) in try row.bytes(0) } ?? []
    }

    fileprivate func clearProjections() throws(StorageFault) {
        for table in [
            "record", "name", "state_count", "blob_use", "blob_count", "evidence", "pending_view", "log_hash",
        ] {
            try connection.run("DELETE FROM \(table)")
        }
    }

    fileprivate func refile(_ entry: LogEntry, version id: Int64?) throws(StorageFault) {
        try connection.run(
            "UPDATE entry SET version = ?2 WHERE position = ?1 AND version IS NOT ?2",
            [.integer(try Int64(logIndex: entry.index)), id.map { .integer($0) } ?? .null])
    }
}
