import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing

/// Somebody can write to the metadata store. They may hide artifacts and make us refuse, and nothing else.
@Suite("Rows that this registry did not write")
struct SealTests {
    @Test("An edited row is refused, by every door")
    func editedRow() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.revoke("a")
            let key = try await registry.record("a").key
            var row = try #require(try await registry.world.store.record(key))
            let genuine = row
            row.record.state = .trusted
            registry.world.store.tamper(.record(row))
            let restarted = try await registry.restarted()
            await expectError(.recordTampered) { try await restarted.record("a") }
            await expectError(.recordTampered) { try await restarted.path("a") }
            await expectError(.recordTampered) { try await restarted.promote("a") }
            await expectError(.recordTampered) { try await restarted.revoke("a") }
            await expectError(.recordTampered) { try await restarted.directory.records(RecordQuery()) }
            registry.world.store.tamper(.record(genuine))
        }
    }

    @Test("A row that was genuine once, and is older than its history, is refused")
    func olderRow() async throws {
        try await TestRegistry.scenario { registry in
            let trusted = registry.world.sealer.seal(try await registry.trust("a", ModelBytes.gguf()))
            let revoked = registry.world.sealer.seal(try await registry.revoke("a"))
            registry.world.store.tamper(.record(trusted))
            let restarted = try await registry.restarted()
            await expectError(.recordTampered) { try await restarted.path("a") }
            await expectError(.recordTampered) { try await restarted.promote("a") }
            await expectError(.recordTampered) { try await restarted.quarantine("a") }
            await expectError(.recordTampered) { try await restarted.revoke("a") }
            registry.world.store.tamper(.record(revoked))
        }
    }

    @Test("A name that points at another artifact's record is refused")
    func otherName() async throws {
        try await TestRegistry.scenario { registry in
            let good = try await registry.trust("good", ModelBytes.gguf(seed: 1))
            let bad = try await registry.acquire("bad", ModelBytes.gguf(seed: 2))
            registry.world.store.tamper(.name(bad.name, good.key.version))
            let restarted = try await registry.restarted()
            await expectError(.recordTampered) { try await restarted.path("bad") }
            await expectError(.recordTampered) { try await restarted.promote("bad") }
            registry.world.store.tamper(.name(bad.name, bad.key.version))
        }
    }

    @Test("A manifest that is not what the version's digest says is refused")
    func otherManifest() async throws {
        try await TestRegistry.scenario { registry in
            let good = try await registry.trust("good", ModelBytes.gguf(seed: 1))
            let bad = try await registry.acquire("bad", ModelBytes.gguf(seed: 2))
            let genuine = try await registry.world.store.manifest(good.key.version)
            let other = try await registry.world.store.manifest(bad.key.version)
            registry.world.store.tamper(.manifest(good.key.version, other))
            let restarted = try await registry.restarted()
            await expectError(.recordTampered) { try await restarted.path("good") }
            registry.world.store.tamper(.manifest(good.key.version, genuine))
        }
    }

    @Test("An inspection that somebody else wrote down is not believed")
    func forgedInspection() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("bad", [1, 2, 3, 4])
            try await registry.acquire("good", ModelBytes.gguf())
            let bad = try await registry.record("bad").acquisition.content.sha256
            let good = try await registry.record("good").acquisition.content.sha256
            let rules = try #require(registry.world.store.inspectionRules(of: good).first)
            let report = try #require(try await registry.world.store.inspection(of: good, rules: rules))
            try await registry.world.store.write { try $0.putInspection(report, of: bad, rules: rules) }
            await expectError(.policyRefused) { try await registry.promote("bad") }
        }
    }

    @Test("Evidence that is not what the log cites is refused")
    func otherEvidence() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            let decision = try #require(record.admittance?.decision)
            let genuine = try await registry.world.store.evidenceDocument(decision)
            registry.world.store.tamper(.evidenceDocument(decision, [1]))
            await expectError(.recordTampered) {
                try await registry.history.document(of: record.name, decision.description)
            }
            registry.world.store.tamper(.evidenceDocument(decision, genuine))
            await expectError(.evidenceNotFound) { try await registry.history.document(of: record.name, "none") }
        }
    }
}
