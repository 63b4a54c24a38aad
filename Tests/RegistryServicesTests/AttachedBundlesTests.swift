import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Attached bundles")
struct AttachedBundlesTests {
    private static func attach(
        _ bundle: [UInt8], _ name: String, _ registry: TestRegistry
    ) async throws -> (entry: EvidenceEntry, isNew: Bool) {
        try await registry.bundles.attach(bundle, to: try ArtifactName(parsing: name), TestRegistry.caller)
    }

    @Test("A bundle is evidence of its version, once, and stays so when the index is made anew")
    func kept() async throws {
        let signer = TestSigner()
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            let bundle = try signer.bundle(about: [version])
            let first = try await Self.attach(bundle, "a", registry)
            let again = try await Self.attach(bundle, "a", registry)
            #expect(first.isNew && !again.isNew)
            #expect(first.entry == again.entry)
            #expect(try await registry.events(of: "a") == [.acquired, .attested])
            let name = try ArtifactName(parsing: "a")
            #expect(try await registry.bundles.list(of: name) == [first.entry])
            let digest = try Digest(hashing: bundle).description
            #expect(try await registry.history.document(of: name, digest) == bundle)
            #expect(try await registry.fsck(deep: true).problems.isEmpty)
        }
    }

    @Test("What is no bundle, and what comes to something deleted or unknown, is refused and leaves no event")
    func refused() async throws {
        let signer = TestSigner()
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            let bundle = try signer.bundle(about: [version])
            for bytes in [[], Array("{}".utf8), Array("[1]".utf8), Array(bundle.dropLast())] {
                await expectError(.bundleInvalid) { _ = try await Self.attach(bytes, "a", registry) }
            }
            let long = [UInt8](repeating: 0x20, count: AttachedBundles.bundleBytesMax + 1)
            await expectError(.bodyTooLarge) { _ = try await Self.attach(long, "a", registry) }
            await expectError(.artifactNotFound) { _ = try await Self.attach(bundle, "b", registry) }
            try await registry.delete("a")
            await expectError(.stateConflict) { _ = try await Self.attach(bundle, "a", registry) }
            #expect(try await registry.events(of: "a") == [.acquired, .deleted])
        }
    }

    @Test("A version has so many bundles and no more")
    func limits() async throws {
        let signer = TestSigner()
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            for _ in 0..<AttachedBundles.countMax {
                _ = try await Self.attach(try signer.bundle(about: [version]), "a", registry)
            }
            await expectError(.tooManyBundles) {
                _ = try await Self.attach(try signer.bundle(about: [version]), "a", registry)
            }
        }
    }

    @Test("A bundle that somebody took out of the store or altered makes nothing trusted")
    func altered() async throws {
        let signer = TestSigner()
        let registry = try await TestRegistry(try TestWorld(), policy: SigningPolicy.keys([signer]))
        let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
        let bundle = try signer.bundle(about: [version])
        let digest = try await Self.attach(bundle, "a", registry).entry.digest
        registry.world.store.tamper(.evidenceDocument(digest, Array(bundle.dropLast()) + [0x20]))
        await expectError(.inspectionUndecided) { try await registry.promote("a") }
        registry.world.store.tamper(.evidenceDocument(digest, bundle))
        #expect(try await registry.promote("a").state == .trusted)
    }
}
