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
        try open().clearProjections()
    }

    /// The end of the log is that of the last entry that was filed, whatever stood there before.
    func endRebuild() throws(StorageFault) {
        let tables = try open()
        guard try tables.entries(from: head?.size ?? 0, limit: 1).isEmpty else {
            throw .corrupted(reason: "a rebuild did not file every entry")
        }
        if let head { try tables.putLogHead(KnownHead(head)) }
    }

    func entries(from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry] {
        try open().entries(from: start, limit: limit)
    }

    func manifest(_ digest: Digest) throws(StorageFault) -> [UInt8]? {
        try open().document(digest, .manifest)
    }

    func evidenceDocument(_ digest: Digest) throws(StorageFault) -> [UInt8]? {
        try open().document(digest, .evidence)
    }

    func file(_ entry: LogEntry, hashes: [StoredHash], head: LogHead) throws(StorageFault) {
        let tables = try open()
        try tables.refile(entry, under: try filing(of: entry))
        for hash in hashes { try tables.putHash(hash) }
        setRebuiltHead(LogHead(frontier: head.frontier))
    }

    func headSeal() throws(StorageFault) -> [UInt8] {
        try open().headSeal()
    }

    func list(_ evidence: EvidenceEntry, of key: ArtifactKey) throws(StorageFault) {
        try open().put(evidence, version: try versionID(key))
    }
}

extension MetadataTables {
    fileprivate func headSeal() throws(StorageFault) -> [UInt8] {
        try connection.first("SELECT seal FROM log_head") { row throws(StorageFault) in try row.bytes(0) } ?? []
    }

    fileprivate func clearProjections() throws(StorageFault) {
        for table in [
            "record", "name", "state_count", "blob_use", "blob_count", "evidence", "pending_view", "log_hash", "place",
            "place_blob", "place_child", "repository_blob", "tag", "referrer",
        ] {
            try connection.run("DELETE FROM \(table)")
        }
        // Entries are filed under their numbers.
        try connection.run("UPDATE repository SET manifests = 0 WHERE manifests <> 0")
    }
}
