import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

/// Somebody may write to the metadata while the registry is stopped, and has no key.
@Suite("Edited metadata")
struct RowTamperingTests {
    private static let trusted = Artifact(1)
    private static let other = Artifact(2, .directory)
    private static let revoked = Artifact(3)
    private static let refused = Artifact(4)
    private static let template = Template()
    /// Columns that a short run tries.
    private static let columnsMax = 24

    /// Rows of `record` by the name of the artifact.
    private static func row(_ artifact: Artifact) -> String {
        "version = (SELECT version FROM name WHERE name = '\(artifact.name)')"
    }

    @Test(
        "Nothing that is written to a row makes what is not trusted look trusted, and fsck names it",
        arguments: [
            "UPDATE record SET state = 'trusted' WHERE \(row(revoked))",
            """
            UPDATE record SET state = 'trusted' WHERE \(row(revoked));
            UPDATE name SET state = 'trusted' WHERE name = '\(revoked.name)';
            UPDATE state_count SET versions = versions - 1 WHERE state = 'revoked';
            UPDATE state_count SET versions = versions + 1 WHERE state = 'trusted'
            """,
            // The seal of another row, alone and with everything that it seals but the name.
            """
            UPDATE record SET state = 'trusted', seal = (SELECT seal FROM record WHERE \(row(trusted)))
            WHERE \(row(revoked))
            """,
            "UPDATE name SET version = (SELECT version FROM name WHERE name = '\(trusted.name)') "
                + "WHERE name = '\(revoked.name)'",
            // A trusted record that nobody ever made.
            """
            INSERT INTO version (id, tenant, digest) SELECT 1000, tenant, randomblob(32) FROM version LIMIT 1;
            CREATE TABLE copied AS SELECT * FROM record WHERE \(row(trusted));
            UPDATE copied SET version = 1000, name = '\(Artifact(9).name)';
            INSERT INTO record SELECT * FROM copied; DROP TABLE copied;
            INSERT INTO name SELECT tenant, '\(Artifact(9).name)', 1000, state, format, source
            FROM name WHERE name = '\(trusted.name)'
            """,
            "DELETE FROM record WHERE \(row(revoked))",
            "DELETE FROM name WHERE name = '\(revoked.name)'",
            "DELETE FROM entry WHERE position = (SELECT head_index FROM record WHERE \(row(revoked)))",
        ])
    func edited(sql: String) async throws {
        let home = try await Self.template.copy()
        try StoredRows(of: home).edit(sql)
        try await Self.expectDenied(home, sql)
    }

    /// What goes from the log with the newer row.
    enum LostEntry: CaseIterable {
        case none, ofTheRevocation, ofThePromotion, ofBoth

        var isOfRevocation: Bool { self == .ofTheRevocation || self == .ofBoth }
        var isOfPromotion: Bool { self == .ofThePromotion || self == .ofBoth }
    }

    @Test(
        "The row of a time when it was trusted, with the seal of that time, does not bring trust back",
        arguments: LostEntry.allCases)
    func earlierRow(without lost: LostEntry) async throws {
        let home = try await Self.template.copy()
        let rows = StoredRows(of: home)
        let headIndex = "SELECT head_index FROM record WHERE \(Self.row(Self.revoked))"
        let delete = "DELETE FROM entry WHERE position = (\(headIndex))"
        if lost.isOfRevocation { try rows.edit(delete) }
        try rows.edit(try await Self.template.rowBeforeRevocation())
        if lost.isOfPromotion { try rows.edit(delete) }
        try await Self.expectDenied(home, "earlier row, without the entry: \(lost)")
    }

    @Test("No column of any table can be given another value so that what is not trusted is served")
    func everyColumn() async throws {
        let pristine = try await Self.template.copy()
        let columns = try StoredRows(of: pristine).columns()
        #expect(columns.count > 60)
        // Numbers of rows that nothing refers to, and views that are looked at anew at each start, say nothing.
        let meaningful = columns.filter { table, column in
            table != "pending_view" && (column != "id" || ["version", "log_head"].contains(table))
        }
        for index in FaultRounds.spread(over: meaningful.count, atMost: Self.columnsMax) {
            let (table, column) = meaningful[index - 1]
            for sql in Self.edits(of: column, in: table).prefix(1 + FaultRounds.factor) {
                let home = try await Self.template.copy()
                let rows = StoredRows(of: home)
                let before = try rows.values(String.self, Self.dump(of: column, in: table))
                do { try rows.edit(sql) } catch { continue }
                guard try rows.values(String.self, Self.dump(of: column, in: table)) != before else { continue }
                try await Self.expectDenied(home, sql, isNamed: !Self.memories.contains(table))
            }
        }
    }

    /// Tables that only save work. What is wrong there is sealed or made again, and no damage.
    private static let memories: Set = ["verification", "inspection"]

    private static func dump(of column: String, in table: String) -> String {
        "SELECT coalesce(hex(CAST(\"\(column)\" AS BLOB)), 'NULL') FROM \"\(table)\""
    }

    /// Values of other rows, which have the right form, and such that no row has.
    private static func edits(of column: String, in table: String) -> [String] {
        [
            """
            UPDATE OR IGNORE "\(table)" SET "\(column)" = (
                SELECT other."\(column)" FROM "\(table)" AS other
                WHERE other."\(column)" IS NOT "\(table)"."\(column)" LIMIT 1
            ) WHERE EXISTS (SELECT 1 FROM "\(table)" AS other WHERE other."\(column)" IS NOT "\(table)"."\(column)")
            """,
            """
            UPDATE OR IGNORE "\(table)" SET "\(column)" = CASE typeof("\(column)")
                WHEN 'integer' THEN "\(column)" + 1 WHEN 'text' THEN "\(column)" || 'x'
                WHEN 'blob' THEN randomblob(length("\(column)")) ELSE "\(column)" END
            """,
            #"UPDATE OR IGNORE "\#(table)" SET "\#(column)" = NULL"#,
            #"UPDATE OR IGNORE "\#(table)" SET "\#(column)" = 0"#,
            #"UPDATE OR IGNORE "\#(table)" SET "\#(column)" = 'trusted'"#,
        ]
    }

    @Test("A verification that somebody wrote does not make changed bytes count as hashed")
    func forgedVerification() async throws {
        for seal in ["seal", "(SELECT other.seal FROM verification AS other WHERE other.blob <> verification.blob)"] {
            let home = try await Self.template.copy()
            let path = home.blobPath(sha256(Self.trusted.files[0].bytes))
            try Damage.flipBit.apply(to: path)
            var status = stat()
            try #require(stat(path, &status) == 0)
            func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }
            try StoredRows(of: home).edit(
                """
                UPDATE verification SET device = \(status.st_dev), inode = \(status.st_ino),
                    size_bytes = \(status.st_size), modified = \(nanoseconds(status.st_mtim)),
                    changed = \(nanoseconds(status.st_ctim)), links = \(status.st_nlink), seal = \(seal)
                WHERE blob = x'\(sha256(Self.trusted.files[0].bytes))'
                """)
            try await withRegistry(home, leavesDamage: true) { registry in
                let answer = try await registry.path(of: Self.trusted.name)
                #expect(answer.status == 409 && answer.code == "integrity_failed", "\(answer)")
            }
        }
    }

    @Test("The inspection of a harmless file does not speak for another one")
    func foreignInspection() async throws {
        let home = try await Self.template.copy()
        try StoredRows(of: home).edit(
            """
            UPDATE inspection SET bytes = (
                SELECT bytes FROM inspection WHERE blob = x'\(sha256(Self.trusted.files[0].bytes))'
            ) WHERE blob = x'\(sha256(ModelFiles.truncatedGGUF))'
            """)
        try await withRegistry(home) { registry in
            let answer = try await registry.promote("refused")
            #expect(answer.status == 422 && answer.code == "policy_refused", "\(answer)")
        }
    }

    /// Expects that the server does not start, or serves nothing but what was trusted when it was stopped.
    private static func expectDenied(
        _ home: RegistryHome, _ comment: String, isNamed: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let report = try await home.fsck()
        #expect(!isNamed || report.isBad, "\(comment): \(report)", sourceLocation: sourceLocation)
        try await serverPermits.with {
            let registry: RunningRegistry
            do { registry = try await RunningRegistry(home) } catch let fault as StartFault {
                // Refused in good order: with a status of its own, and no signal.
                #expect(
                    [.exited(11), .exited(69), .exited(74), .exited(78)].contains(fault.status), "\(comment): \(fault)",
                    sourceLocation: sourceLocation)
                return
            }
            for name in [revoked.name, "refused", Artifact(9).name] {
                let answer = try await registry.path(of: name)
                #expect(answer.status != 200, "\(comment): \(answer)", sourceLocation: sourceLocation)
                #expect(
                    !FileManager.default.fileExists(atPath: "\(home.directory)/trusted/\(name)"), "\(comment)",
                    sourceLocation: sourceLocation)
            }
            for artifact in [trusted, other] {
                let answer = try await registry.path(of: artifact.name)
                guard answer.status == 200 else { continue }
                for file in artifact.files {
                    let shown = FileManager.default.contents(
                        atPath: "\(home.directory)/trusted/\(artifact.name)/\(file.path)")
                    #expect(shown.map(Array.init) == file.bytes, "\(comment)", sourceLocation: sourceLocation)
                }
            }
            #expect(try await registry.stop() == .exited(0), "\(comment)", sourceLocation: sourceLocation)
        }
    }

    /// A stopped registry with one artifact of each kind, made once and copied for each case.
    private actor Template {
        private var home: RegistryHome?
        private var rowBefore = ""

        func copy() async throws -> RegistryHome { try await made().copied() }

        /// SQL that puts back the row that the revoked artifact had while it was trusted.
        func rowBeforeRevocation() async throws -> String {
            _ = try await made()
            return rowBefore
        }

        private func made() async throws -> RegistryHome {
            if let home { return home }
            let home = try RegistryHome(["integrity_interval_seconds": "0"])
            try await withRegistry(home) { registry in
                for artifact in [trusted, other, revoked] {
                    try await Operation.revoke.prepare(artifact, at: registry)
                    #expect(try await registry.path(of: artifact.name).status == 200)
                }
                try await registry.takeIn("refused", ModelFiles.truncatedGGUF)
                #expect(try await registry.promote("refused").code == "policy_refused")
            }
            rowBefore = try await Self.statement(restoring: revoked, in: home)
            try await withRegistry(home) { registry in _ = try await registry.revoke(revoked.name) }
            self.home = home
            return home
        }

        private static func statement(restoring artifact: Artifact, in home: RegistryHome) async throws -> String {
            let rows = StoredRows(of: home)
            let columns = try rows.columns().filter { $0.table == "record" }.map(\.column)
            let quoted = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ', ' || ")
            let values = try rows.values(String.self, "SELECT \(quoted) FROM record WHERE \(row(artifact))")
            return """
                INSERT OR REPLACE INTO record (\(columns.joined(separator: ", "))) VALUES (\(values.first ?? ""));
                UPDATE name SET state = 'trusted' WHERE name = '\(artifact.name)';
                UPDATE state_count SET versions = versions - 1 WHERE state = 'revoked';
                UPDATE state_count SET versions = versions + 1 WHERE state = 'trusted'
                """
        }
    }
}
