import OCI
import RegistryCore
import RegistryPorts

extension MetadataTables {
    func record(named name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> SealedRecord? {
        try connection.first(Self.recordByName, [.text(tenant), .text(name)], SealedRecord.init)
    }

    func record(_ key: ArtifactKey) throws(StorageFault) -> SealedRecord? {
        try connection.first(Self.recordByKey, [.text(key.tenant), .bytes(key.version)], SealedRecord.init)
    }

    func records(
        withContent sha256: Digest, in tenant: Tenant, after id: Int64, limit: Int
    ) throws(StorageFault) -> [ContentRecord] {
        guard limit > 0 else { return [] }
        return try connection.all(
            Self.recordsByContent,
            [
                .text(tenant), .bytes(sha256), .integer(id), .integer(Int64(min(limit, VersionPage.limitMax))),
            ]
        ) { row throws(StorageFault) in
            ContentRecord(id: try row.integer(RecordColumns.count), record: try SealedRecord.ifReadable(row))
        }
    }

    func waivedRecords(after id: Int64, limit: Int) throws(StorageFault) -> [ContentRecord] {
        guard limit > 0 else { return [] }
        return try connection.all(
            Self.recordsWithWaivers, [.integer(id), .integer(Int64(min(limit, VersionPage.limitMax)))]
        ) { row throws(StorageFault) in
            ContentRecord(id: try row.integer(RecordColumns.count), record: try SealedRecord.ifReadable(row))
        }
    }

    /// What of a stored record decides whether and how it may be replaced.
    struct RecordHead {
        var name: ArtifactName
        var state: ArtifactState
        var headIndex: UInt64
    }

    func recordHead(version id: Int64) throws(StorageFault) -> RecordHead? {
        try connection.first("SELECT name, state, head_index FROM record WHERE version = ?", [.integer(id)]) {
            row throws(StorageFault) in
            RecordHead(name: try row.name(0), state: try row.named(1), headIndex: try row.count(2))
        }
    }

    func put(_ record: SealedRecord, version id: Int64) throws(StorageFault) {
        try connection.run(RecordColumns.upsert, [.integer(id)] + record.columns())
    }

    private static let recordByName = """
        SELECT \(RecordColumns.selected) FROM name CROSS JOIN record ON record.version = name.version
        WHERE name.tenant = ? AND name.name = ?
        """

    private static let recordByKey = """
        SELECT \(RecordColumns.selected) FROM version CROSS JOIN record ON record.version = version.id
        WHERE version.tenant = ? AND version.digest = ?
        """

    private static let recordsWithWaivers = """
        SELECT \(RecordColumns.selected), record.version FROM record INDEXED BY record_with_waivers
        WHERE waivers IS NOT NULL AND version > ? ORDER BY version LIMIT ?
        """

    private static let recordsByContent = """
        SELECT \(RecordColumns.selected), record.version FROM record INDEXED BY record_by_content
        WHERE tenant = ? AND content = ? AND version > ? ORDER BY version LIMIT ?
        """
}
