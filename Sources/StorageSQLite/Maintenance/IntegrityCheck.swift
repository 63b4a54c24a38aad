import RegistryPorts
import TransparencyLog

/// Reads everything and compares what is kept twice. Runs in one transaction.
struct IntegrityCheck {
    /// Most problems that SQLite reports of the file itself.
    static let structureProblemsMax = 100

    let connection: Connection

    func problems() throws(StorageFault) -> [String] {
        try structure() + references() + log() + disagreements()
    }

    private func structure() throws(StorageFault) -> [String] {
        try connection.all("PRAGMA integrity_check(\(Self.structureProblemsMax))") { row throws(StorageFault) in
            try row.text(0)
        }.filter { $0 != "ok" }
    }

    private func references() throws(StorageFault) -> [String] {
        try connection.all("PRAGMA foreign_key_check") { row throws(StorageFault) in
            "a row of \(try row.text(0)) refers to a row of \(try row.text(2)) that is not there"
        }
    }

    private func log() throws(StorageFault) -> [String] {
        let size: UInt64
        do {
            size = try MetadataTables(connection: connection).logHead(knowing: nil).head.size
        } catch {
            guard case .corrupted(let reason) = error else { throw error }
            return [reason]
        }
        let span = try connection.first("SELECT count(*), coalesce(max(position) + 1, 0) FROM entry") {
            row throws(StorageFault) in (entries: try row.count(0), end: try row.count(1))
        }
        guard let span, span.entries == size, span.end == size else {
            return ["the log of \(size) leaves has \(span?.entries ?? 0) entries up to \(span?.end ?? 0)"]
        }
        return []
    }

    /// Each statement gives one row for each thing that is not as often or in such a state as is written down.
    private func disagreements() throws(StorageFault) -> [String] {
        var problems: [String] = []
        for (sql, problem) in Self.recounts {
            let found = try connection.all(sql) { row throws(StorageFault) in try row.text(0) }
            problems += found.map { "\(problem): \($0)" }
        }
        return problems
    }

    private static let recounts = [
        (
            """
            SELECT state FROM (
                SELECT state, versions FROM state_count
                UNION ALL SELECT state, -count(*) FROM name WHERE state IS NOT NULL GROUP BY state
            ) GROUP BY state HAVING sum(versions) <> 0
            """, "a state is not counted right"
        ),
        (
            """
            SELECT name.name FROM name LEFT JOIN record ON record.version = name.version
            WHERE (name.state, name.format, name.source, name.name)
                IS NOT (record.state, record.format, record.source, record.name)
            """, "a name does not repeat its record"
        ),
        (
            """
            SELECT 'sha256:' || lower(hex(blob)) FROM (
                SELECT blob, kept, shown FROM blob_count
                UNION ALL
                SELECT blob_use.blob, -(record.state <> 'deleted'), -(record.state = 'trusted') * blob_use.paths
                FROM blob_use JOIN record ON record.version = blob_use.version
            ) GROUP BY blob HAVING sum(kept) <> 0 OR sum(shown) <> 0
            """, "a blob's uses are not counted right"
        ),
        (
            """
            SELECT name FROM repository
            WHERE manifests <> (SELECT count(*) FROM place WHERE place.repository = repository.id)
            """, "a repository's manifests are not counted right"
        ),
        (
            """
            SELECT lower(hex(blob)) FROM (
                SELECT repository, blob, manifests FROM repository_blob
                UNION ALL SELECT repository, blob, -count(*) FROM place_blob GROUP BY repository, blob
            ) GROUP BY repository, blob HAVING sum(manifests) <> 0
            """, "the manifests of a repository that name a blob are not counted right"
        ),
        (
            """
            SELECT lower(hex(subject)) FROM (
                SELECT place.repository, place.subject, length(version.digest) AS length, lower(hex(version.digest))
                    AS manifest, 1 AS share
                FROM place JOIN version ON version.id = place.version WHERE place.subject IS NOT NULL
                UNION ALL
                SELECT repository, subject, length(substr(manifest, 8)) / 2, substr(manifest, 8), -1 FROM referrer
            ) GROUP BY repository, subject, length, manifest HAVING sum(share) <> 0
            """, "a referrer is not the one of a manifest with a subject"
        ),
    ]
}
