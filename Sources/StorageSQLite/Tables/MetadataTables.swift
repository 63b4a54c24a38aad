import OCI
import RegistryCore
import RegistryPorts

/// The statements that both reads and writes are made of, on one connection.
struct MetadataTables {
    let connection: Connection

    /// The number that stands for a version in the other tables.
    func versionID(_ key: ArtifactKey) throws(StorageFault) -> Int64? {
        try connection.first(
            "SELECT id FROM version WHERE tenant = ? AND digest = ?", [.text(key.tenant), .bytes(key.version)]
        ) { row throws(StorageFault) in try row.integer(0) }
    }

    /// The number of a version that may be mentioned here for the first time.
    func makeVersionID(_ key: ArtifactKey) throws(StorageFault) -> Int64 {
        if let id = try versionID(key) { return id }
        try connection.run(
            "INSERT INTO version (tenant, digest) VALUES (?, ?)", [.text(key.tenant), .bytes(key.version)])
        return connection.lastInsertedRow
    }

    func counts() throws(StorageFault) -> RecordCounts {
        let rows = try connection.all("SELECT state, versions FROM state_count") {
            row throws(StorageFault) -> (ArtifactState, UInt64) in (try row.named(0), try row.count(1))
        }
        var counts = RecordCounts(byState: [:])
        for (state, versions) in rows where versions > 0 { counts.byState[state] = versions }
        return counts
    }

    /// Counts one version less in `old` and one more in `new`.
    func count(from old: ArtifactState?, to new: ArtifactState?) throws(StorageFault) {
        guard old != new else { return }
        if let old {
            try connection.run(
                "UPDATE state_count SET versions = versions - 1 WHERE state = ?", [.text(old.rawValue)])
            guard connection.changedRows == 1 else { throw .corrupted(reason: "no version is counted as \(old)") }
        }
        if let new {
            try connection.run(
                """
                INSERT INTO state_count (state, versions) VALUES (?, 1)
                ON CONFLICT (state) DO UPDATE SET versions = versions + 1
                """, [.text(new.rawValue)])
        }
    }
}
