import OCI
import RegistryCore
import RegistryPorts

extension MetadataTables {
    func uses(of blob: Digest) throws(StorageFault) -> BlobUses {
        let uses = try connection.first("SELECT kept, shown FROM blob_count WHERE blob = ?", [.bytes(blob)]) {
            row throws(StorageFault) in BlobUses(kept: try row.count(0), shown: try row.count(1))
        }
        return uses ?? BlobUses(kept: 0, shown: 0)
    }

    func users(of blob: Digest, after id: Int64, limit: Int) throws(StorageFault) -> [BlobUser] {
        guard limit > 0 else { return [] }
        return try connection.all(
            """
            SELECT blob_use.version, version.tenant, version.digest
            FROM blob_use CROSS JOIN version ON version.id = blob_use.version
            WHERE blob_use.blob = ? AND blob_use.version > ? ORDER BY blob_use.version LIMIT ?
            """, [.bytes(blob), .integer(id), .integer(Int64(min(limit, VersionPage.limitMax)))]
        ) { row throws(StorageFault) in
            BlobUser(id: try row.integer(0), key: ArtifactKey(tenant: try row.tenant(1), version: try row.digest(2)))
        }
    }

    /// The blobs of a version, and how many of its paths each of them has.
    func blobs(usedBy id: Int64) throws(StorageFault) -> [Digest: Int64] {
        let uses = try connection.all("SELECT blob, paths FROM blob_use WHERE version = ?", [.integer(id)]) {
            row throws(StorageFault) in (try row.digest(0), try row.integer(1))
        }
        return Dictionary(uses, uniquingKeysWith: +)
    }

    func putUse(of blob: Digest, by id: Int64, paths: Int64, counting share: BlobShare) throws(StorageFault) {
        try connection.run(
            "INSERT INTO blob_use (blob, version, paths) VALUES (?, ?, ?)",
            [.bytes(blob), .integer(id), .integer(paths)])
        try connection.run(
            """
            INSERT INTO blob_count (blob, kept, shown) VALUES (?1, ?2, ?3)
            ON CONFLICT (blob) DO UPDATE SET kept = kept + ?2, shown = shown + ?3
            """, [.bytes(blob), .integer(share.kept), .integer(share.trusted * paths)])
    }

    /// Counts the blobs of a version again after its state changed.
    func changeUses(by id: Int64, from old: BlobShare, to new: BlobShare) throws(StorageFault) {
        guard old != new else { return }
        try connection.run(
            """
            UPDATE blob_count SET kept = kept + ?2, shown = shown + ?3 * blob_use.paths
            FROM blob_use WHERE blob_use.version = ?1 AND blob_use.blob = blob_count.blob
            """, [.integer(id), .integer(new.kept - old.kept), .integer(new.trusted - old.trusted)])
    }

    func verification(of blob: Digest) throws(StorageFault) -> SealedVerification? {
        try connection.first(
            """
            SELECT device, inode, size_bytes, modified, changed, links, time, seal FROM verification WHERE blob = ?
            """, [.bytes(blob)]
        ) { row throws(StorageFault) in
            SealedVerification(
                identity: BlobIdentity(
                    device: try row.bits(0), inode: try row.bits(1), sizeBytes: try row.bits(2),
                    modifiedNanoseconds: try row.integer(3), changedNanoseconds: try row.integer(4),
                    links: try row.bits(5)),
                time: try row.time(6), seal: try row.bytes(7))
        }
    }

    func put(_ verification: SealedVerification, of blob: Digest) throws(StorageFault) {
        let identity = verification.identity
        try connection.run(
            """
            INSERT OR REPLACE INTO verification
            (blob, device, inode, size_bytes, modified, changed, links, time, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .bytes(blob), .bits(identity.device), .bits(identity.inode), .bits(identity.sizeBytes),
                .integer(identity.modifiedNanoseconds), .integer(identity.changedNanoseconds), .bits(identity.links),
                .integer(verification.time), .bytes(verification.seal),
            ])
    }

    func removeVerification(of blob: Digest) throws(StorageFault) {
        try connection.run("DELETE FROM verification WHERE blob = ?", [.bytes(blob)])
    }
}

/// What one version adds to the counts of each of its blobs, for each of its paths.
struct BlobShare: Equatable {
    let kept: Int64
    let trusted: Int64

    /// - Parameter state: `nil` while the version has no record.
    init(_ state: ArtifactState?) {
        kept = state?.keepsBytes == true ? 1 : 0
        trusted = state == .trusted ? 1 : 0
    }
}
