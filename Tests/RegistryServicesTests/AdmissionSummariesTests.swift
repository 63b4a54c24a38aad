import Attestation
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import SignatureKeys
import StorageMemory
import StrictJSON
import Testing
import TransparencyLog

@Suite("Summaries of admissions")
struct AdmissionSummariesTests {
    private static let parsing = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 20)

    private static func envelope(_ name: String, _ registry: TestRegistry) async throws -> [UInt8] {
        try await registry.summaries.summary(of: try ArtifactName(parsing: name))
    }

    private static func verified(_ name: String, _ registry: TestRegistry) async throws -> VerifiedSummary {
        try VerifiedSummary(opening: try await envelope(name, registry), key: registry.world.signer.verifier)
    }

    /// What the log says about a summary, from its first entry to its last.
    private static func standing(_ summary: VerifiedSummary, _ registry: TestRegistry) async throws(SummaryRefusal) {
        var standing = SummaryStanding(of: summary)
        let entries = (try? await registry.store.entries(from: 0, limit: .max)) ?? []
        for entry in entries { standing.hear(entry.bytes, at: entry.index) }
        try standing.check(size: UInt64(entries.count))
    }

    private static func reason(_ body: () async throws(SummaryRefusal) -> Void) async -> SummaryReason? {
        do {
            try await body()
            return nil
        } catch { return error.reason }
    }

    @Test("An admission has a summary at once, of the decision that the log has, and it stays the same")
    func admission() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a/b", ModelBytes.gguf())
            let summary = try await Self.verified("a/b", registry)
            #expect(summary.artifact == record.key)
            #expect(summary.admittance == record.admittance)
            #expect(summary.decision.index == record.headIndex)
            #expect(summary.summary.verifierID == "https://\(registry.world.origin)")
            #expect(summary.summary.resourceURI == "https://models.example/v1/model/a/b")
            #expect(summary.summary.inputAttestations.isEmpty)
            #expect(summary.summary.verifiedLevels == ["SLSA_BUILD_LEVEL_UNEVALUATED", "PRATIQUE_INSPECTED_CLEAN"])
            #expect(try summary.subject(record.key.version) == summary.subjects.first)
            let file = try summary.subject(record.acquisition.content.sha256)
            #expect(file.name == record.acquisition.content.filename)
            try await Self.standing(summary, registry)
            let first = try await Self.envelope("a/b", registry)
            try await registry.trust("c", ModelBytes.gguf())
            #expect(try await Self.envelope("a/b", registry) == first)
            let restarted = try await registry.restarted()
            try await restarted.publisher.load()
            #expect(try await Self.envelope("a/b", restarted) == first)
        }
    }

    @Test("What is not trusted has none, and what is trusted again has another")
    func lifecycle() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            await expectError(.notTrusted) { _ = try await Self.envelope("a", registry) }
            await expectError(.artifactNotFound) { _ = try await Self.envelope("b", registry) }
            try await registry.promote("a")
            let first = try await Self.verified("a", registry)
            try await registry.quarantine("a")
            await expectError(.notTrusted) { _ = try await Self.envelope("a", registry) }
            #expect(
                await Self.reason { () async throws(SummaryRefusal) in try await Self.standing(first, registry) }
                    == .withdrawnSince)
            try await registry.promote("a")
            let second = try await Self.verified("a", registry)
            #expect(second.decision.index > first.decision.index)
            try await Self.standing(second, registry)
            #expect(
                await Self.reason { () async throws(SummaryRefusal) in try await Self.standing(first, registry) }
                    == .withdrawnSince)
            try await registry.revoke("a")
            #expect(
                await Self.reason { () async throws(SummaryRefusal) in try await Self.standing(second, registry) }
                    == .withdrawnSince)
            await expectError(.notTrusted) { _ = try await Self.envelope("a", registry) }
        }
    }

    @Test("What a policy wants signed is listed by its digest, and as no level of SLSA")
    func attestations() async throws {
        let signer = TestSigner()
        let registry = try await TestRegistry(try TestWorld(), policy: SigningPolicy.keys([signer]))
        let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
        let (bundle, stranger) = (try signer.bundle(about: [version]), try TestSigner().bundle(about: [version]))
        for bytes in [stranger, bundle] {
            _ = try await registry.bundles.attach(bytes, to: try ArtifactName(parsing: "a"), TestRegistry.caller)
        }
        try await registry.promote("a")
        let summary = try await Self.verified("a", registry).summary
        let digest = try Digest(hashing: bundle)
        #expect(summary.inputAttestations.map(\.digests) == [[.sha256: digest.bytes]])
        #expect(summary.inputAttestations.first?.uri == "https://models.example/v1/model/a/evidence/\(digest)")
        #expect(summary.reaches("PRATIQUE_SIGNATURES_VERIFIED"))
        #expect(!summary.reaches("PRATIQUE_PROVENANCE_VERIFIED"))
        #expect(!summary.reaches("SLSA_BUILD_LEVEL_0"))
    }

    private static func policy(denying name: String) -> String {
        """
        pratique: policy/v1
        name: by-name
        version: "\(name)"
        rules:
          - { id: named, effect: deny, when: { name: \(name) }, message: Named. }
          - { id: others, effect: admit, when: { verdict: clean }, message: Others. }
        on_recheck_failure: report
        """
    }

    @Test("What another policy admits, too, has a summary by it, and what it does not admit has none")
    func reinspected() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let first = try await Self.verified("a", registry)
            let other = try await registry.restarted(policy: Self.policy(denying: "nobody"))
            try await other.reconcile()
            #expect(try await other.reinspection.round())
            let second = try await Self.verified("a", other)
            #expect(second.admittance.policyDigest == other.policies.current.digest)
            #expect(second.admittance.policyDigest != first.admittance.policyDigest)
            for summary in [first, second] { try await Self.standing(summary, other) }
            let strict = try await registry.restarted(policy: Self.policy(denying: "a"))
            try await strict.reconcile()
            #expect(try await strict.reinspection.round())
            await expectError(.notTrusted) { _ = try await Self.envelope("a", strict) }
            #expect(
                await Self.reason { () async throws(SummaryRefusal) in try await Self.standing(second, strict) }
                    == .notAdmittedSince)
        }
    }

    @Test("Without the document of the decision, or with another one, nothing is signed")
    func evidence() async throws {
        let registry = try await TestRegistry(try TestWorld())
        let record = try await registry.trust("a", ModelBytes.gguf())
        let decision = try #require(record.admittance?.decision)
        registry.world.store.tamper(.evidenceDocument(decision, Array("{}".utf8)))
        await expectError(.recordTampered) { _ = try await Self.envelope("a", registry) }
    }

    @Test("Nobody who can write to the database gets the registry's name under what they wrote")
    func forged() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        try await registry.trust("good", ModelBytes.gguf())
        try await registry.publisher.publish()
        let index = try await registry.record("good").headIndex
        let entry = try #require(try await registry.store.entries(from: index, limit: 1).first)
        let forged = String(decoding: entry.bytes, as: UTF8.self).replacing("service-token", with: "service-broken")
        registry.world.store.tamper(.entry(index, Array(forged.utf8)))
        await expectError(.recordTampered) { _ = try await Self.envelope("good", registry) }
    }

    @Test("Every bit of a summary counts: with any other one it is refused")
    func flipped() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let (envelope, key) = (try await Self.envelope("a", registry), registry.world.signer.verifier)
            var believed: [Int] = []
            for bit in 0..<envelope.count * 8 {
                var changed = envelope
                changed[bit / 8] ^= 1 << (bit % 8)
                if (try? VerifiedSummary(opening: changed, key: key)) != nil { believed.append(bit) }
            }
            #expect(believed.isEmpty)
            for count in 0..<envelope.count {
                #expect(throws: SummaryRefusal.self) {
                    _ = try VerifiedSummary(opening: Array(envelope.prefix(count)), key: key)
                }
            }
        }
    }
}
