import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing
import TransparencyLog

@Suite("Rebuilding the projections")
struct RebuildTests {
    /// Everything that follows from the log.
    private struct Projections: Equatable {
        var records: [SealedRecord]
        var versions: [ArtifactKey: SealedRecord] = [:]
        var evidence: [ArtifactKey: [EvidenceEntry]] = [:]
        var counts: RecordCounts
        var uses: [Digest: BlobUses] = [:]
        var entries: [LogEntry]
        var hashes: [[LogHash]]
        var head: LogHead

        init(_ registry: TestRegistry) async throws {
            let store = registry.store
            records = try await store.records(RecordQuery())
            counts = try await store.counts()
            entries = try await store.entries(from: 0, limit: .max)
            head = try await store.logHead()
            hashes = [
                try await store.logHashes(level: 0, from: 0, limit: 100_000),
                try await store.logHashes(level: 1, from: 0, limit: 1_000),
            ]
            for key in Set(entries.compactMap(\.key)) {
                versions[key] = try await store.record(key)
                evidence[key] = try await store.evidence(of: key)
            }
            for blob in try await registry.world.blobs.blobs(after: nil, limit: 1_000) {
                uses[blob.digest] = try await store.uses(of: blob.digest)
            }
        }
    }

    private static func populate(_ registry: TestRegistry) async throws {
        try await registry.reconcile()
        for seed in 0..<60 as Range<UInt64> { try await registry.trust("m\(seed)", ModelBytes.gguf(seed: seed)) }
        for seed in 0..<10 as Range<UInt64> { try await registry.revoke("m\(seed)", reason: "CVE") }
        for seed in 5..<15 as Range<UInt64> { try await registry.delete("m\(seed)") }
        for seed in 0..<3 as Range<UInt64> { try await registry.promote("m\(seed)", claims: ["n": .integer(seed)]) }
        try await registry.acquire("replaced", ModelBytes.gguf(seed: 100))
        try await registry.acquire("replaced", ModelBytes.gguf(seed: 101))
        try await registry.acquire("same", ModelBytes.gguf(seed: 50))
        try await registry.quarantine("m20", reason: "odd")
        try await registry.acquire("bad", [1, 2, 3])
        await expectError(.policyRefused) { try await registry.promote("bad") }
        try await registry.publisher.publish()
    }

    private static func rebuild(_ registry: TestRegistry) async throws -> Rebuild.Report {
        try await Rebuild(store: registry.store, sealer: registry.world.sealer, publisher: registry.publisher).run()
    }

    @Test("Replay gives the projections that were written, row by row", arguments: TestStore.allCases)
    func equal(kind: TestStore) async throws {
        try await kind.withStore { store in
            let registry = try await TestRegistry(try TestWorld(), store: store)
            try await Self.populate(registry)
            let before = try await Projections(registry)
            #expect(before.hashes[1].isEmpty == false)
            let report = try await Self.rebuild(registry)
            #expect(report.entries == before.head.size)
            #expect(report.versions == 64)
            #expect(report.missingDocuments == 0)
            let after = try await Projections(registry)
            #expect(after == before)
            let restarted = try await registry.restarted()
            #expect(try await restarted.reconcile().stuckViews.isEmpty)
            try await restarted.checkPromises()
            try await restarted.trust("later", ModelBytes.gguf(seed: 1_000))
            try await restarted.checkPromises()
        }
    }

    @Test("Whatever was done to the projections is undone")
    func damaged() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await Self.populate(registry)
        let before = try await Projections(registry)
        let store = registry.world.store
        for record in before.records.prefix(20) { store.tamper(.noRecord(record.record.key)) }
        for record in before.records.suffix(20) {
            var other = record
            other.record.state = .trusted
            store.tamper(.record(other))
            store.tamper(.evidence(record.record.key, []))
            store.tamper(.uses(record.record.key, []))
        }
        store.tamper(.name(before.records[3].record.name, nil))
        store.tamper(.name(before.records[4].record.name, before.records[5].record.key.version))
        store.tamper(.hash(level: 0, index: 5))
        store.tamper(.hash(level: 1, index: 0))
        store.tamper(.entryKey(9, nil))
        store.tamper(.entryKey(1, before.records[0].record.key))
        #expect(try await registry.restarted().fsck(deep: false).isClean == false)
        _ = try await Self.rebuild(registry)
        #expect(try await Projections(registry) == before)
        let restarted = try await registry.restarted()
        try await restarted.reconcile()
        try await restarted.checkPromises()
    }

    @Test("A log that is not the one that was signed is not replayed")
    func rewritten() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await Self.populate(registry)
        let entry = try await registry.log()[20]
        let bytes = String(decoding: try entry.encoded(), as: UTF8.self).replacing("\"test\"", with: "\"best\"")
        registry.world.store.tamper(.entry(20, Array(bytes.utf8)))
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
        registry.world.store.tamper(.entry(20, Array("{}".utf8)))
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
        registry.world.store.tamper(.entry(20, try entry.encoded()))
        _ = try await Self.rebuild(registry)
    }

    @Test("Entries that a stop left unsigned are replayed, others are not, and a log that was cut off is refused")
    func unsigned() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await Self.populate(registry)
        let before = registry.world.store.snapshot()
        try await registry.revoke("m30")
        let row = try await registry.world.store.record(try await registry.record("m30").key)
        _ = try await Self.rebuild(registry)
        #expect(try await registry.world.store.record(try await registry.record("m30").key) == row)
        let revoked = registry.world.store.snapshot()
        try await registry.forgePromotion(of: "bad", like: "m40")
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
        registry.world.store.restore(revoked)
        try await registry.publisher.publish()
        _ = try await Self.rebuild(registry)
        registry.world.store.restore(before)
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
    }

    @Test("A version that keeps its bytes needs its manifest, a deleted one does not")
    func missingManifests() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await Self.populate(registry)
        registry.world.store.tamper(.manifest(try await registry.record("m10").key.version, nil))
        #expect(try await Self.rebuild(registry).missingManifests == 1)
        let kept = try await registry.record("m40").key.version
        let manifest = try await registry.world.store.manifest(kept)
        registry.world.store.tamper(.manifest(kept, nil))
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
        registry.world.store.tamper(.manifest(kept, [1]))
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
        registry.world.store.tamper(.manifest(kept, manifest))
        _ = try await Self.rebuild(registry)
    }

    @Test("Evidence that is gone is counted, and nothing claims that it is there")
    func missingEvidence() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await Self.populate(registry)
        let record = try await registry.record("m40")
        registry.world.store.tamper(.evidenceDocument(try #require(record.admittance?.decision), nil))
        #expect(try await Self.rebuild(registry).missingDocuments == 1)
        #expect(try await registry.store.evidence(of: record.key).map(\.kind) == [.inspection])
    }
}
