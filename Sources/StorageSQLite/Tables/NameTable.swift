import RegistryCore
import RegistryPorts

extension MetadataTables {
    /// What a name points at.
    struct NameTarget {
        var version: Int64
        /// The state in which the version is counted; `nil` while it has no record.
        var countedState: ArtifactState?
    }

    func target(of name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> NameTarget? {
        try connection.first(
            "SELECT version, state FROM name WHERE tenant = ? AND name = ?", [.text(tenant), .text(name)]
        ) { row throws(StorageFault) in
            NameTarget(
                version: try row.integer(0),
                countedState: try row.ifPresent(1) { index throws(StorageFault) in try row.named(index) })
        }
    }

    /// Lets a name point at a version, or repeats what changed in the record of the version that it points at.
    func put(
        _ name: ArtifactName, in tenant: Tenant, version id: Int64
    ) throws(StorageFault) {
        try connection.run(
            """
            INSERT INTO name (tenant, name, version, state, format, source)
            SELECT ?1, ?2, ?3, record.state, record.format, record.source
            FROM (SELECT 1) LEFT JOIN record ON record.version = ?3 WHERE true
            ON CONFLICT (tenant, name) DO UPDATE
            SET version = excluded.version, state = excluded.state, format = excluded.format, source = excluded.source
            """, [.text(tenant), .text(name), .integer(id)])
    }

    func hasNames(beneath name: ArtifactName, in tenant: Tenant) throws(StorageFault) -> Bool {
        // "0" follows "/" in ASCII: everything between the two begins with the name and a slash.
        let found = try connection.first(
            "SELECT 1 FROM name WHERE tenant = ? AND name > ? AND name < ? LIMIT 1",
            [.text(tenant), .text("\(name)/"), .text("\(name)0")]
        ) { row throws(StorageFault) in try row.integer(0) }
        return found != nil
    }

    /// One page by the order of names, continued by the last name and never by a count.
    func listing(_ query: RecordQuery) throws(StorageFault) -> [NamedRecord] {
        let limit = min(query.limit, RecordQuery.limitMax)
        var page: [NamedRecord] = []
        var after = query.after?.description
        while page.count < limit {
            let missing = limit - page.count
            let rows = try listed(query, after: after, limit: missing)
            // What is no name is passed over: nobody can ask for it.
            for row in rows {
                guard let name = try? ArtifactName(parsing: row.text) else { continue }
                page.append(NamedRecord(name: name, record: row.record))
            }
            guard rows.count == missing, let last = rows.last else { break }
            after = last.text
        }
        return page
    }

    private func listed(
        _ query: RecordQuery, after: String?, limit: Int
    ) throws(StorageFault) -> [(text: String, record: SealedRecord?)] {
        var conditions = ["name.tenant = ?"]
        var values: [SQLValue] = [.text(query.tenant)]
        func require(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        require("name.source = ?", query.source.map { .text($0) })
        require("name.format = ?", query.format.map { .text($0) })
        require("name.state = ?", query.state.map { .text($0.rawValue) })
        require("name.name > ?", after.map { .text($0) })
        require("instr(name.name, ?) > 0", query.nameContains.map { .text($0) })
        let sql = """
            SELECT \(RecordColumns.selected), name.name
            FROM name \(Self.index(for: query)) CROSS JOIN record ON record.version = name.version
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY name.name LIMIT ?
            """
        return try connection.all(sql, values + [.integer(Int64(limit))]) { row throws(StorageFault) in
            let text = try row.text(RecordColumns.count)
            return (text, try SealedRecord.ifReadable(row))
        }
    }

    /// The filter that usually leaves least is read from its index; the others are checked row by row. Each index has
    /// the names in order, so no page is ever sorted.
    private static func index(for query: RecordQuery) -> String {
        if query.source != nil { return "INDEXED BY name_by_source" }
        if query.format != nil { return "INDEXED BY name_by_format" }
        if query.state != nil { return "INDEXED BY name_by_state" }
        return "NOT INDEXED"
    }
}
