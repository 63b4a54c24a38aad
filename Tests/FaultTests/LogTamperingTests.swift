import Foundation
import ServerFixture
import StrictJSON
import Testing

/// History rewritten by somebody who has the disk and even the keys: what the registry itself can find, and what only a
/// client that remembers a checkpoint can.
@Suite("A rewritten log", .serialized)
struct LogTamperingTests {
    private static let histories = Histories()

    /// Edits of the log's tables; `{at}` is the index of an entry.
    private static let edits = [
        "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"m', '\"n') AS BLOB) WHERE position = {at}",
        "UPDATE entry SET bytes = (SELECT bytes FROM entry AS other WHERE other.position = ({at} + 1) % 12) "
            + "WHERE position = {at}",
        "DELETE FROM entry WHERE position >= {at}",
        "DELETE FROM entry WHERE position = {at}",
        """
        CREATE TABLE moved AS SELECT bytes, version FROM entry WHERE position IN ({at}, ({at} + 1) % 12);
        UPDATE entry SET (bytes, version) = (SELECT bytes, version FROM moved WHERE moved.bytes IS NOT entry.bytes)
        WHERE position IN ({at}, ({at} + 1) % 12);
        DROP TABLE moved
        """,
        "UPDATE log_hash SET hash = randomblob(32) WHERE level = 0 AND position = {at}",
        "DELETE FROM log_hash WHERE level = 0 AND position >= {at}",
        "UPDATE log_head SET size = {at}",
        "UPDATE log_head SET root = randomblob(32)",
    ]

    @Test("Every edit of the log's rows is found by fsck", arguments: edits)
    func rows(edit: String) async throws {
        var random = SeededGenerator(edit.utf8.count)
        for _ in 0..<2 * FaultRounds.factor {
            let sql = edit.replacing("{at}", with: "\(Int.random(in: 1..<11, using: &random))")
            let home = try await Self.histories.first()
            try StoredRows(of: home).edit(sql)
            let report = try await home.fsck()
            #expect(report.isBad, "seed \(FaultRounds.seed): \(sql): \(report)")
        }
    }

    @Test("A log that was cut off with everything that follows from it does not start below what was signed")
    func truncated() async throws {
        // The metadata of an earlier time fits together in itself.
        let home = try await Self.histories.second()
        let earlier = try await Self.histories.first()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: home.databasePath + suffix) }
        try FileManager.default.removeItem(atPath: home.databasePath)
        try FileManager.default.copyItem(atPath: earlier.databasePath, toPath: home.databasePath)
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(11), "\(fault?.log ?? "")")
        let report = try await home.fsck()
        #expect(report.isBad && report.codes.contains("log-rewritten"), "\(report)")
    }

    @Test("A checkpoint that was changed keeps the server from starting, and fsck names it")
    func checkpoint() async throws {
        for offset in [5, 40, 60, 150] {
            let home = try await Self.histories.first()
            var note = Array(try #require(FileManager.default.contents(atPath: home.checkpointPath)))
            note[offset] ^= 1
            try Data(note).write(to: URL(fileURLWithPath: home.checkpointPath))
            let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
            #expect(fault?.status == .exited(11), "byte \(offset): \(fault?.log ?? "")")
            #expect(try await home.fsck().isBad, "byte \(offset)")
        }
    }

    @Test("A registry that was put back as a whole starts, and a client that looked in between finds out")
    func rolledBack() async throws {
        let witness = try await Self.histories.witness()
        let home = try await Self.histories.first()
        // All of it is there and fits together: the registry alone cannot know.
        try await home.requireClean()
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            let program = try await witness.verify(registry)
            #expect(program.status == .exited(11), "\(program)")
            // Growing past what the client saw, with another history, does not help.
            for number in 50..<70 { try await Operation.promote.prepare(Artifact(number), at: registry) }
            try await registry.awaits("the checkpoint stays behind") {
                let lines = try await registry.get("/log/checkpoint").text.split(separator: "\n")
                return try await Int(lines[1]) ?? 0 >= registry.events().count
            }
            let later = try await witness.verify(registry)
            #expect(later.status == .exited(11), "\(later)")
            try await registry.stop()
        }
    }

    @Test("A client that reads everything again finds an entry that was changed behind the checkpoint's back")
    func changedEntry() async throws {
        let witness = try await Self.histories.witness()
        let home = try await Self.histories.second()
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            try StoredRows(of: home).edit(Self.edits[0].replacing("{at}", with: "1"))
            let program = try await witness.verify(registry, "--full")
            #expect(program.status == .exited(11), "\(program)")
            try await registry.stop()
        }
    }

    @Test("A client that holds a checkpoint of the same history goes on trusting it")
    func honest() async throws {
        let witness = try await Self.histories.witness()
        try await withRegistry(Self.histories.second()) { registry in
            try await Operation.revoke.prepare(Artifact(80), at: registry)
            let program = try await witness.verify(registry, "--full")
            #expect(program.status == .exited(0), "\(program)")
        }
    }

    /// One registry at two times, made once and copied for each case.
    private actor Histories {
        private var making: Task<Made, any Error>?

        private struct Made: Sendable {
            var first: RegistryHome
            var second: RegistryHome
        }

        func first() async throws -> RegistryHome { try await made().first.copied() }
        func second() async throws -> RegistryHome { try await made().second.copied() }

        /// A client that saw the second of them.
        func witness() async throws -> LogWitness {
            let witness = try LogWitness()
            try await withRegistry(try await second()) { registry in
                try await witness.expectGrowth(of: registry, "first look")
            }
            return witness
        }

        private func made() async throws -> Made {
            if let making { return try await making.value }
            let task = Task { try await Self.make() }
            making = task
            return try await task.value
        }

        private static func make() async throws -> Made {
            let home = try RegistryHome.addressed()
            try await withRegistry(home) { registry in
                for number in 1...4 { try await Operation.revoke.prepare(Artifact(number), at: registry) }
            }
            let first = try await home.copied()
            try await withRegistry(home) { registry in
                for number in 5...8 { try await Operation.revoke.prepare(Artifact(number), at: registry) }
            }
            return Made(first: first, second: home)
        }
    }
}
