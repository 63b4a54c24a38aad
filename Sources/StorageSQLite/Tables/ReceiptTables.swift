import OCI
import RegistryCore
import RegistryPorts

// Blobs that can be read in a repository, and when they were received there.
extension MetadataTables {
    func hasBlob(
        _ blob: Digest, in key: RepositoryKey, receivedSince time: Timestamp
    ) throws(StorageFault) -> Bool {
        guard let id = try repositoryID(key) else { return false }
        let isThere = try connection.first(
            """
            SELECT manifests > 0 OR received IS NOT NULL AND received >= ?
            FROM repository_blob WHERE repository = ? AND blob = ?
            """, [.integer(time), .integer(id), .bytes(blob)]
        ) { row throws(StorageFault) in try row.integer(0) }
        return isThere == 1
    }

    func blobs(in key: RepositoryKey, after blob: Digest?, limit: Int) throws(StorageFault) -> [Digest] {
        guard let id = try repositoryID(key) else { return [] }
        return try connection.all(
            "SELECT blob FROM repository_blob WHERE repository = ? AND blob > ? ORDER BY blob LIMIT ?",
            [.integer(id), blob.map { .bytes($0) } ?? .bytes([]), Self.page(limit)]
        ) { row throws(StorageFault) in try row.digest(0) }
    }

    func wasReceived(_ blob: Digest, since time: Timestamp) throws(StorageFault) -> Bool {
        let found = try connection.first(
            """
            SELECT 1 FROM repository_blob INDEXED BY repository_blob_by_receipt
            WHERE blob = ? AND received IS NOT NULL AND received >= ? LIMIT 1
            """, [.bytes(blob), .integer(time)]
        ) { row throws(StorageFault) in try row.integer(0) }
        return found != nil
    }

    func putReceived(_ blob: Digest, repository: Int64, at time: Timestamp) throws(StorageFault) {
        try connection.run(
            """
            INSERT INTO repository_blob (repository, blob, manifests, received) VALUES (?1, ?2, 0, ?3)
            ON CONFLICT (repository, blob) DO UPDATE SET received = max(coalesce(received, ?3), ?3)
            """, [.integer(repository), .bytes(blob), .integer(time)])
    }

    /// What no manifest names has no row without it.
    func removeReceived(_ blob: Digest, repository: Int64) throws(StorageFault) {
        let row: [SQLValue] = [.integer(repository), .bytes(blob)]
        try connection.run("DELETE FROM repository_blob WHERE repository = ? AND blob = ? AND manifests = 0", row)
        try connection.run("UPDATE repository_blob SET received = NULL WHERE repository = ? AND blob = ?", row)
    }

    func forgetReceived(before time: Timestamp, limit: Int) throws(StorageFault) -> Int {
        let old = try connection.all(
            """
            SELECT repository, blob FROM repository_blob INDEXED BY repository_blob_received
            WHERE received IS NOT NULL AND received < ? ORDER BY received LIMIT ?
            """, [.integer(time), Self.page(limit)]
        ) { row throws(StorageFault) in (repository: try row.integer(0), blob: try row.digest(1)) }
        for row in old { try removeReceived(row.blob, repository: row.repository) }
        return old.count
    }
}
