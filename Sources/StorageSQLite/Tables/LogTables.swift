import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// The log's end together with its root, which says whether it is still the one in the file.
struct KnownHead: Hashable {
    let head: LogHead
    let root: LogHash

    init(_ head: LogHead) {
        self.init(head, root: head.frontier.root)
    }

    fileprivate init(_ head: LogHead, root: LogHash) {
        self.head = head
        self.root = root
    }
}

extension MetadataTables {
    /// The end of the log in this transaction.
    ///
    /// - Parameter known: the end as somebody last saw it. When the file has another one, it is rebuilt from the
    ///   hashes.
    func logHead(knowing known: KnownHead?) throws(StorageFault) -> KnownHead {
        let stored = try connection.first("SELECT size, root, seal FROM log_head") {
            row throws(StorageFault) in (size: try row.count(0), root: try row.logHash(1), seal: try row.bytes(2))
        }
        guard let stored else { return KnownHead(LogHead(frontier: TreeFrontier())) }
        if let known, known.head.size == stored.size, known.root == stored.root {
            return KnownHead(LogHead(frontier: known.head.frontier, seal: stored.seal), root: known.root)
        }
        let rebuilt: KnownHead
        do {
            rebuilt = KnownHead(
                LogHead(
                    frontier: try TreeFrontier(size: stored.size, reader: StoredHashes(tables: self)),
                    seal: stored.seal))
        } catch {
            guard case .read(let fault) = error else { throw .corrupted(reason: "no log has \(stored.size) leaves") }
            throw fault
        }
        guard rebuilt.root == stored.root else {
            throw .corrupted(reason: "the log's hashes do not give the root of its \(stored.size) leaves")
        }
        return rebuilt
    }

    func putLogHead(_ known: KnownHead) throws(StorageFault) {
        try connection.run(
            """
            INSERT INTO log_head (id, size, root, seal) VALUES (0, ?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET size = ?1, root = ?2, seal = ?3
            """,
            [
                .integer(try Int64(logIndex: known.head.size)), .bytes(known.root.bytes), .bytes(known.head.seal),
            ])
    }

    /// Under what an entry is filed, as the numbers that stand for it.
    struct Filing {
        var version: Int64?
        var repository: Int64?
        var tag: Tag?

        fileprivate var values: [SQLValue] {
            [.integer(version), .integer(repository), .text(tag?.description)]
        }
    }

    func putEntry(_ entry: LogEntry, under filing: Filing) throws(StorageFault) {
        try connection.run(
            "INSERT INTO entry (position, bytes, version, repository, tag) VALUES (?, ?, ?, ?, ?)",
            [.integer(try Int64(logIndex: entry.index)), .bytes(entry.bytes)] + filing.values)
    }

    func refile(_ entry: LogEntry, under filing: Filing) throws(StorageFault) {
        try connection.run(
            """
            UPDATE entry SET version = ?2, repository = ?3, tag = ?4
            WHERE position = ?1 AND (version, repository, tag) IS NOT (?2, ?3, ?4)
            """, [.integer(try Int64(logIndex: entry.index))] + filing.values)
    }

    func putHash(_ stored: StoredHash) throws(StorageFault) {
        try connection.run(
            "INSERT INTO log_hash (level, position, hash) VALUES (?, ?, ?)",
            [.integer(Int64(stored.level)), .integer(try Int64(logIndex: stored.index)), .bytes(stored.hash.bytes)])
    }

    func entries(of key: ArtifactKey, from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry] {
        guard limit > 0, let first = Int64(exactly: start), let id = try versionID(key) else { return [] }
        return try connection.all(
            "SELECT position, bytes FROM entry WHERE version = ? AND position >= ? ORDER BY position LIMIT ?",
            [.integer(id), .integer(first), .integer(Int64(limit))]
        ) { row throws(StorageFault) in
            LogEntry(index: try row.count(0), bytes: try row.bytes(1), key: key)
        }
    }

    func registryEntries(from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry] {
        guard limit > 0, let first = Int64(exactly: start) else { return [] }
        return try connection.all(
            """
            SELECT position, bytes FROM entry INDEXED BY entry_of_registry
            WHERE version IS NULL AND repository IS NULL AND position >= ? ORDER BY position LIMIT ?
            """, [.integer(first), .integer(Int64(limit))]
        ) { row throws(StorageFault) in
            LogEntry(index: try row.count(0), bytes: try row.bytes(1), key: nil)
        }
    }

    /// Read from an index from end to end: no entry's bytes, and a look-up for each version.
    func newestEntries(after id: Int64, limit: Int) throws(StorageFault) -> [NewestEntry] {
        guard limit > 0 else { return [] }
        return try connection.all(
            """
            SELECT newest.version, version.tenant, version.digest, newest.position
            FROM (
                SELECT version, max(position) AS position FROM entry INDEXED BY entry_by_version
                WHERE version > ? GROUP BY version ORDER BY version LIMIT ?
            ) AS newest CROSS JOIN version ON version.id = newest.version ORDER BY newest.version
            """, [.integer(id), .integer(Int64(limit))]
        ) { row throws(StorageFault) in
            NewestEntry(
                id: try row.integer(0), key: ArtifactKey(tenant: try row.tenant(1), version: try row.digest(2)),
                index: try row.count(3))
        }
    }

    /// - Throws: `.corrupted` when an entry is missing in between.
    func entries(from start: UInt64, limit: Int) throws(StorageFault) -> [LogEntry] {
        guard limit > 0, let first = Int64(exactly: start) else { return [] }
        var next = start
        return try connection.all(
            """
            SELECT entry.position, entry.bytes, version.tenant, version.digest, repository.tenant, repository.name,
                entry.tag
            FROM entry LEFT JOIN version ON version.id = entry.version
                LEFT JOIN repository ON repository.id = entry.repository
            WHERE entry.position >= ? ORDER BY entry.position LIMIT ?
            """, [.integer(first), .integer(Int64(limit))]
        ) { row throws(StorageFault) in
            let index = try row.count(0)
            guard index == next else { throw .corrupted(reason: "the log has no entry \(next)") }
            next += 1
            let key = try row.ifPresent(2) { column throws(StorageFault) in
                ArtifactKey(tenant: try row.tenant(column), version: try row.digest(3))
            }
            let place = try row.ifPresent(4) { column throws(StorageFault) in
                EntryPlace(
                    repository: RepositoryKey(tenant: try row.tenant(column), name: try row.repository(5)),
                    tag: try row.ifPresent(6, row.tag))
            }
            return LogEntry(index: index, bytes: try row.bytes(1), key: key, place: place)
        }
    }

    /// - Throws: `.corrupted` when a hash is missing in between.
    func logHashes(level: Int, from start: UInt64, limit: Int) throws(StorageFault) -> [LogHash] {
        guard limit > 0, let first = Int64(exactly: start) else { return [] }
        var next = start
        return try connection.all(
            "SELECT position, hash FROM log_hash WHERE level = ? AND position >= ? ORDER BY position LIMIT ?",
            [.integer(Int64(level)), .integer(first), .integer(Int64(limit))]
        ) { row throws(StorageFault) in
            guard try row.count(0) == next else { throw .corrupted(reason: "level \(level) has no hash \(next)") }
            next += 1
            return try row.logHash(1)
        }
    }
}

/// Reads the hashes from which the log's end is rebuilt.
private struct StoredHashes: TileHashReader {
    let tables: MetadataTables

    func hash(level: Int, index: UInt64) throws(StorageFault) -> LogHash {
        guard let hash = try tables.logHashes(level: level, from: index, limit: 1).first else {
            throw .corrupted(reason: "level \(level) has no hash \(index)")
        }
        return hash
    }
}
