import RegistryPorts

/// The tables, and how an older file becomes a newer one. A file never becomes older again.
enum Schema {
    /// In the header of the file: `PRTQ`.
    static let applicationID: Int64 = 0x5052_5451
    static var version: Int64 { Int64(migrations.count) }

    /// What the program that wrote the file knew.
    enum Found: Equatable {
        case empty
        case version(Int64)
    }

    /// - Throws: `.unavailable` for a file of a newer program, `.corrupted` for one that is not ours.
    static func found(by connection: Connection) throws(StorageFault) -> Found {
        let application = try pragma("application_id", connection)
        let version = try pragma("user_version", connection)
        if application == 0, version == 0 {
            let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { row throws(StorageFault) in
                try row.integer(0)
            }
            guard tables == 0 else { throw .corrupted(reason: "the file is another program's database") }
            return .empty
        }
        guard application == applicationID else {
            throw .corrupted(reason: "the file is another program's database: application \(application)")
        }
        guard version <= Self.version else {
            throw .unavailable(
                reason: "the metadata has schema \(version); this program knows \(Self.version) at most")
        }
        guard version > 0 else { throw .corrupted(reason: "the metadata has schema \(version)") }
        return .version(version)
    }

    /// Brings the file up to date in one transaction.
    static func migrate(_ connection: Connection) throws(StorageFault) {
        let done: Int64 =
            switch try found(by: connection) {
            case .empty: 0
            case .version(let version): version
            }
        guard done < version else { return }
        try connection.beginWriting()
        do {
            for migration in migrations[Int(done)...] { try connection.runScript(migration) }
            try connection.run("PRAGMA application_id = \(applicationID)")
            try connection.run("PRAGMA user_version = \(version)")
            try connection.commit()
        } catch {
            connection.rollBack()
            throw error
        }
    }

    private static func pragma(_ name: String, _ connection: Connection) throws(StorageFault) -> Int64 {
        let value = try connection.first("PRAGMA \(name)") { row throws(StorageFault) in try row.integer(0) }
        guard let value else { throw .corrupted(reason: "SQLite does not know \(name)") }
        return value
    }

    /// Each is applied once. What was released is never edited.
    private static let migrations = [first, second, third, fourth, fifth, sixth]

    private static let sixth = """
        -- JSON: the waivers of a version; those that its admittance rests on, and until when; and what was found when
        -- it was looked at again.
        ALTER TABLE record ADD COLUMN waivers TEXT;
        ALTER TABLE record ADD COLUMN rests_on TEXT;
        ALTER TABLE record ADD COLUMN recheck TEXT;
        CREATE INDEX record_with_waivers ON record (version) WHERE waivers IS NOT NULL;
        """

    private static let fifth = """
        -- The names of credentials, with a space between.
        ALTER TABLE record ADD COLUMN pushed_by TEXT;
        """

    private static let fourth = """
        CREATE TABLE repository (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            manifests INTEGER NOT NULL CHECK (manifests >= 0),
            UNIQUE (tenant, name)
        ) STRICT;
        CREATE INDEX repository_with_manifests ON repository (tenant, name) WHERE manifests > 0;

        -- A manifest in a repository. The subject says where its row among the referrers is.
        CREATE TABLE place (
            repository INTEGER NOT NULL REFERENCES repository (id),
            version INTEGER NOT NULL REFERENCES version (id),
            subject BLOB,
            PRIMARY KEY (repository, version)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX place_by_version ON place (version, repository);

        -- What a place brought, so that it can be taken away again.
        CREATE TABLE place_blob (
            repository INTEGER NOT NULL REFERENCES repository (id),
            version INTEGER NOT NULL REFERENCES version (id),
            blob BLOB NOT NULL,
            PRIMARY KEY (repository, version, blob)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX place_blob_by_blob ON place_blob (blob, repository, version);

        CREATE TABLE place_child (
            repository INTEGER NOT NULL REFERENCES repository (id),
            version INTEGER NOT NULL REFERENCES version (id),
            child BLOB NOT NULL,
            PRIMARY KEY (repository, version, child)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX place_child_by_child ON place_child (child, version);

        -- A blob that can be read in a repository: manifests name it, or it was received there.
        CREATE TABLE repository_blob (
            repository INTEGER NOT NULL REFERENCES repository (id),
            blob BLOB NOT NULL,
            manifests INTEGER NOT NULL CHECK (manifests >= 0),
            received INTEGER,
            PRIMARY KEY (repository, blob)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX repository_blob_by_receipt ON repository_blob (blob, received) WHERE received IS NOT NULL;
        CREATE INDEX repository_blob_received ON repository_blob (received) WHERE received IS NOT NULL;

        CREATE TABLE tag (
            repository INTEGER NOT NULL REFERENCES repository (id),
            tag TEXT NOT NULL,
            version BLOB NOT NULL,
            event INTEGER NOT NULL,
            time INTEGER NOT NULL,
            seal BLOB NOT NULL,
            PRIMARY KEY (repository, tag)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tag_by_version ON tag (repository, version, tag);

        -- The manifest is its digest as text, whose order is that of the pages.
        CREATE TABLE referrer (
            repository INTEGER NOT NULL REFERENCES repository (id),
            subject BLOB NOT NULL,
            manifest TEXT NOT NULL,
            artifact_type TEXT NOT NULL,
            descriptor BLOB NOT NULL,
            PRIMARY KEY (repository, subject, manifest)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX referrer_by_type ON referrer (repository, subject, artifact_type, manifest);

        ALTER TABLE entry ADD COLUMN repository INTEGER REFERENCES repository (id);
        ALTER TABLE entry ADD COLUMN tag TEXT;
        CREATE INDEX entry_by_repository ON entry (repository) WHERE repository IS NOT NULL;
        CREATE INDEX entry_by_tag ON entry (repository, tag) WHERE tag IS NOT NULL;
        DROP INDEX entry_of_registry;
        CREATE INDEX entry_of_registry ON entry (position) WHERE version IS NULL AND repository IS NULL;
        """

    private static let third = """
        ALTER TABLE log_head ADD COLUMN seal BLOB NOT NULL DEFAULT x'';
        """

    private static let second = """
        CREATE INDEX entry_of_registry ON entry (position) WHERE version IS NULL;
        """

    private static let first = """
        CREATE TABLE version (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            digest BLOB NOT NULL,
            UNIQUE (tenant, digest)
        ) STRICT;

        CREATE TABLE record (
            version INTEGER PRIMARY KEY REFERENCES version (id),
            tenant TEXT NOT NULL,
            digest BLOB NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL,
            layout TEXT NOT NULL,
            content BLOB NOT NULL,
            size_bytes INTEGER NOT NULL,
            filename TEXT NOT NULL,
            format TEXT NOT NULL,
            source TEXT,
            source_revision TEXT,
            acquired_at INTEGER NOT NULL,
            promoted_at INTEGER,
            state_since INTEGER NOT NULL,
            reason TEXT,
            head_index INTEGER NOT NULL,
            evidence_count INTEGER NOT NULL,
            verdict TEXT,
            rules TEXT,
            inspection BLOB,
            structure BLOB,
            tensor_manifest BLOB,
            policy_version TEXT,
            policy BLOB,
            decision BLOB,
            claims BLOB,
            boot_lock BLOB,
            seal BLOB NOT NULL
        ) STRICT;
        CREATE INDEX record_by_content ON record (tenant, content);

        -- State, format and source repeat those of the record, so that a filtered page is read from an index. They are
        -- NULL for as long as the version has no record.
        CREATE TABLE name (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL REFERENCES version (id),
            state TEXT,
            format TEXT,
            source TEXT,
            PRIMARY KEY (tenant, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX name_by_state ON name (tenant, state, name, version);
        CREATE INDEX name_by_format ON name (tenant, format, name, version);
        CREATE INDEX name_by_source ON name (tenant, source, name, version);

        CREATE TABLE state_count (
            state TEXT PRIMARY KEY,
            versions INTEGER NOT NULL CHECK (versions >= 0)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE blob_use (
            blob BLOB NOT NULL,
            version INTEGER NOT NULL REFERENCES version (id),
            paths INTEGER NOT NULL CHECK (paths > 0),
            PRIMARY KEY (blob, version)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blob_use_by_version ON blob_use (version, blob);

        CREATE TABLE blob_count (
            blob BLOB PRIMARY KEY,
            kept INTEGER NOT NULL CHECK (kept >= 0),
            shown INTEGER NOT NULL CHECK (shown >= 0)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE log_head (
            id INTEGER PRIMARY KEY CHECK (id = 0),
            size INTEGER NOT NULL,
            root BLOB NOT NULL
        ) STRICT;

        CREATE TABLE log_hash (
            level INTEGER NOT NULL,
            position INTEGER NOT NULL,
            hash BLOB NOT NULL,
            PRIMARY KEY (level, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE entry (
            position INTEGER PRIMARY KEY,
            version INTEGER REFERENCES version (id),
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE INDEX entry_by_version ON entry (version) WHERE version IS NOT NULL;

        CREATE TABLE evidence (
            id INTEGER PRIMARY KEY,
            version INTEGER NOT NULL REFERENCES version (id),
            event INTEGER NOT NULL,
            kind TEXT NOT NULL,
            digest BLOB NOT NULL,
            size_bytes INTEGER NOT NULL,
            time INTEGER NOT NULL,
            UNIQUE (version, event, kind, digest)
        ) STRICT;

        CREATE TABLE evidence_document (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            bytes BLOB NOT NULL
        ) STRICT;

        CREATE TABLE manifest (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            bytes BLOB NOT NULL
        ) STRICT;

        CREATE TABLE inspection (
            id INTEGER PRIMARY KEY,
            blob BLOB NOT NULL,
            name TEXT NOT NULL,
            rules TEXT NOT NULL,
            bytes BLOB NOT NULL,
            UNIQUE (blob, name, rules)
        ) STRICT;

        CREATE TABLE verification (
            blob BLOB PRIMARY KEY,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            links INTEGER NOT NULL,
            time INTEGER NOT NULL,
            seal BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- A number is never given twice, so that removing a view that was removed removes no other.
        CREATE TABLE pending_view (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL
        ) STRICT;
        """
}
