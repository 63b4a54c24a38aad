import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

/// A registry in whose repositories everything happened that can happen to them.
enum PushedRegistry {
    static let repositories = ["team/a", "team/b", "team/empty", "team/index"]

    static func populate(_ registry: TestRegistry) async throws {
        try await registry.reconcile()
        let caller = TestRegistry.caller
        let removal = registry.distribution.removal
        let first = try await registry.push(ModelBytes.gguf(seed: 1), to: "team/a", tags: ["v1", "latest", "old"])
        try await registry.promote("team/a@\(first.version)")
        let second = try await registry.push(ModelBytes.gguf(seed: 2), to: "team/a", tags: ["v2", "latest"])
        try await registry.push(ModelBytes.gguf(seed: 1), to: "team/b", tags: ["from-a"])
        let (a, empty) = (try TestRegistry.repository("team/a"), try TestRegistry.repository("team/empty"))
        try await removal.remove(try TestRegistry.tag("old"), from: a, caller)
        // Deleted with its last repository, and brought back in another one.
        let third = try await registry.push(ModelBytes.gguf(seed: 3), to: "team/empty", tags: ["x"])
        try await removal.remove(third.version, from: empty, caller)
        try await registry.push(ModelBytes.gguf(seed: 3), to: "team/b")
        // In two repositories, and taken out of the one of its name.
        let fourth = try await registry.push(ModelBytes.gguf(seed: 4), to: "team/empty")
        try await registry.push(ModelBytes.gguf(seed: 4), to: "team/a", tags: ["moved"])
        try await removal.remove(fourth.version, from: empty, caller)
        let subject = Descriptor(mediaType: .imageManifest, digest: second.version, size: 1)
        for number in 0..<3 {
            let bytes = try await registry.manifest(
                [], in: "team/a", subject: subject, annotations: ["number": "\(number)"])
            try await registry.publish(bytes, in: "team/a")
        }
        try await pushIndex(registry)
        // Deleted by the model API: it stays in its repository, and nobody is given it.
        try await registry.delete("team/empty@\(fourth.version)")
        // What came in by the model API is in a repository besides.
        let acquired = try await registry.trust("acquired", ModelBytes.gguf(seed: 9))
        try await pushAcquired(acquired, registry)
        try await registry.viewKeeper.catchUp()
        try await registry.publisher.publish()
    }

    private static func pushAcquired(_ record: ArtifactRecord, _ registry: TestRegistry) async throws {
        let bytes = try #require(try await registry.store.manifest(record.key.version))
        let config = try Manifest(parsing: bytes).config.digest
        try await registry.receive(try #require(try await registry.store.manifest(config)), in: "team/b")
        try await registry.receive(ModelBytes.gguf(seed: 9), in: "team/b")
        try await registry.publish(bytes, in: "team/b", tags: ["acquired"])
    }

    private static func pushIndex(_ registry: TestRegistry) async throws {
        var children: [Descriptor] = []
        for seed in [UInt64(20), 21] {
            let bytes = try await registry.manifest(
                [.init(ModelBytes.gguf(seed: seed), title: "model.gguf")], in: "team/index")
            try await registry.publish(bytes, in: "team/index")
            children.append(
                Descriptor(mediaType: .imageManifest, digest: try Digest(hashing: bytes), size: UInt64(bytes.count)))
        }
        let index = ImageIndex(manifests: children).encoded()
        try await registry.publish(
            index, in: "team/index", tags: ["multi"], digest: try Digest(.sha512, hashing: index))
        try await registry.promote(try await registry.name("team/index:multi"))
    }
}

@Suite("Rebuilding repositories")
struct RepositoryRebuildTests {
    /// Everything that follows from the events about repositories.
    private struct Projections: Equatable {
        var names: [RepositoryName]
        var tags: [[SealedTag]] = []
        var manifests: [Set<Digest>] = []
        var places: [Digest: [Set<Digest>]] = [:]
        var referrers: [Digest: [StoredReferrer]] = [:]
        var parents: [Digest: Set<Digest>] = [:]
        var entries: [LogEntry]
        var filed: [[LogEntry]] = []
        var uses: [Digest: BlobUses] = [:]
        var named: [Digest: Bool] = [:]

        init(_ registry: TestRegistry) async throws {
            let store = registry.store
            names = try await store.repositories(in: .default, after: nil, limit: 1_000)
            entries = try await store.entries(from: 0, limit: .max)
            for name in PushedRegistry.repositories {
                let key = try TestRegistry.repository(name)
                tags.append(try await store.tags(in: key, after: nil, limit: 1_000))
                filed.append(
                    try await store.entries(of: EntryPlace(repository: key, tag: nil), before: nil, limit: 1_000))
                let versions = try await store.manifests(in: key, after: 0, limit: 1_000).map(\.version)
                manifests.append(Set(versions))
                for version in versions {
                    let place = try #require(try await store.place(of: version, in: key))
                    places[version, default: []] += [Set(place.blobs), Set(place.children)]
                    referrers[version, default: []] += try await store.referrers(
                        of: version, in: key, artifactType: nil, after: nil, limit: 1_000)
                    parents[version] = Set(
                        try await store.write { try $0.indexes(naming: version, in: .default, limit: 1_000) })
                }
            }
            for blob in try await registry.world.blobs.blobs(after: nil, limit: 1_000) {
                uses[blob.digest] = try await store.uses(of: blob.digest)
                named[blob.digest] = try await store.isNamed(blob.digest)
            }
        }
    }

    private static func rebuild(_ registry: TestRegistry) async throws -> Rebuild.Report {
        try await Rebuild(store: registry.store, sealer: registry.world.sealer, publisher: registry.publisher).run()
    }

    @Test("Replay gives the same places, tags, referrers and blobs", arguments: TestStore.allCases)
    func equal(kind: TestStore) async throws {
        try await kind.withStore { store in
            let registry = try await TestRegistry(try TestWorld(), store: store)
            try await PushedRegistry.populate(registry)
            let before = try await Projections(registry)
            #expect(before.names.map(\.description) == ["team/a", "team/b", "team/index"])
            #expect(before.tags.map(\.count) == [4, 2, 0, 1])
            #expect(before.referrers.values.contains { $0.count == 3 })
            #expect(before.parents.values.contains { !$0.isEmpty })
            let report = try await Self.rebuild(registry)
            #expect(report.missingManifests == 0)
            #expect(try await Projections(registry) == before)
            let restarted = try await registry.restarted()
            try await restarted.reconcile()
            try await restarted.checkPromises()
            _ = try await restarted.pull("v1", from: "team/a")
            _ = try await restarted.pull("multi", from: "team/index")
        }
    }

    @Test("Whatever was done to repositories is undone")
    func damaged() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await PushedRegistry.populate(registry)
        let before = try await Projections(registry)
        let store = registry.world.store
        let (a, b) = (try TestRegistry.repository("team/a"), try TestRegistry.repository("team/b"))
        var tag = try #require(try await store.tag(.latest, in: a))
        tag.version = try Digest(hashing: [7])
        store.tamper(.tag(tag, a))
        store.tamper(.noTag(try TestRegistry.tag("v1"), a))
        store.tamper(.tag(tag, b))
        store.tamper(.noPlace(try #require(before.manifests[0].first), a))
        store.tamper(.place(ManifestPlace(version: try Digest(hashing: [8]), blobs: [tag.version]), b))
        let tagged = try #require(before.entries.last { $0.place?.tag != nil })
        store.tamper(.entryPlace(tagged.index, nil))
        store.tamper(.entryPlace(0, tagged.place))
        #expect(try await registry.restarted().fsck(deep: false).isClean == false)
        _ = try await Self.rebuild(registry)
        #expect(try await Projections(registry) == before)
        let restarted = try await registry.restarted()
        try await restarted.reconcile()
        try await restarted.checkPromises()
    }

    @Test("A manifest whose bytes are gone keeps repositories from being made anew, unless it was deleted")
    func missing() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        let kept = try await registry.push(ModelBytes.gguf(seed: 1), to: "team/a", tags: ["v1"]).version
        let gone = try await registry.push(ModelBytes.gguf(seed: 2), to: "team/a", tags: ["v2"]).version
        try await registry.delete("team/a@\(gone)")
        try await registry.publisher.publish()
        let store = registry.world.store
        store.tamper(.manifest(gone, nil))
        #expect(try await Self.rebuild(registry).missingManifests == 1)
        store.tamper(.manifest(kept, nil))
        await expectError(.recordTampered) { try await Self.rebuild(registry) }
    }
}
