import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Bytes of which nobody says what they are")
struct IntegrityDemandTests {
    private static func policy(_ more: String = "") -> String {
        """
        pratique: policy/v1
        name: strict
        version: "1"
        rules:
          - { id: all, effect: admit, when: { verdict: clean }, message: All. }
        require_integrity: true
        \(more)
        """
    }

    /// A way in, and what it does when the digest is stated or not.
    private struct Way: Sendable {
        var name: String
        var enter: @Sendable (TestRegistry, _ states: Bool) async throws -> Void
    }

    private static let bytes = ModelBytes.gguf()

    private static func order(_ states: Bool, _ name: String) throws -> IntakeOrder {
        let path = try RelativePath(parsing: "directory")
        let listing = try DirectoryListing.digest(of: [
            (path: try RelativePath(parsing: "model.gguf"), digest: try Digest(hashing: bytes))
        ])
        return IntakeOrder(
            name: try ArtifactName(parsing: name), bytes: .source(path), sha256: states ? listing : nil)
    }

    private static func push(_ registry: TestRegistry, _ states: Bool, tags: [String]) async throws {
        let manifest = try await registry.manifest([TestRegistry.Layer(bytes, title: "model.gguf")], in: "team/llama")
        try await registry.publish(
            manifest, in: "team/llama", tags: tags, digest: states ? try Digest(hashing: manifest) : nil)
    }

    private static let ways = [
        Way(name: "acquire of a directory") { registry, states in
            _ = try await registry.intake.acquire(try order(states, "team/a"), TestRegistry.caller)
        },
        Way(name: "promote of what is acquired by that") { registry, states in
            let order = PromotionOrder(
                name: try ArtifactName(parsing: "team/b"), intake: try order(states, "team/b"))
            _ = try await registry.promotion.promote(order, TestRegistry.caller)
        },
        Way(name: "push of a tag") { registry, states in try await push(registry, states, tags: ["v1"]) },
        Way(name: "push of several tags") { registry, states in try await push(registry, states, tags: ["a", "b"]) },
    ]

    private static func world() throws -> TestWorld {
        let world = try TestWorld()
        try world.sources.put(bytes, at: "directory/model.gguf")
        return world
    }

    @Test("Every way in refuses them where the policy is strict, and takes those whose digest is stated")
    func everyWay() async throws {
        for way in Self.ways {
            let registry = try await TestRegistry(try Self.world(), policy: Self.policy())
            await expectError(.integrityRequired) { try await way.enter(registry, false) }
            #expect(try await registry.log().isEmpty, "\(way.name)")
            try await way.enter(registry, true)
            #expect(try await !registry.log().isEmpty, "\(way.name)")
        }
    }

    @Test("A rule of verification that is about the artifact makes up for a digest, one about another does not")
    func rule() async throws {
        let signer = TestSigner()
        func rule(_ name: String) -> String {
            "verification:\n    names: [\(name)]\n    keys:\n\(signer.policyKey)"
        }
        for way in Self.ways where !way.name.hasPrefix("promote") {
            let covered = try await TestRegistry(try Self.world(), policy: Self.policy(rule("team/*")))
            try await way.enter(covered, false)
            let other = try await TestRegistry(try Self.world(), policy: Self.policy(rule("others/*")))
            await expectError(.integrityRequired) { try await way.enter(other, false) }
        }
    }

    @Test("Where the policy is not strict, nothing changes")
    func lenient() async throws {
        for way in Self.ways {
            try await way.enter(try await TestRegistry(try Self.world()), false)
        }
    }
}
