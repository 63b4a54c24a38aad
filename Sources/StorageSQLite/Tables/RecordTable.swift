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

    func records(withContent sha256: Digest, in tenant: Tenant) throws(StorageFault) -> [SealedRecord] {
        try connection.all(Self.recordsByContent, [.text(tenant), .bytes(sha256)], SealedRecord.ifReadable)
            .compactMap(\.self)
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

    private static let recordsByContent = """
        SELECT \(RecordColumns.selected) FROM record WHERE tenant = ? AND content = ? ORDER BY version
        """
}
