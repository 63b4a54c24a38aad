import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing
import TransparencyLog

@Suite("Fsck")
struct FsckTests {
    private typealias Code = FsckProblem.Code

    /// A registry with an artifact in every state, views caught up and the log signed.
    private static func populated() async throws -> TestRegistry {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        for (index, name) in ["acquired", "quarantined", "trusted", "revoked", "deleted", "other"].enumerated() {
            try await registry.acquire(name, ModelBytes.gguf(seed: UInt64(index)))
            if name != "acquired" { try await registry.promote(name, claims: ["by": "somebody"]) }
        }
        try await registry.quarantine("quarantined")
        try await registry.revoke("revoked")
        try await registry.delete("deleted")
        try await registry.acquire("replaced", ModelBytes.gguf(seed: 20))
        try await registry.acquire("replaced", ModelBytes.gguf(seed: 21))
        try await registry.viewKeeper.catchUp()
        try await registry.publisher.publish()
        return registry
    }

    private static func codes(_ registry: TestRegistry, deep: Bool = false) async throws -> Set<Code> {
        let report = try await registry.fsck(deep: deep)
        #expect(report.problems.allSatisfy { !$0.sentence.isEmpty && !$0.subject.isEmpty })
        return Set(report.problems.map(\.code))
    }

    @Test("A registry with artifacts in every state is clean", arguments: [false, true])
    func clean(deep: Bool) async throws {
        let registry = try await Self.populated()
        let report = try await registry.fsck(deep: deep)
        #expect(report.problems == [])
        #expect(report.isClean)
        #expect(report.entries == (try await registry.world.store.logHead().size))
        #expect(report.versions == 8)
    }

    @Test("Blobs that nothing uses are counted, and are no problem")
    func orphans() async throws {
        let registry = try await Self.populated()
        _ = try registry.world.blobs.plant([1, 2, 3])
        let report = try await registry.fsck(deep: true)
        #expect(report.isClean)
        // The planted one, that of the deleted artifact and that of the replaced one.
        #expect(report.orphanBlobs == 3)
        #expect(report.orphanBytes > 3)
    }

    /// What somebody does to the store, and what fsck calls it.
    private struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var codes: Set<Code>
        var isDeep = false
        var plant: @Sendable (TestRegistry, ArtifactRecord) async throws -> Void
    }

    private static let damages: [Damage] = [
        Damage(testDescription: "an edited row", codes: [.recordForged, .recordDiffers, .viewLeftOver, .blobDamaged]) {
            registry, record in
            var row = registry.world.sealer.seal(record)
            row.record.state = .revoked
            registry.world.store.tamper(.record(row))
        },
        Damage(testDescription: "a row with a genuine seal that history does not give", codes: [.recordDiffers]) {
            registry, record in
            var other = record
            other.evidenceCount += 1
            registry.world.store.tamper(.record(registry.world.sealer.seal(other)))
        },
        Damage(
            testDescription: "a row that is gone", codes: [.recordMissing, .viewLeftOver, .blobDamaged, .blobUnused]
        ) { registry, record in registry.world.store.tamper(.noRecord(record.key)) },
        Damage(testDescription: "a row without a history", codes: [.recordWithoutHistory]) { registry, record in
            var other = record
            other.key.version = try Digest(hashing: [9])
            other.name = try ArtifactName(parsing: "unheard")
            other.state = .acquired
            registry.world.store.tamper(.record(registry.world.sealer.seal(other)))
            registry.world.store.tamper(.name(other.name, other.key.version))
        },
        Damage(testDescription: "a name that points at another version", codes: [.nameElsewhere]) { registry, record in
            registry.world.store.tamper(.name(record.name, try await registry.record("other").key.version))
        },
        Damage(testDescription: "a name that is gone", codes: [.nameElsewhere, .viewLeftOver]) { registry, record in
            registry.world.store.tamper(.name(record.name, nil))
        },
        Damage(testDescription: "a manifest that is gone", codes: [.manifestDamaged]) { registry, record in
            registry.world.store.tamper(.manifest(record.key.version, nil))
        },
        Damage(testDescription: "a manifest with other bytes", codes: [.manifestDamaged]) { registry, record in
            let other = try await registry.record("other").key.version
            registry.world.store.tamper(
                .manifest(record.key.version, try await registry.world.store.manifest(other)))
        },
        Damage(testDescription: "a blob that is not marked as used", codes: [.blobUnused, .blobDamaged]) {
            registry, record in
            registry.world.store.tamper(.uses(record.key, []))
        },
        Damage(testDescription: "a blob that is gone", codes: [.blobMissing, .viewMissing]) { registry, record in
            registry.world.blobs.lose(record.acquisition.content.sha256)
        },
        Damage(testDescription: "a blob of another size", codes: [.blobDamaged]) { registry, record in
            registry.world.blobs.truncate(record.acquisition.content.sha256)
        },
        Damage(testDescription: "a blob with a bit that the disk forgot", codes: [.blobDamaged], isDeep: true) {
            registry, record in registry.world.blobs.rot(record.acquisition.content.sha256, at: 300)
        },
        Damage(testDescription: "a blob with a name elsewhere", codes: [.blobDamaged]) { registry, record in
            registry.world.blobs.linkElsewhere(record.acquisition.content.sha256)
        },
        Damage(testDescription: "evidence that is gone", codes: [.evidenceMissing]) { registry, record in
            registry.world.store.tamper(.evidenceDocument(try #require(record.admittance?.decision), nil))
        },
        Damage(testDescription: "evidence with other bytes", codes: [.evidenceDamaged]) { registry, record in
            registry.world.store.tamper(.evidenceDocument(try #require(record.inspection?.evidence), [1]))
        },
        Damage(testDescription: "evidence that is not listed", codes: [.evidenceUnlisted]) { registry, record in
            registry.world.store.tamper(.evidence(record.key, []))
        },
        Damage(testDescription: "a view that is gone", codes: [.viewMissing]) { registry, record in
            registry.world.views.lose(record.name)
        },
        Damage(testDescription: "a view that nobody's trust explains", codes: [.viewLeftOver, .blobDamaged]) {
            registry, record in
            let blob = try await registry.record("revoked").acquisition.content.sha256
            let file = ViewedFile(path: try RelativePath(parsing: "x"), digest: blob)
            registry.world.views.plant(try ArtifactName(parsing: "revoked"), [file])
            registry.world.views.plant(try ArtifactName(parsing: "never/seen"), [file])
        },
        Damage(testDescription: "a leaf with other bytes", codes: [.logHashWrong, .logRewritten, .logHeadWrong]) {
            registry, record in
            let entries = try await registry.world.store.entries(of: record.key, from: 0, limit: 1)
            let bytes = String(decoding: entries[0].bytes, as: UTF8.self).replacing("\"test\"", with: "\"best\"")
            registry.world.store.tamper(.entry(entries[0].index, Array(bytes.utf8)))
        },
        Damage(
            testDescription: "a leaf that is no event",
            codes: [.logHashWrong, .logRewritten, .logHeadWrong, .logEntryUnreadable, .historyIllegal]
        ) { registry, record in registry.world.store.tamper(.entry(record.headIndex, Array("{}".utf8))) },
        Damage(
            testDescription: "a leaf that is filed under another version",
            codes: [.entryMisfiled, .recordDiffers, .evidenceUnlisted]
        ) { registry, record in registry.world.store.tamper(.entryKey(record.headIndex, nil))
        },
        Damage(testDescription: "a hash that is not that of its leaf", codes: [.logHashWrong]) { registry, record in
            registry.world.store.tamper(.hash(level: 0, index: Int(record.headIndex)))
        },
    ]

    @Test("Damage is named for what it is, and nothing else is", arguments: damages)
    private func damage(_ damage: Damage) async throws {
        let registry = try await Self.populated()
        #expect(try await Self.codes(registry, deep: true) == [])
        try await damage.plant(registry, try await registry.record("trusted"))
        let found = try await Self.codes(try await registry.restarted(), deep: damage.isDeep)
        #expect(found == damage.codes)
    }

    @Test("A use that is not marked is named, though another version uses the blob as well")
    func sharedBlob() async throws {
        let registry = try await Self.populated()
        let twin = try await registry.trust("twin", ModelBytes.gguf(seed: 2))
        try await registry.viewKeeper.catchUp()
        #expect(try await Self.codes(registry) == [])
        registry.world.store.tamper(.uses(twin.key, []))
        #expect(try await Self.codes(registry) == [.blobUnused, .blobDamaged])
    }

    @Test("The hashes of finished tiles are looked at, too")
    func tileHashes() async throws {
        let registry = try await Self.populated()
        try await registry.ledger.write(TestRegistry.caller) { entry in
            for number in 0..<600 {
                try entry.append(.policyActivated(version: "\(number)", digest: try Digest(hashing: [])))
            }
        }
        #expect(try await Self.codes(registry) == [])
        registry.world.store.tamper(.hash(level: 1, index: 1))
        #expect(try await Self.codes(registry) == [.logHashWrong])
    }

    @Test("A log that was cut off behind its checkpoint is named")
    func rolledBack() async throws {
        let registry = try await Self.populated()
        let before = registry.world.store.snapshot()
        try await registry.revoke("trusted")
        try await registry.viewKeeper.catchUp()
        try await registry.publisher.publish()
        registry.world.store.restore(before)
        #expect(try await Self.codes(registry) == [.logRewritten, .viewMissing])
    }

    @Test("A view that still has to follow is not called damage")
    func pending() async throws {
        let registry = try await Self.populated()
        try await registry.trust("same", ModelBytes.gguf(seed: 2))
        try await registry.viewKeeper.catchUp()
        registry.world.views.fail(.unavailable(reason: "test"))
        await expectError(.internalError) { try await registry.revoke("trusted") }
        #expect(try await Self.codes(registry) == [])
    }

    @Test("More problems than are kept are counted")
    func many() {
        var report = FsckReport()
        for number in 0..<FsckReport.problemsMax + 5 { report.add(.blobMissing, number, "gone") }
        #expect(report.problems.count == FsckReport.problemsMax)
        #expect(report.problemCount == FsckReport.problemsMax + 5)
        #expect(!report.isClean)
    }

    @Test("Each problem has a name that stays")
    func codes() {
        #expect(Set(Code.allCases.map(\.rawValue)).count == Code.allCases.count)
        #expect(Code.allCases.allSatisfy { $0.rawValue.utf8.allSatisfy { $0 == 0x2D || (0x61...0x7A).contains($0) } })
    }
}
