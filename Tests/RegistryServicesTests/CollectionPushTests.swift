import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Synchronization
import Testing

@Suite("Collection beside pushes")
struct CollectionPushTests {
    private static let caller = TestRegistry.caller

    /// Long after everything that was received so far.
    private static func collect(
        _ registry: TestRegistry, isRehearsal: Bool = false
    ) async throws -> RegistryServices.Collection.Result {
        try await registry.collection(idleSeconds: 0).collect(isRehearsal: isRehearsal)
    }

    private static func remove(_ version: Digest, from repository: String, _ registry: TestRegistry) async throws {
        try await registry.distribution.removal.remove(version, from: try TestRegistry.repository(repository), caller)
    }

    @Test("What was received stays for as long as it may wait for a manifest", arguments: TestStore.allCases)
    func received(kind: TestStore) async throws {
        try await kind.withStore { store in
            let registry = try await TestRegistry(try TestWorld(), store: store)
            let repository = try TestRegistry.repository("team/a")
            let early = try await registry.receive([1, 2, 3], in: "team/a")
            registry.world.clock.advance(seconds: 100)
            let late = try await registry.receive([4, 5], in: "team/a")
            let collection = registry.collection(idleSeconds: 50)
            #expect(try await collection.collect(isRehearsal: true).blobs == 1)
            #expect(try await store.wasReceived(early, since: .earliest))
            let result = try await collection.collect(isRehearsal: false)
            #expect(result.blobs == 1)
            #expect(result.bytes == 3)
            #expect(result.examined == 2)
            #expect(!registry.world.blobs.contains(early))
            #expect(registry.world.blobs.contains(late))
            #expect(try await !store.wasReceived(early, since: .earliest))
            #expect(try await store.hasBlob(late, in: repository, receivedSince: .earliest))
            registry.world.clock.advance(seconds: 100)
            #expect(try await registry.collection(idleSeconds: 50).collect(isRehearsal: false).blobs == 1)
        }
    }

    @Test("A blob stays while any repository has a manifest that names it, and goes with the last of them")
    func named() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            let version = try await registry.push(bytes, to: "team/a", tags: ["v1"]).version
            try await registry.push(bytes, to: "team/b")
            let blob = try Digest(hashing: bytes)
            registry.world.clock.advance(seconds: 1)
            try await Self.remove(version, from: "team/a", registry)
            #expect(try await Self.collect(registry).blobs == 0)
            try await Self.remove(version, from: "team/b", registry)
            #expect(try await Self.collect(registry).blobs == 2)
            #expect(!registry.world.blobs.contains(blob))
        }
    }

    @Test("What the model API deleted goes, though its manifest is in a repository still")
    func deleted() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.push(ModelBytes.gguf(), to: "team/a", tags: ["v1"]).version
            registry.world.clock.advance(seconds: 1)
            #expect(try await Self.collect(registry).blobs == 0)
            try await registry.delete("team/a@\(version)")
            #expect(try await Self.collect(registry).blobs == 2)
            try await registry.push(ModelBytes.gguf(), to: "team/a", tags: ["v1"])
            try await registry.promote("team/a@\(version)")
            _ = try await registry.pull("v1", from: "team/a")
        }
    }

    @Test("Every blob of a manifest stays, also one that no version consists of")
    func config() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("acquired", ModelBytes.gguf())
            let manifest = try #require(try await registry.store.manifest(record.key.version))
            let config = try Manifest(parsing: manifest).config.digest
            try await registry.receive(try #require(try await registry.store.manifest(config)), in: "team/b")
            try await registry.receive(ModelBytes.gguf(), in: "team/b")
            try await registry.publish(manifest, in: "team/b", tags: ["v1"])
            registry.world.clock.advance(seconds: 1)
            #expect(try await registry.store.uses(of: config).kept == 0)
            #expect(try await Self.collect(registry).blobs == 0)
            // A client that sees that everything is here sends no more than the manifest.
            try await registry.publish(manifest, in: "team/b", tags: ["v2"])
        }
    }

    @Test("Blobs under either algorithm stay, or go")
    func algorithms() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            let digest = try Digest(.sha512, hashing: bytes)
            let config = try await registry.receive(Array("{}".utf8), in: "team/a")
            try await registry.receive(bytes, in: "team/a", as: .sha512)
            let manifest = Manifest(
                artifactType: ModelPack.artifactType,
                config: Descriptor(mediaType: .empty, digest: config, size: 2),
                layers: [
                    Descriptor(mediaType: ModelPack.layer(.weight), digest: digest, size: UInt64(bytes.count))
                ])
            let version = try await registry.publish(manifest.encoded(), in: "team/a").version
            let orphan = try await registry.receive([9], in: "team/a", as: .sha512)
            registry.world.clock.advance(seconds: 1)
            #expect(try await Self.collect(registry).blobs == 1)
            #expect(!registry.world.blobs.contains(orphan))
            #expect(registry.world.blobs.contains(digest))
            try await Self.remove(version, from: "team/a", registry)
            #expect(try await Self.collect(registry).blobs == 2)
            #expect(!registry.world.blobs.contains(digest))
        }
    }

    /// What a push does that a collection could disturb.
    private static let moments: [MemoryBlobStore.Step] = [.stage, .keep, .open, .identity]

    @Test(
        "A push that names blobs that lay there unused loses none of them, whenever a collection runs",
        arguments: TestStore.allCases)
    func everyMoment(kind: TestStore) async throws {
        try await kind.withStore { store in
            let registry = try await TestRegistry(try TestWorld(), store: store)
            let models = (0..<4 as Range<UInt64>).map { ModelBytes.gguf(seed: $0) }
            for round in 0..<12 {
                // Left behind by manifests that are gone, and of nobody now.
                for model in models { _ = try registry.world.blobs.plant(model) }
                let collections = Mutex(0)
                let isRunning = Mutex(false)
                registry.world.blobs.onStep { step, _ in
                    guard Self.moments.contains(step) else { return }
                    let isFree = isRunning.withLock { running in
                        defer { running = true }
                        return !running
                    }
                    guard isFree else { return }
                    defer { isRunning.withLock { $0 = false } }
                    await #expect(throws: Never.self) {
                        try await registry.collection(idleSeconds: 3_600).collect(isRehearsal: false)
                    }
                    collections.withLock { $0 += 1 }
                }
                let layers = models.enumerated().map { number, bytes in
                    TestRegistry.Layer(bytes, title: "\(number)-\(round).gguf")
                }
                let version = try await registry.publish(
                    try await registry.manifest(layers, in: "team/a"), in: "team/a", tags: ["latest"]
                ).version
                registry.world.blobs.onStep(nil)
                #expect(collections.withLock { $0 } >= 10)
                registry.world.clock.advance(seconds: 7_200)
                #expect(try await registry.collection(idleSeconds: 3_600).collect(isRehearsal: false).blobs == 0)
                for model in models { #expect(registry.world.blobs.contains(try Digest(hashing: model))) }
                try await registry.promote("team/a@\(version)")
                _ = try await registry.pull("latest", from: "team/a")
                try await Self.remove(version, from: "team/a", registry)
                try await registry.viewKeeper.catchUp()
                if round % 2 == 0 { #expect(try await Self.collect(registry).blobs == 5) }
            }
            try await registry.checkPromises()
        }
    }

    @Test("Pushes, deletions and collections side by side lose nothing that is held", arguments: TestStore.allCases)
    func sideBySide(kind: TestStore) async throws {
        try await kind.withStore { store in
            let registry = try await TestRegistry(try TestWorld(), store: store)
            let isDone = Mutex(false)
            let collecting = Task {
                var removed: UInt64 = 0
                while !isDone.withLock({ $0 }) {
                    registry.world.clock.advance(seconds: 1)
                    removed += try await registry.collection(idleSeconds: 10).collect(isRehearsal: false).blobs
                    await Task.yield()
                }
                return removed
            }
            try await withThrowingTaskGroup(of: Void.self) { pushes in
                for client in 0..<4 {
                    pushes.addTask { try await Self.pushAndRemove(client, registry) }
                }
                try await pushes.waitForAll()
            }
            isDone.withLock { $0 = true }
            let removed = try await collecting.value
            registry.world.clock.advance(seconds: 100)
            #expect(removed + (try await Self.collect(registry).blobs) > 0)
            for client in 0..<4 {
                let repository = try TestRegistry.repository("team/r\(client)")
                for placed in try await store.manifests(in: repository, after: 0, limit: 100) {
                    let place = try #require(try await store.place(of: placed.version, in: repository))
                    for blob in place.blobs { #expect(registry.world.blobs.contains(blob)) }
                }
            }
            try await registry.checkPromises()
        }
    }

    /// Half of the blobs are those that all clients push, and delete, again and again.
    private static func pushAndRemove(_ client: Int, _ registry: TestRegistry) async throws {
        let repository = "team/r\(client)"
        for round in 0..<20 {
            let shared = ModelBytes.gguf(seed: UInt64(round % 3))
            let own = ModelBytes.gguf(seed: UInt64(1_000 + client * 100 + round % 2))
            let version = try await registry.pushUntilTaken(
                [.init(shared, title: "shared.gguf"), .init(own, title: "own.gguf")], to: repository, tags: ["v1"])
            for bytes in [shared, own] {
                #expect(registry.world.blobs.contains(try Digest(hashing: bytes)), "\(client), \(round)")
            }
            if round % 5 != 4 { try await remove(version, from: repository, registry) }
        }
    }

    @Test("Pushing again right after a collection took it works, again and again", arguments: TestStore.allCases)
    func again(kind: TestStore) async throws {
        try await kind.withStore { store in
            let registry = try await TestRegistry(try TestWorld(), store: store)
            let bytes = ModelBytes.gguf()
            for _ in 0..<25 {
                let version = try await registry.push(bytes, to: "team/a", tags: ["v1"]).version
                try await registry.promote("team/a@\(version)")
                _ = try await registry.pull("v1", from: "team/a")
                try await Self.remove(version, from: "team/a", registry)
                try await registry.viewKeeper.catchUp()
                registry.world.clock.advance(seconds: 1)
                #expect(try await Self.collect(registry).blobs == 2)
            }
            try await registry.checkPromises()
        }
    }
}
