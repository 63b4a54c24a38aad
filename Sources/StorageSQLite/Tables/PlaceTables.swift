import OCI
import RegistryCore
import RegistryPorts

// Manifests in repositories, by the numbers of both.
extension MetadataTables {
    func isPlaced(version: Int64, repository: Int64) throws(StorageFault) -> Bool {
        let found = try connection.first(
            "SELECT 1 FROM place WHERE repository = ? AND version = ?", [.integer(repository), .integer(version)]
        ) { row throws(StorageFault) in try row.integer(0) }
        return found != nil
    }

    func hasManifest(_ version: Digest, in key: RepositoryKey) throws(StorageFault) -> Bool {
        guard let repository = try repositoryID(key),
            let id = try versionID(ArtifactKey(tenant: key.tenant, version: version))
        else { return false }
        return try isPlaced(version: id, repository: repository)
    }

    /// Puts in what is not there.
    func place(_ manifest: ManifestPlace, version: Int64, repository: Int64) throws(StorageFault) {
        let place: [SQLValue] = [.integer(repository), .integer(version)]
        try connection.run(
            "INSERT INTO place (repository, version, subject) VALUES (?, ?, ?)",
            place + [.bytes(manifest.referrer?.subject)])
        try connection.run("UPDATE repository SET manifests = manifests + 1 WHERE id = ?", [.integer(repository)])
        for blob in Set(manifest.blobs) {
            try connection.run(
                "INSERT INTO place_blob (repository, version, blob) VALUES (?, ?, ?)", place + [.bytes(blob)])
            try connection.run(
                """
                INSERT INTO repository_blob (repository, blob, manifests) VALUES (?, ?, 1)
                ON CONFLICT (repository, blob) DO UPDATE SET manifests = manifests + 1
                """, [.integer(repository), .bytes(blob)])
        }
        for child in Set(manifest.children) {
            try connection.run(
                "INSERT INTO place_child (repository, version, child) VALUES (?, ?, ?)", place + [.bytes(child)])
        }
        if let referrer = manifest.referrer { try put(referrer, repository: repository) }
    }

    /// Takes away what is there.
    func removePlace(of digest: Digest, version: Int64, repository: Int64) throws(StorageFault) {
        let place: [SQLValue] = [.integer(repository), .integer(version)]
        try connection.run(
            """
            DELETE FROM referrer WHERE repository = ?1 AND manifest = ?3
                AND subject = (SELECT subject FROM place WHERE repository = ?1 AND version = ?2)
            """, place + [.text(digest.description)])
        try connection.run("DELETE FROM place WHERE repository = ? AND version = ?", place)
        try connection.run("UPDATE repository SET manifests = manifests - 1 WHERE id = ?", [.integer(repository)])
        try connection.run(
            """
            UPDATE repository_blob SET manifests = manifests - 1 FROM place_blob
            WHERE place_blob.repository = ?1 AND place_blob.version = ?2
                AND repository_blob.repository = ?1 AND repository_blob.blob = place_blob.blob
            """, place)
        try connection.run(
            """
            DELETE FROM repository_blob
            WHERE repository = ?1 AND manifests = 0 AND received IS NULL
                AND blob IN (SELECT blob FROM place_blob WHERE repository = ?1 AND version = ?2)
            """, place)
        try connection.run("DELETE FROM place_blob WHERE repository = ? AND version = ?", place)
        try connection.run("DELETE FROM place_child WHERE repository = ? AND version = ?", place)
    }

    func manifests(
        in key: RepositoryKey, after id: Int64, limit: Int
    ) throws(StorageFault) -> [PlacedManifest] {
        guard let repository = try repositoryID(key) else { return [] }
        return try connection.all(
            """
            SELECT place.version, version.digest FROM place CROSS JOIN version ON version.id = place.version
            WHERE place.repository = ? AND place.version > ? ORDER BY place.version LIMIT ?
            """, [.integer(repository), .integer(id), Self.page(limit)]
        ) { row throws(StorageFault) in PlacedManifest(id: try row.integer(0), version: try row.digest(1)) }
    }

    func place(of digest: Digest, in key: RepositoryKey) throws(StorageFault) -> ManifestPlace? {
        guard let repository = try repositoryID(key),
            let version = try versionID(ArtifactKey(tenant: key.tenant, version: digest)),
            try isPlaced(version: version, repository: repository)
        else { return nil }
        let place: [SQLValue] = [.integer(repository), .integer(version)]
        let digests = { (table: String, column: String) throws(StorageFault) -> [Digest] in
            try connection.all("SELECT \(column) FROM \(table) WHERE repository = ? AND version = ?", place) {
                row throws(StorageFault) in try row.digest(0)
            }
        }
        return ManifestPlace(
            version: digest, blobs: try digests("place_blob", "blob"), children: try digests("place_child", "child"),
            referrer: try referrer(digest, version: version, repository: repository))
    }

    /// A version that has no record keeps its bytes: it is being made.
    func isNamed(_ blob: Digest) throws(StorageFault) -> Bool {
        let found = try connection.first(
            """
            SELECT 1 FROM place_blob INDEXED BY place_blob_by_blob
                LEFT JOIN record ON record.version = place_blob.version
            WHERE place_blob.blob = ? AND record.state IS NOT ? LIMIT 1
            """, [.bytes(blob), .text(ArtifactState.deleted.rawValue)]
        ) { row throws(StorageFault) in try row.integer(0) }
        return found != nil
    }

    func repositories(
        holding version: Digest, in tenant: Tenant, limit: Int
    ) throws(StorageFault) -> [RepositoryName] {
        guard let id = try versionID(ArtifactKey(tenant: tenant, version: version)) else { return [] }
        return try connection.all(
            """
            SELECT repository.name
            FROM place INDEXED BY place_by_version CROSS JOIN repository ON repository.id = place.repository
            WHERE place.version = ? ORDER BY place.repository LIMIT ?
            """, [.integer(id), Self.page(limit)]
        ) { row throws(StorageFault) in try row.repository(0) }
    }

    /// An index that is in many repositories comes once.
    func indexes(naming version: Digest, in tenant: Tenant, limit: Int) throws(StorageFault) -> [Digest] {
        try connection.all(
            """
            SELECT version.digest
            FROM (SELECT DISTINCT version FROM place_child INDEXED BY place_child_by_child WHERE child = ?) AS parent
                CROSS JOIN version ON version.id = parent.version
            WHERE version.tenant = ? LIMIT ?
            """, [.bytes(version), .text(tenant), Self.page(limit)]
        ) { row throws(StorageFault) in try row.digest(0) }
    }

    func trustedManifests(
        naming blob: Digest, in key: RepositoryKey, limit: Int
    ) throws(StorageFault) -> [Digest] {
        guard let id = try repositoryID(key) else { return [] }
        return try connection.all(
            """
            SELECT record.digest
            FROM place_blob INDEXED BY place_blob_by_blob CROSS JOIN record ON record.version = place_blob.version
            WHERE place_blob.repository = ? AND place_blob.blob = ? AND record.state = ? LIMIT ?
            """, [.integer(id), .bytes(blob), .text(ArtifactState.trusted.rawValue), Self.page(limit)]
        ) { row throws(StorageFault) in try row.digest(0) }
    }
}
