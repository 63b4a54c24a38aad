import OCI
import RegistryCore
import RegistryPorts

// Manifests that have a subject.
extension MetadataTables {
    func referrers(
        of subject: Digest, in key: RepositoryKey, artifactType: String?, after version: Digest?, limit: Int
    ) throws(StorageFault) -> [StoredReferrer] {
        guard let id = try repositoryID(key) else { return [] }
        let filter =
            artifactType == nil
            ? "referrer NOT INDEXED WHERE" : "referrer INDEXED BY referrer_by_type WHERE artifact_type = ?5 AND"
        return try connection.all(
            """
            SELECT manifest, artifact_type, descriptor FROM \(filter) repository = ?1 AND subject = ?2 AND manifest > ?3
            ORDER BY manifest LIMIT ?4
            """,
            [.integer(id), .bytes(subject), .text(version?.description ?? ""), Self.page(limit)]
                + (artifactType.map { [.text($0)] } ?? [])
        ) { row throws(StorageFault) in
            StoredReferrer(
                subject: subject, version: try row.digestText(0), artifactType: try row.text(1),
                descriptor: try row.bytes(2))
        }
    }

    /// The row of a manifest, found by the subject that its place remembers.
    func referrer(
        _ digest: Digest, version: Int64, repository: Int64
    ) throws(StorageFault) -> StoredReferrer? {
        try connection.first(
            """
            SELECT subject, artifact_type, descriptor FROM referrer WHERE repository = ?1 AND manifest = ?3
                AND subject = (SELECT subject FROM place WHERE repository = ?1 AND version = ?2)
            """, [.integer(repository), .integer(version), .text(digest.description)]
        ) { row throws(StorageFault) in
            StoredReferrer(
                subject: try row.digest(0), version: digest, artifactType: try row.text(1),
                descriptor: try row.bytes(2))
        }
    }

    func put(_ referrer: StoredReferrer, repository: Int64) throws(StorageFault) {
        try connection.run(
            """
            INSERT INTO referrer (repository, subject, manifest, artifact_type, descriptor) VALUES (?, ?, ?, ?, ?)
            """,
            [
                .integer(repository), .bytes(referrer.subject), .text(referrer.version.description),
                .text(referrer.artifactType), .bytes(referrer.descriptor),
            ])
    }
}
