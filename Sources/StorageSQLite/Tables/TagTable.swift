import OCI
import RegistryCore
import RegistryPorts

extension MetadataTables {
    func tag(_ tag: Tag, in key: RepositoryKey) throws(StorageFault) -> SealedTag? {
        guard let id = try repositoryID(key) else { return nil }
        return try connection.first(
            "SELECT \(Self.tagColumns) FROM tag WHERE repository = ? AND tag = ?", [.integer(id), .text(tag)],
            SealedTag.init)
    }

    func tags(in key: RepositoryKey, after tag: String?, limit: Int) throws(StorageFault) -> [SealedTag] {
        guard let id = try repositoryID(key) else { return [] }
        return try connection.all(
            "SELECT \(Self.tagColumns) FROM tag WHERE repository = ? AND tag > ? ORDER BY tag LIMIT ?",
            [.integer(id), .text(tag ?? ""), Self.page(limit)], SealedTag.init)
    }

    func tags(
        of version: Digest, in key: RepositoryKey, after tag: String?, limit: Int
    ) throws(StorageFault) -> [Tag] {
        guard let id = try repositoryID(key) else { return [] }
        return try connection.all(
            """
            SELECT tag FROM tag INDEXED BY tag_by_version
            WHERE repository = ? AND version = ? AND tag > ? ORDER BY tag LIMIT ?
            """, [.integer(id), .bytes(version), .text(tag ?? ""), Self.page(limit)]
        ) { row throws(StorageFault) in try row.tag(0) }
    }

    func put(_ tag: SealedTag, repository id: Int64) throws(StorageFault) {
        try connection.run(
            "INSERT OR REPLACE INTO tag (repository, \(Self.tagColumns)) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .integer(id), .text(tag.tag), .bytes(tag.version), .integer(try Int64(logIndex: tag.eventIndex)),
                .integer(tag.time), .bytes(tag.seal),
            ])
    }

    func removeTag(_ tag: Tag, repository id: Int64) throws(StorageFault) {
        try connection.run("DELETE FROM tag WHERE repository = ? AND tag = ?", [.integer(id), .text(tag)])
    }

    private static let tagColumns = "tag, version, event, time, seal"
}

extension SealedTag {
    fileprivate init(_ row: Columns) throws(StorageFault) {
        self.init(
            tag: try row.tag(0), version: try row.digest(1), eventIndex: try row.count(2), time: try row.time(3),
            seal: try row.bytes(4))
    }
}
