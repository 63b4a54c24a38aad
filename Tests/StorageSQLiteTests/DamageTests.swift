import FileTestSupport
import GRDB
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

/// Somebody who can write to the file may put anything anywhere. Nothing of it may end the process.
@Suite("An edited metadata file")
struct DamageTests {
    static let values = [
        "NULL", "'text'", "x''", "zeroblob(33)", "-1", "9223372036854775807", "1e300", "CAST(x'c328' AS TEXT)",
        "'a' || char(0) || 'b'",
    ]

    @Test("No value in any column of any table ends the process", arguments: values)
    func anyValue(value: String) async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/metadata.sqlite"
        let record = try MetadataSamples.record("a/model", state: .trusted, headIndex: 1)
        let blob = try MetadataSamples.digest("blob")
        try await withStore(in: scratch) { store in
            try await Self.fill(store, record)
            for (table, column) in try Self.columns(of: path) {
                // A table without types and keys, as only somebody with the file in their hands can make it.
                try edit(
                    path,
                    """
                    PRAGMA legacy_alter_table = ON;
                    ALTER TABLE "\(table)" RENAME TO kept;
                    CREATE TABLE "\(table)" AS SELECT * FROM kept;
                    UPDATE "\(table)" SET "\(column)" = \(value);
                    """)
                await Self.readEverything(store, record.record, blob)
                _ = try? await store.write { transaction in try transaction.appendLeaf([1], of: record.record.key) }
                _ = try? await store.write { transaction in try transaction.put(record) }
                try edit(
                    path,
                    """
                    PRAGMA legacy_alter_table = ON;
                    DROP TABLE "\(table)";
                    ALTER TABLE kept RENAME TO "\(table)";
                    """)
                #expect(try await store.record(record.record.key) == record)
            }
        }
    }

    @Test("A listing goes on after a row that is no record any more, and after a name that is none")
    func listing() async throws {
        let scratch = try ScratchDirectory()
        try await withStore(in: scratch) { store in
            try await store.write { transaction in
                for name in ["a", "b", "c", "d", "e"] { try transaction.putNamed(try MetadataSamples.record(name)) }
            }
            try edit(
                "\(scratch.path)/metadata.sqlite",
                """
                UPDATE record SET state = 'nonsense' WHERE name = 'b';
                UPDATE name SET name = 'c//' WHERE name = 'c';
                """)
            for limit in 1...6 {
                var found: [String: Bool] = [:]
                var query: RecordQuery? = RecordQuery(limit: limit)
                while let next = query {
                    let page = try await store.listing(next)
                    for listed in page { found[listed.name.description] = listed.record != nil }
                    query = page.count == limit ? next : nil
                    query?.after = page.last?.name
                }
                #expect(found == ["a": true, "b": false, "d": true, "e": true])
            }
        }
    }

    @Test(
        "A record with a value of the wrong kind is reported, not served",
        arguments: [
            ("state", "'nonsense'"), ("digest", "x'00'"), ("name", "'/'"), ("tenant", "'UPPER'"), ("layout", "'disk'"),
            ("head_index", "-1"), ("acquired_at", "9223372036854775807"), ("seal", "'text'"), ("content", "NULL"),
            ("size_bytes", "1.5"), ("source", "x'00'"), ("policy", "zeroblob(31)"),
        ])
    func wrongKind(column: String, value: String) async throws {
        let scratch = try ScratchDirectory()
        let record = try MetadataSamples.record("a/model", state: .trusted, headIndex: 1)
        try await withStore(in: scratch) { store in try await Self.fill(store, record) }
        try edit(
            "\(scratch.path)/metadata.sqlite",
            """
            CREATE TABLE edited AS SELECT * FROM record;
            UPDATE edited SET \(column) = \(value);
            DROP TABLE record;
            ALTER TABLE edited RENAME TO record;
            """)
        try await withStore(in: scratch) { store in
            await #expect {
                try await store.record(named: record.record.name, in: .default)
            } throws: { error in
                if case .corrupted = error as? StorageFault { true } else { false }
            }
        }
    }

    @Test(
        "The check of the whole file finds what does not fit together",
        arguments: [
            "UPDATE state_count SET versions = 7", "DELETE FROM state_count", "UPDATE blob_count SET shown = 0",
            "UPDATE blob_count SET kept = 9", "DELETE FROM entry WHERE position = 1", "UPDATE log_head SET size = 2",
            "UPDATE log_hash SET hash = zeroblob(32) WHERE position = 2", "UPDATE name SET state = 'revoked'",
            "DELETE FROM version", "DELETE FROM record", "UPDATE name SET format = 'onnx'",
        ])
    func problems(sql: String) async throws {
        let scratch = try ScratchDirectory()
        let record = try MetadataSamples.record("a/model", state: .trusted, headIndex: 1)
        try await withStore(in: scratch) { store in
            try await Self.fill(store, record)
            #expect(try await store.integrityCheck() == [])
        }
        try edit("\(scratch.path)/metadata.sqlite", sql)
        try await withStore(in: scratch) { store async throws in
            #expect(try await store.integrityCheck() != [])
        }
    }

    @Test("A document that was edited is reported, not served")
    func editedDocument() async throws {
        let scratch = try ScratchDirectory()
        let record = try MetadataSamples.record("a/model")
        try await withStore(in: scratch) { store in try await Self.fill(store, record) }
        try edit(
            "\(scratch.path)/metadata.sqlite",
            "UPDATE manifest SET bytes = x'7b7d'; UPDATE evidence_document SET bytes = x'7b7d'")
        try await withStore(in: scratch) { store in
            for read in [store.manifest, store.evidenceDocument] {
                await #expect {
                    try await read(try MetadataSamples.digest("document"))
                } throws: { error in
                    if case .corrupted = error as? StorageFault { true } else { false }
                }
            }
        }
    }

    @Test("A log whose hashes do not give its root takes nothing more")
    func editedLog() async throws {
        let scratch = try ScratchDirectory()
        try await withStore(in: scratch) { store in
            try await Self.fill(store, try MetadataSamples.record("a/model"))
        }
        try edit("\(scratch.path)/metadata.sqlite", "UPDATE log_hash SET hash = zeroblob(32) WHERE position = 2")
        try await withStore(in: scratch) { store async throws in
            await #expect(throws: StorageFault.self) { try await store.logHead() }
            await #expect(throws: StorageFault.self) {
                try await store.write { transaction in try transaction.appendLeaf([1]) }
            }
            #expect(try await store.entries(from: 0, limit: 10).count == 3)
        }
    }

    private static func fill(_ store: SQLiteMetadataStore, _ record: SealedRecord) async throws {
        let key = record.record.key
        let blob = try MetadataSamples.digest("blob")
        let document = MetadataSamples.bytes("document")
        let digest = try MetadataSamples.digest("document")
        try await store.write { transaction in
            for number in UInt8(0)..<3 { try transaction.appendLeaf([number], of: key) }
            try transaction.putNamed(record)
            try transaction.putUses(of: [blob], by: key)
            try transaction.putManifest(document, digest: digest)
            try transaction.putEvidence(
                document,
                entry: EvidenceEntry(
                    kind: .claim, digest: digest, sizeBytes: 8, time: MetadataSamples.time(1), eventIndex: 1), of: key)
            try transaction.putInspection(document, InspectionKey(blob: blob, name: "f", rules: "1"))
            try transaction.putVerification(
                SealedVerification(
                    identity: BlobIdentity(
                        device: 1, inode: 2, sizeBytes: 3, modifiedNanoseconds: 4, changedNanoseconds: 5, links: 6),
                    time: MetadataSamples.time(1), seal: [1]), of: blob)
            try transaction.putPendingView(of: record.record.name, in: .default)
        }
    }

    private static func columns(of path: String) throws -> [(table: String, column: String)] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT tables.name, columns.name FROM sqlite_schema AS tables
                    JOIN pragma_table_info(tables.name) AS columns
                    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
                    """
            ).map { ($0[0], $0[1]) }
        }
    }

    private static func readEverything(
        _ store: SQLiteMetadataStore, _ record: ArtifactRecord, _ blob: Digest
    ) async {
        _ = try? await store.record(named: record.name, in: .default)
        _ = try? await store.record(record.key)
        _ = try? await store.records(RecordQuery())
        _ = try? await store.counts()
        _ = try? await store.entries(of: record.key, from: 0, limit: 10)
        _ = try? await store.entries(from: 0, limit: 10)
        _ = try? await store.logHead()
        _ = try? await store.logHashes(level: 0, from: 0, limit: 10)
        _ = try? await store.evidence(of: record.key)
        _ = try? await store.evidenceDocument(MetadataSamples.digest("document"))
        _ = try? await store.manifest(MetadataSamples.digest("document"))
        _ = try? await store.inspection(InspectionKey(blob: blob, name: "f", rules: "1"))
        _ = try? await store.verification(of: blob)
        _ = try? await store.uses(of: blob)
        _ = try? await store.users(of: blob, after: 0, limit: 10)
        _ = try? await store.pendingViews(after: 0, limit: 10)
        _ = try? await store.integrityCheck()
    }
}
