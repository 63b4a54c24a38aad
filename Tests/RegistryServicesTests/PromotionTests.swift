import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing

@Suite("Promotion")
struct PromotionTests {
    @Test("A file that has all the names that it can get is in no further trusted artifact, until one goes")
    func linkLimit() async throws {
        try await TestRegistry.scenario { registry in
            registry.world.views.limitLinks(to: 3)
            for name in ["a", "b"] { try await registry.trust(name, ModelBytes.gguf()) }
            try await registry.acquire("c", ModelBytes.gguf())
            let size = try await registry.log().count
            let refused = await expectError(.linkLimitReached) { try await registry.promote("c") }
            #expect(refused?.code.httpStatus == 507)
            #expect(try await registry.log().count == size)
            #expect(try await registry.record("c").state == .acquired)
            // What is trusted already needs no further name.
            try await registry.promote("b")
            _ = try await registry.path("b")
            try await registry.revoke("a")
            try await registry.promote("c")
            _ = try await registry.path("c")
            #expect(registry.alarms.isEmpty)
        }
    }

    /// Admits by name alone, so that a test can have anything trusted, or nothing.
    private static func policy(admitting name: String) -> String {
        """
        pratique: policy/v1
        name: by-name
        version: "\(name)"
        rules:
          - { id: named, effect: admit, when: { name: \(name) }, message: Named. }
        """
    }

    @Test("A promote passes through quarantine, inspection and decision, and is served afterwards")
    func admitted() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("org/model", ModelBytes.gguf(), filename: "tiny.gguf")
            let record = try await registry.promote("org/model")
            #expect(record.state == .trusted)
            #expect(record.inspection?.verdict == "clean")
            #expect(record.admittance?.policyDigest == registry.policies.current.digest)
            #expect(record.evidenceCount == 2)
            #expect(try await registry.events(of: "org/model") == [.acquired, .quarantined, .inspected, .promoted])
            #expect(try await registry.path("org/model") == "/registry/trusted/org/model/tiny.gguf")
            let evidence = try await registry.history.evidence(of: record.name)
            #expect(evidence.map(\.kind) == [.inspection, .decision])
            for entry in evidence {
                let document = try await registry.history.document(of: record.name, entry.digest.description)
                #expect(try Digest(hashing: document) == entry.digest)
            }
        }
    }

    @Test("A refused promote leaves the artifact in quarantine, and the refusal in the log")
    func refused() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", Array("#!/bin/sh\nrm -rf /\n".utf8), filename: "model.gguf")
            let error = await expectError(.policyRefused) { try await registry.promote("a") }
            #expect(error?.detail["reasons"]?.asArray?.isEmpty == false)
            #expect(try await registry.record("a").state == .quarantined)
            #expect(try await registry.events(of: "a") == [.acquired, .quarantined, .inspected, .refused])
            await expectError(.notTrusted) { try await registry.path("a") }
        }
    }

    @Test("An inspection that came to no result admits nothing, and may be repeated")
    func undecided() async throws {
        try await TestRegistry.scenario { registry in
            registry.world.inspector.breakDown()
            try await registry.acquire("a", ModelBytes.gguf())
            await expectError(.inspectionUndecided) { try await registry.promote("a") }
            #expect(try await registry.record("a").state == .quarantined)
            registry.world.inspector.breakDown(false)
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("Promoting what is trusted, by the same policy, writes nothing")
    func again() async throws {
        try await TestRegistry.scenario { registry in
            let first = try await registry.trust("a", ModelBytes.gguf())
            let size = try await registry.world.store.logHead().size
            #expect(try await registry.promote("a") == first)
            #expect(try await registry.world.store.logHead().size == size)
        }
    }

    @Test("What somebody claims is kept as a claim, and admits nothing")
    func claims() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", [1, 2, 3], filename: "a.bin")
            let claims: JSONValue = ["scan_results": ["everything": "passed"]]
            await expectError(.policyRefused) { try await registry.promote("a", claims: claims) }
            let record = try await registry.record("a")
            let digest = try #require(record.admittance?.claims)
            #expect(try await registry.history.document(of: record.name, digest.hex) == claims.encoded())
        }
    }

    @Test("A promote of other bytes than the caller means is refused")
    func otherBytes() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.acquire("a", ModelBytes.gguf())
            let order = PromotionOrder(name: record.name, sha256: try Digest(hashing: [1]))
            await expectError(.digestMismatch) { try await registry.promotion.promote(order, TestRegistry.caller) }
            #expect(try await registry.events(of: "a") == [.acquired])
        }
    }

    @Test("A promote that brings its bytes along acquires them first")
    func withIntake() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            try registry.world.sources.put(bytes, at: "tiny.gguf")
            let name = try ArtifactName(parsing: "a")
            let intake = IntakeOrder(
                name: name, bytes: .source(try RelativePath(parsing: "tiny.gguf")), sha256: try Digest(hashing: bytes))
            let order = PromotionOrder(name: name, sha256: try Digest(hashing: bytes), intake: intake)
            #expect(try await registry.promotion.promote(order, TestRegistry.caller).state == .trusted)
            #expect(try await registry.promotion.promote(order, TestRegistry.caller).state == .trusted)
            #expect(try await registry.events(of: "a").filter { $0 == .promoted }.count == 1)
        }
    }

    @Test("A caller that saw an older record is refused")
    func precondition() async throws {
        try await TestRegistry.scenario { registry in
            let seen = try await registry.acquire("a", ModelBytes.gguf()).headIndex
            try await registry.quarantine("a")
            await expectError(.preconditionFailed) { try await registry.promote("a", expectedHead: seen) }
            let now = try await registry.record("a").headIndex
            #expect(try await registry.promote("a", expectedHead: now).state == .trusted)
        }
    }

    @Test("Sixty-four promotes of one name at once leave exactly one event that promotes it")
    func concurrent() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            let codes = await withTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        do {
                            try await registry.promote("a")
                            return nil
                        } catch { return (error as? RegistryError)?.code ?? .internalError }
                    }
                }
                return await group.reduce(into: [ErrorCode?]()) { $0.append($1) }
            }
            #expect(codes.contains(nil))
            #expect(Set(codes.compactMap(\.self)).isSubset(of: [.concurrentChange]))
            #expect(try await registry.events(of: "a").filter { $0 == .promoted }.count == 1)
        }
    }

    @Test("A promote whose answer was lost stands, and repeating it writes nothing")
    func lostAnswer() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            registry.world.store.failWrite(.unavailable(reason: "test"), .answerLost)
            await expectError(.storageUnavailable) { try await registry.promote("a") }
            let size = try await registry.world.store.logHead().size
            #expect(try await registry.promote("a").state == .trusted)
            #expect(try await registry.world.store.logHead().size == size)
            #expect(try await registry.path("a").hasSuffix("model.gguf"))
        }
    }

    @Test("A promote that was lost on the way changed nothing, and is simply repeated")
    func lostWrite() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            registry.world.store.failWrite(.full, .lost)
            await expectError(.storageFull) { try await registry.promote("a") }
            #expect(try await registry.events(of: "a") == [.acquired])
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("When the policy no longer admits what is trusted, promoting it again ends its trust")
    func demoted() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let stricter = try await registry.restarted(policy: Self.policy(admitting: "other"))
            await expectError(.policyRefused) { try await stricter.promote("a") }
            #expect(try await stricter.record("a").state == .quarantined)
            #expect(registry.world.views.visible.isEmpty)
            await expectError(.notTrusted) { try await stricter.path("a") }
        }
    }

    @Test("Another policy that admits it as well is written down")
    func otherPolicy() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let other = try await registry.restarted(policy: Self.policy(admitting: "a"))
            #expect(try await other.promote("a").admittance?.policyVersion == "a")
            #expect(try await other.events(of: "a").filter { $0 == .promoted }.count == 2)
        }
    }

    @Test("What was revoked is judged anew, from quarantine on")
    func afterRevocation() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.revoke("a", reason: "CVE")
            #expect(try await registry.promote("a").state == .trusted)
            let events = try await registry.events(of: "a")
            #expect(events.suffix(3) == [.revoked, .quarantined, .promoted])
        }
    }

    @Test("A refusal of what was revoked leaves it revoked")
    func refusedAfterRevocation() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.revoke("a", reason: "CVE")
            let stricter = try await registry.restarted(policy: Self.policy(admitting: "other"))
            await expectError(.policyRefused) { try await stricter.promote("a") }
            #expect(try await stricter.record("a").state == .revoked)
            #expect(try await stricter.record("a").reason == "CVE")
        }
    }

    @Test("What was deleted, or never seen, cannot be promoted")
    func impossible() async throws {
        try await TestRegistry.scenario { registry in
            await expectError(.artifactNotFound) { try await registry.promote("a") }
            try await registry.acquire("a", ModelBytes.gguf())
            try await registry.delete("a")
            await expectError(.stateConflict) { try await registry.promote("a") }
        }
    }

    @Test("Bytes that changed since they were taken in are not promoted", arguments: [true, false])
    func damaged(lost: Bool) async throws {
        // One bit is found by `fsck --deep` only.
        try await TestRegistry.scenario(leaving: lost ? [.blobMissing] : []) { registry in
            let record = try await registry.acquire("a", ModelBytes.gguf())
            let blob = record.acquisition.content.sha256
            if lost { registry.world.blobs.lose(blob) } else { registry.world.blobs.damage(blob, at: 300) }
            await expectError(.integrityFailed) { try await registry.promote("a") }
            #expect(try await registry.record("a").state == .quarantined)
            #expect(registry.world.views.publications == 0)
            #expect(registry.alarms.map(\.name) == [record.name])
        }
    }

    @Test("A rehearsal decides as a promote would, and changes nothing")
    func rehearsal() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.acquire("a", ModelBytes.gguf())
            let size = try await registry.world.store.logHead().size
            let assessment = try await registry.promotion.rehearse(PromotionOrder(name: record.name))
            #expect(assessment.decision.outcome == .admitted)
            #expect(try await registry.world.store.logHead().size == size)
        }
    }

    @Test("A view that cannot be made does not take the admission back; whoever asks for the path makes it")
    func viewFault() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            registry.world.views.fail(.unavailable(reason: "test"))
            #expect(try await registry.promote("a").state == .trusted)
            #expect(registry.world.views.visible.isEmpty)
            await expectError(.storageUnavailable) { try await registry.path("a") }
            registry.world.views.fail(nil)
            #expect(try await registry.path("a").hasSuffix("a/model.gguf"))
        }
    }

    @Test("No event carries a time before an earlier one, whatever the clock does")
    func clockGoesBack() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            registry.world.clock.advance(seconds: -1_000)
            try await registry.promote("a")
            let restarted = try await registry.restarted()
            registry.world.clock.advance(seconds: -1_000)
            try await restarted.revoke("a")
            let times = try await restarted.log().map(\.time)
            #expect(times == times.sorted())
        }
    }
}
