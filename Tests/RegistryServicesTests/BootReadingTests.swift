import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Synchronization
import Testing

@Suite("Boot lock files and seeds")
struct BootReadingTests {
    private static func lock(_ rows: String...) -> [UInt8] {
        Array(("version: 1\nmodels:\n" + rows.map { "  - \($0)\n" }.joined()).utf8)
    }

    private static func row(_ name: String, _ bytes: [UInt8], _ more: String = "") throws -> String {
        let digest = try Digest(hashing: bytes).hex
        return "{ name: \(name), filename: \(name).gguf, sha256: \(digest)\(more.isEmpty ? "" : ", " + more) }"
    }

    /// A world with a file for each of the names, and a lock file.
    private static func world(_ names: [String], _ rows: [String]) throws -> TestWorld {
        let world = try TestWorld()
        for (index, name) in names.enumerated() {
            try world.sources.put(ModelBytes.gguf(seed: UInt64(index)), at: "\(name).gguf")
        }
        world.bootLock.bytes = lock(rows.joined(separator: "\n  - "))
        return world
    }

    private static func bootReport(_ report: Reconciler.Report) throws -> BootReading.Report {
        guard case .bootLock(let boot) = try #require(report.seed) else { throw UnexpectedSeed() }
        return boot
    }

    private struct UnexpectedSeed: Error {}

    @Test("An empty registry admits what its lock file names, and the events name the lock file")
    func admits() async throws {
        let rows = try [Self.row("a", ModelBytes.gguf(seed: 0)), Self.row("b", ModelBytes.gguf(seed: 1))]
        let registry = try await TestRegistry(try Self.world(["a", "b"], rows))
        let report = try Self.bootReport(try await registry.reconcile())
        #expect(report.admitted.map(\.description) == ["a", "b"])
        #expect(report.faults.isEmpty)
        let lock = try Digest(hashing: try #require(registry.world.bootLock.bytes))
        #expect(report.digest == lock)
        for name in ["a", "b"] {
            #expect(try await registry.record(name).admittance?.bootLock == lock)
            #expect(try await registry.events(of: name) == [.acquired, .quarantined, .inspected, .promoted])
            _ = try await registry.path(name)
        }
        let events = try await registry.log()
        #expect(events.last?.body == .bootLockRead(digest: lock, admitted: 2, refused: 0))
        #expect(events.filter { $0.body.kind != .policyActivated }.allSatisfy { $0.actor == .registry(.boot) })
        try await registry.checkPromises()
    }

    @Test("A lock file is read once, and never into a registry that somebody used")
    func once() async throws {
        let rows = try [Self.row("a", ModelBytes.gguf(seed: 0))]
        let first = try await TestRegistry(try Self.world(["a", "b"], rows))
        #expect(try await first.reconcile().seed != nil)
        try await first.revoke("a")
        first.world.bootLock.bytes = Self.lock(try Self.row("b", ModelBytes.gguf(seed: 1)))
        #expect(try await first.restarted().reconcile().seed == nil)
        #expect(try await first.record("a").state == .revoked)

        let used = try await TestRegistry(try Self.world(["a"], rows))
        try await used.acquire("other", ModelBytes.gguf(seed: 9))
        #expect(try await used.restarted().reconcile().seed == nil)
        await expectError(.artifactNotFound) { try await used.record("a") }
    }

    @Test("States other than trusted are recorded and not admitted, and what is blocked never is")
    func states() async throws {
        let names = ["acquired", "quarantined", "revoked", "deleted", "blocked"]
        let rows = try names.enumerated().map { index, name in
            try Self.row(
                name, ModelBytes.gguf(seed: UInt64(index)),
                name == "blocked" ? "blocked: true, state: trusted" : "state: \(name), reason: as before")
        }
        let registry = try await TestRegistry(try Self.world(names, rows))
        let report = try Self.bootReport(try await registry.reconcile())
        #expect(report.admitted.isEmpty)
        #expect(report.faults.isEmpty)
        #expect(report.recorded.map(\.description) == names)
        for name in names {
            let expected = name == "blocked" ? "revoked" : name
            #expect(try await registry.record(name).state.rawValue == expected)
            await expectError(.notTrusted) { try await registry.path(name) }
        }
        #expect(try await registry.record("revoked").reason == "as before")
        await expectError(.artifactExists) {
            try await registry.acquire("deleted", ModelBytes.gguf(seed: 3), filename: "deleted.gguf")
        }
        try await registry.checkPromises()
    }

    @Test(
        "A withdrawn artifact whose bytes are gone keeps its name from coming back", arguments: ["revoked", "deleted"])
    func withoutBytes(state: String) async throws {
        let bytes = ModelBytes.gguf()
        let registry = try await TestRegistry(try Self.world([], [Self.row("a", bytes, "state: \(state)")]))
        let report = try Self.bootReport(try await registry.reconcile())
        #expect(report.faults.isEmpty)
        #expect(try await registry.record("a").state == .deleted)
        await expectError(.artifactExists) { try await registry.acquire("a", bytes) }
        await expectError(.stateConflict) { try await registry.promote("a") }
        try await registry.checkPromises()
    }

    @Test("An entry that cannot be taken is reported and skipped")
    func badEntries() async throws {
        let script = Array("#!/bin/sh\n".utf8)
        let world = try Self.world(
            ["good"],
            [
                "{ name: nameless }", Self.row("missing", [1]), Self.row("other", [2]), Self.row("script", script),
                Self.row("good", ModelBytes.gguf(seed: 0)), Self.row("good/folder", [1]),
                Self.row("size", ModelBytes.gguf(seed: 0), "size_bytes: 7"),
            ])
        try world.sources.put([3], at: "other.gguf")
        try world.sources.put(script, at: "script.gguf")
        try world.sources.put([1], at: "good/folder.gguf")
        try world.sources.put(ModelBytes.gguf(seed: 0), at: "size.gguf")
        let registry = try await TestRegistry(world)
        let report = try Self.bootReport(try await registry.reconcile())
        let codes = report.faults.map { fault -> String in
            if case .refused(let code, _) = fault.reason { code.rawValue } else { "entry" }
        }
        #expect(
            codes == [
                "entry", "source_not_found", "digest_mismatch", "policy_refused", "name_conflict", "size_mismatch",
            ])
        #expect(report.faults.map(\.index) == [0, 1, 2, 3, 5, 6])
        #expect(report.admitted.map(\.description) == ["good"])
        #expect(try await registry.record("script").state == .quarantined)
        #expect(try await registry.log().last?.body.kind == .bootLockRead)
        try await registry.checkPromises()
    }

    @Test(
        "A file that is no lock file stops the start, and nothing is written but the policy",
        arguments: ["", "version: 3\nmodels: []", "version: 1\nmodels:\n  - &a {}\n", "\u{0}"])
    func badFile(text: String) async throws {
        let world = try TestWorld()
        world.bootLock.bytes = Array(text.utf8)
        let registry = try await TestRegistry(world)
        let error = await expectError(.invalidRequest) { try await registry.reconcile() }
        #expect(error?.cause is BootListFault)
        #expect(try await registry.log().map(\.body.kind) == [.policyActivated])
    }

    @Test("A claim in the lock file is kept as a claim")
    func claims() async throws {
        let row = try Self.row("a", ModelBytes.gguf(seed: 0), "scan_results: { all: passed }")
        let registry = try await TestRegistry(try Self.world(["a"], [row]))
        try await registry.reconcile()
        let record = try await registry.record("a")
        let claims = try #require(record.admittance?.claims)
        let expected: JSONValue = ["scan_results": ["all": "passed"]]
        #expect(try await registry.history.document(of: record.name, claims.hex) == expected.encoded())
    }

    @Test("A directory is taken in by the digest of its listing")
    func directory() async throws {
        let world = try TestWorld()
        let files = [("a.gguf", ModelBytes.gguf(seed: 1)), ("b/c.gguf", ModelBytes.gguf(seed: 2))]
        for (path, bytes) in files { try world.sources.put(bytes, at: "dir/\(path)") }
        let listing = try DirectoryListing.digest(
            of: files.map { (path: try RelativePath(parsing: $0.0), digest: try Digest(hashing: $0.1)) })
        world.bootLock.bytes = Self.lock("{ name: d, filename: dir, sha256: \(listing.hex) }")
        let registry = try await TestRegistry(world)
        try await registry.reconcile()
        #expect(try await registry.path("d") == "/registry/trusted/d")
        try await registry.checkPromises()
    }

    /// Writes that a reading of three entries makes.
    private static let writes = 0..<14

    @Test("A start that stops at any write goes on at the next one", arguments: writes, [true, false])
    func interrupted(write: Int, kept: Bool) async throws {
        let rows = try ["a", "b", "c"].enumerated().map { index, name in
            try Self.row(name, ModelBytes.gguf(seed: UInt64(index)), name == "b" ? "state: revoked" : "")
        }
        let world = try Self.world(["a", "b", "c"], rows)
        world.store.failWrite(.unavailable(reason: "test"), kept ? .answerLost : .lost, after: write)
        let first = try await TestRegistry(world)
        let failed = await (try? first.reconcile()) == nil
        world.store.forgetFaults()
        let second = try await first.restarted()
        let report = try await second.reconcile()
        #expect(try await second.record("a").state == .trusted)
        #expect(try await second.record("b").state == .revoked)
        #expect(try await second.record("c").state == .trusted)
        let log = try await second.log()
        #expect(log.filter { $0.body.kind == .bootLockRead }.count == 1)
        #expect(log.filter { $0.body.kind == .promoted }.count == 2)
        #expect(failed || report.seed == nil)
        try await second.checkPromises()
    }

    @Test(
        "A registry that lost its metadata comes back from its manifest and its blobs, and nothing withdrawn is trusted"
    )
    func seed() async throws {
        let lost = try await TestRegistry(try TestWorld())
        try await lost.trust("good", ModelBytes.gguf(seed: 1))
        try await lost.trust("bad", ModelBytes.gguf(seed: 2))
        try await lost.revoke("bad", reason: "CVE")
        try await lost.trust("gone", ModelBytes.gguf(seed: 3))
        try await lost.delete("gone")
        try await lost.acquire("new", ModelBytes.gguf(seed: 4))
        try lost.world.sources.put(ModelBytes.gguf(seed: 5), at: "dir/x.gguf")
        try lost.world.sources.put(ModelBytes.gguf(seed: 6), at: "dir/y/z.gguf")
        let order = IntakeOrder(
            name: try ArtifactName(parsing: "dir"), bytes: .source(try RelativePath(parsing: "dir")), sha256: nil)
        _ = try await lost.intake.acquire(order, TestRegistry.caller)
        try await lost.promote("dir")
        try await lost.manifestView.writeIfStale()

        for name in lost.world.views.visible { lost.world.views.lose(name) }
        let world = try TestWorld(blobs: lost.world.blobs)
        world.manifest.bytes = lost.world.manifest.bytes
        world.bootLock.bytes = Self.lock(try Self.row("bad", ModelBytes.gguf(seed: 2)))
        let registry = try await TestRegistry(world)
        guard case .manifest(let report) = try #require(try await registry.reconcile().seed) else {
            throw UnexpectedSeed()
        }
        #expect(report.faults.isEmpty)
        #expect(report.warnings.isEmpty)
        #expect(report.admitted.map(\.description) == ["dir", "good"])
        #expect(try await registry.record("good").state == .trusted)
        #expect(try await registry.record("dir").key == lost.record("dir").key)
        #expect(try await registry.record("bad").state == .revoked)
        #expect(try await registry.record("bad").reason == "CVE")
        #expect(try await registry.record("gone").state == .deleted)
        #expect(try await registry.record("new").state == .acquired)
        try await registry.checkPromises()
    }

    @Test("The manifest of a registry that never had anything does not stand before the lock file")
    func emptyManifest() async throws {
        let world = try Self.world(["a"], [Self.row("a", ModelBytes.gguf(seed: 0))])
        let empty = try await TestRegistry(try TestWorld())
        empty.manifestView.invalidate()
        try await empty.manifestView.writeIfStale()
        world.manifest.bytes = empty.world.manifest.bytes
        let registry = try await TestRegistry(world)
        _ = try Self.bootReport(try await registry.reconcile())
        #expect(try await registry.record("a").state == .trusted)
    }

    @Test("A manifest that says trusted does not make it so")
    func forgedManifest() async throws {
        let world = try TestWorld()
        let bytes: [UInt8] = Array("import os\n".utf8)
        _ = try world.blobs.plant(bytes)
        world.manifest.bytes = Self.lock(try Self.row("a", bytes, "state: trusted"))
        let registry = try await TestRegistry(world)
        try await registry.reconcile()
        #expect(try await registry.record("a").state == .quarantined)
        #expect(registry.world.views.visible.isEmpty)
    }
}
