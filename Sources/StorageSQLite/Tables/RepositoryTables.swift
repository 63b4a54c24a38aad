import OCI
import RegistryCore
import RegistryPorts

extension MetadataTables {
    /// The number that stands for a repository in the other tables.
    func repositoryID(_ key: RepositoryKey) throws(StorageFault) -> Int64? {
        try connection.first(
            "SELECT id FROM repository WHERE tenant = ? AND name = ?", [.text(key.tenant), .text(key.name)]
        ) { row throws(StorageFault) in try row.integer(0) }
    }

    /// The number of a repository that may be mentioned here for the first time.
    func makeRepositoryID(_ key: RepositoryKey) throws(StorageFault) -> Int64 {
        if let id = try repositoryID(key) { return id }
        try connection.run(
            "INSERT INTO repository (tenant, name, manifests) VALUES (?, ?, 0)", [.text(key.tenant), .text(key.name)])
        return connection.lastInsertedRow
    }

    func repositories(
        in tenant: Tenant, after name: String?, limit: Int
    ) throws(StorageFault) -> [RepositoryName] {
        try connection.all(
            """
            SELECT name FROM repository INDEXED BY repository_with_manifests
            WHERE manifests > 0 AND tenant = ? AND name > ? ORDER BY name LIMIT ?
            """, [.text(tenant), .text(name ?? ""), Self.page(limit)]
        ) { row throws(StorageFault) in try row.repository(0) }
    }

    func hasManifests(in key: RepositoryKey) throws(StorageFault) -> Bool {
        let manifests = try connection.first(
            "SELECT manifests FROM repository WHERE tenant = ? AND name = ?", [.text(key.tenant), .text(key.name)]
        ) { row throws(StorageFault) in try row.integer(0) }
        return manifests.map { $0 > 0 } ?? false
    }

    func entries(
        of place: EntryPlace, before end: UInt64?, limit: Int
    ) throws(StorageFault) -> [LogEntry] {
        guard let id = try repositoryID(place.repository) else { return [] }
        let end = end.map { Int64(clamping: $0) } ?? .max
        let filter =
            place.tag == nil
            ? "entry INDEXED BY entry_by_repository WHERE repository = ?1"
            : "entry INDEXED BY entry_by_tag WHERE repository = ?1 AND tag = ?4"
        return try connection.all(
            "SELECT position, bytes, tag FROM \(filter) AND position < ?2 ORDER BY position DESC LIMIT ?3",
            [.integer(id), .integer(end), Self.page(limit)] + (place.tag.map { [.text($0)] } ?? [])
        ) { row throws(StorageFault) in
            LogEntry(
                index: try row.count(0), bytes: try row.bytes(1), key: nil,
                place: EntryPlace(repository: place.repository, tag: try row.ifPresent(2, row.tag)))
        }
    }

    /// What is asked for at most, within what a page may hold.
    static func page(_ limit: Int) -> SQLValue {
        .integer(Int64(max(0, min(limit, RepositoryPage.limitMax))))
    }
}
