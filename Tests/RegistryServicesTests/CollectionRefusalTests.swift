import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Collection in a damaged store")
struct CollectionRefusalTests {
    private static func populated() async throws -> (registry: TestRegistry, blob: Digest, version: ArtifactKey) {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        let bytes = ModelBytes.gguf(seed: 1)
        let version = try await registry.push(bytes, to: "team/a", tags: ["v1"]).version
        try await registry.trust("acquired", ModelBytes.gguf(seed: 2))
        registry.world.clock.advance(seconds: 1)
        return (registry, try Digest(hashing: bytes), ArtifactKey(tenant: .default, version: version))
    }

    private static func collect(_ registry: TestRegistry) async throws -> RegistryServices.Collection.Result {
        try await registry.collection(idleSeconds: 0).collect(isRehearsal: false)
    }

    /// What empties the tables that say what is used.
    private static func empty(_ registry: TestRegistry, _ version: ArtifactKey) throws {
        registry.world.store.tamper(.uses(version, []))
        registry.world.store.tamper(.noPlace(version.version, try TestRegistry.repository("team/a")))
    }

    @Test("Where every index lost a blob, the manifests keep it, and that is said")
    func emptied() async throws {
        let (registry, blob, version) = try await Self.populated()
        try Self.empty(registry, version)
        let orphan = try registry.world.blobs.plant([1])
        let result = try await Self.collect(registry)
        #expect(result.disagreements == 2)
        #expect(result.blobs == 1)
        #expect(!registry.world.blobs.contains(orphan))
        #expect(registry.world.blobs.contains(blob))
        _ = try await Rebuild(
            store: registry.store, sealer: registry.world.sealer, publisher: registry.publisher
        ).run()
        #expect(try await Self.collect(registry).disagreements == 0)
        try await registry.checkPromises()
    }

    @Test("Where it cannot be known what is needed, nothing is removed", arguments: 0..<4)
    func unknown(damage: Int) async throws {
        let (registry, blob, version) = try await Self.populated()
        let record = try #require(try await registry.store.record(version))
        try Self.empty(registry, version)
        let orphan = try registry.world.blobs.plant([1])
        switch damage {
        case 0: registry.world.store.tamper(.noRecord(version))
        case 1: registry.world.store.tamper(.manifest(version.version, nil))
        case 2:
            var deleted = record
            deleted.record.state = .deleted
            registry.world.store.tamper(.record(deleted))
        default:
            for entry in try await registry.store.entries(of: version, from: 0, limit: 100) {
                registry.world.store.tamper(.entryKey(entry.index, nil))
            }
        }
        await expectError(.recordTampered) { _ = try await Self.collect(registry) }
        #expect(registry.world.blobs.contains(orphan))
        #expect(registry.world.blobs.contains(blob))
    }
}
