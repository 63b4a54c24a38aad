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
    @Test("A seal is the HMAC-SHA-256 of the fields as text, each after its length in four bytes")
    func message() throws {
        let sealer = RecordSealer(key: Array(0..<32))
        let digest = try Digest(sha256: Array(repeating: 0xA5, count: 32))
        let identity = BlobIdentity(
            device: 0, inode: .max, sizeBytes: 1_024, modifiedNanoseconds: -15, changedNanoseconds: .max, links: 1)
        let verification = sealer.seal(identity, at: Timestamp(clamping: 1_795_272_000_007), of: digest.description)
        // Computed by Python's hmac over the same fields.
        #expect(hex(verification.seal) == "c546e0ff5057e43003c18c5633076ace05e9294f933c464dc086d9efcad6af36")
        // Its second seal is that of a program which knew no publishers.
        let record = ArtifactRecord(
            storedKey: ArtifactKey(tenant: .default, version: digest), name: try ArtifactName(parsing: "team/a"),
            state: .trusted,
            acquisition: Acquisition(
                content: ContentIdentity(layout: .file, sha256: digest, sizeBytes: 7, filename: "ä.gguf"),
                format: "gguf", source: nil, sourceRevision: "r"),
            acquiredAt: Timestamp(clamping: 0), promotedAt: nil, stateSince: Timestamp(clamping: -1), reason: nil,
            headIndex: 10, inspection: nil,
            admittance: Admittance(policyVersion: "1", policyDigest: digest, decision: digest), evidenceCount: 0,
            pushedBy: [])
        #expect(hex(sealer.seal(record).seal) == "96ec5609a84ed8afa25b81206c0fa20c4814e46b9d0438602ba6fb436fda37e6")
        var pushed = record
        pushed.pushedBy = [try PrincipalName(parsing: "ci"), try PrincipalName(parsing: "robot-2")]
        #expect(hex(sealer.seal(pushed).seal) == "9faa64bce54402572c5e8e8f1a4911accfba1cdc645c941908613191fc1d4fc3")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

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
            let refused = await expectError(.recordTampered) { try await restarted.revoke("a") }
            #expect(refused?.code.httpStatus == 409)
            #expect(refused?.detail["view"] == "gone")
            registry.world.views.fail(.overloaded)
            let pending = await expectError(.recordTampered) { try await restarted.revoke("a") }
            #expect(pending?.detail["view"] == "pending")
            registry.world.views.fail(nil)
            let page = try await restarted.directory.page(RecordQuery())
            #expect(page.records.isEmpty)
            #expect(page.tampered == [genuine.record.name])
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

    /// What somebody does with the entry of a revocation so that nobody finds it by its version.
    enum Misfiling: CaseIterable {
        case nowhere, underAnother

        func plant(_ index: UInt64, _ registry: TestRegistry) async throws {
            let other = try await registry.record("other").key
            registry.world.store.tamper(.entryKey(index, self == .nowhere ? nil : other))
        }
    }

    @Test(
        "An older genuine row is refused even when the newer entry is filed elsewhere", arguments: Misfiling.allCases,
        [false, true])
    func olderRowOfMisfiledEntry(misfiling: Misfiling, isRunning: Bool) async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        try await registry.trust("other", ModelBytes.gguf(seed: 2))
        let trusted = registry.world.sealer.seal(try await registry.trust("a", ModelBytes.gguf()))
        let revoked = try await registry.revoke("a")
        try await registry.publisher.publish()
        registry.world.store.tamper(.record(trusted))
        try await misfiling.plant(revoked.headIndex, registry)
        let asked = isRunning ? registry : try await registry.restarted()
        // As if enough others had been asked for since.
        asked.directory.committed([revoked.name], logSize: 0)
        if !isRunning { #expect(try await asked.reconcile().newestEvents == .entries) }
        await expectError(.recordTampered) { try await asked.path("a") }
        await expectError(.recordTampered) { try await asked.promote("a") }
        await expectError(.recordTampered) { try await asked.quarantine("a") }
        #expect(asked.world.views.visible == [try ArtifactName(parsing: "other")])
        #expect(try await asked.path("other").isEmpty == false)
        // The log is what is believed: the index can be made anew from it.
        _ = try await Rebuild(store: asked.store, sealer: asked.world.sealer, publisher: asked.publisher).run()
        let mended = try await asked.restarted()
        #expect(try await mended.reconcile().newestEvents == .filing)
        #expect(try await mended.record("a") == revoked)
        try await mended.checkPromises()
    }

    @Test("A log whose end has no seal is read once, if all of it is signed, and sealed")
    func unsealedLog() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        try await registry.trust("a", ModelBytes.gguf())
        try await registry.publisher.publish()
        try await registry.world.store.write { transaction in try transaction.putHeadSeal([]) }
        let restarted = try await registry.restarted()
        #expect(try await restarted.reconcile().newestEvents == .signedEntries)
        #expect(try await restarted.path("a").isEmpty == false)
        #expect(try await restarted.restarted().reconcile().newestEvents == .filing)
        try await restarted.checkPromises()
        try await restarted.revoke("a")
        try await restarted.world.store.write { transaction in try transaction.putHeadSeal([]) }
        let refusing = try await restarted.restarted()
        await expectError(.recordTampered) { try await refusing.reconcile() }
        await expectError(.recordTampered) { try await refusing.path("a") }
        await expectError(.recordTampered) { try await refusing.acquire("b", ModelBytes.gguf(seed: 2)) }
    }

    @Test("One edited row keeps nobody from the others, fails the sweeps, and loses its view")
    func isolatedRow() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        for (seed, name) in ["a", "b", "c", "d"].enumerated() {
            try await registry.trust(name, ModelBytes.gguf(seed: UInt64(seed)))
        }
        var row = try #require(try await registry.store.record(try await registry.record("b").key))
        let genuine = row
        row.record.acquisition.source = "https://example.org/trustworthy"
        registry.world.store.tamper(.record(row))
        registry.world.blobs.rot(try await registry.record("d").acquisition.content.sha256, at: 300)

        let page = try await registry.directory.page(RecordQuery(limit: 2))
        #expect(page.records.map(\.name.description) == ["a"])
        #expect(page.tampered.map(\.description) == ["b"])
        #expect(page.next?.after?.description == "b")
        let result = try await registry.sweep.run(pace: .background)
        #expect(result.failures == 2)
        #expect(result.rows.map(\.name.description) == ["a", "b", "c", "d"])
        #expect(result.rows.map(\.status) == [.verified, .failed, .verified, .failed])
        #expect(result.rows[1].record == nil && result.rows[1].found == "record_tampered")
        #expect(registry.world.views.visible.map(\.description).sorted() == ["a", "c"])
        let tensors = try await registry.tensorCheck.checkAll()
        #expect(tensors.results.map(\.status) == [.verified, .failed, .verified, .failed])
        try await registry.viewKeeper.showAll()
        #expect(registry.world.views.visible.map(\.description).sorted() == ["a", "c"])

        registry.world.store.tamper(.record(genuine))
        try await registry.viewKeeper.follow(genuine.record.name)
        #expect(registry.world.views.visible.map(\.description).sorted() == ["a", "b", "c"])
    }

    @Test("Who revokes what somebody edited is told so, and the view is gone", arguments: [false, true])
    func revokeEditedRow(isByDigest: Bool) async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.trust("a", ModelBytes.gguf())
        var row = try #require(try await registry.store.record(try await registry.record("a").key))
        row.record.acquisition.source = "https://example.org/trustworthy"
        registry.world.store.tamper(.record(row))
        let name = row.record.name
        await expectError(.recordTampered) {
            if isByDigest {
                _ = try await registry.withdrawal.withdrawEverywhere(name, .revoke, reason: nil, TestRegistry.caller)
            } else {
                _ = try await registry.withdrawal.withdraw(name, .revoke, reason: nil, TestRegistry.caller)
            }
        }
        #expect(registry.world.views.visible.isEmpty)
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
            let genuine = try #require(registry.world.store.inspections(of: good).first)
            let report = try #require(try await registry.world.store.inspection(genuine))
            var forged = genuine
            forged.blob = bad
            forged.name = try await registry.record("bad").acquisition.content.filename
            let key = forged
            try await registry.world.store.write { try $0.putInspection(report, key) }
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
