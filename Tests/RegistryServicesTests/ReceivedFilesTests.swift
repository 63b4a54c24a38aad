import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Synchronization
import Testing

@Suite("Files of a set")
struct ReceivedFilesTests {
    private static let idleSeconds: Int64 = 600
    private static let contents: [String: [UInt8]] = [
        "config.json": Array("{}".utf8), "weights/a.gguf": ModelBytes.gguf(seed: 1),
        "weights/b.gguf": ModelBytes.gguf(seed: 2),
    ]

    private static func file(_ path: String) throws -> ArtifactFile {
        let bytes = contents[path] ?? []
        return ArtifactFile(
            path: try RelativePath(parsing: path), digest: try Digest(hashing: bytes), sizeBytes: UInt64(bytes.count))
    }

    private static func receive(_ registry: TestRegistry, _ paths: String...) async throws {
        for path in paths.isEmpty ? contents.keys.sorted() : paths {
            let file = try file(path)
            _ = try await registry.intake.received.receive(
                MemoryFile(contents[path] ?? []), at: file.path, expecting: file.digest)
        }
    }

    private static func acquire(
        _ registry: TestRegistry, _ name: String = "a"
    ) async throws -> (record: ArtifactRecord, isNew: Bool) {
        let set = try FileSet(checked: try contents.keys.map(file))
        return try await registry.intake.acquire(
            IntakeOrder(
                name: try ArtifactName(parsing: name), bytes: .set(set, filename: try RelativePath(parsing: "dir")),
                sha256: nil), TestRegistry.caller)
    }

    private static func collection(_ registry: TestRegistry) -> RegistryServices.Collection {
        registry.collection(idleSeconds: idleSeconds)
    }

    @Test("A set becomes the artifact that a directory with the same files becomes, and its leases end")
    func directory() async throws {
        try await TestRegistry.scenario { registry in
            try await Self.receive(registry)
            #expect(registry.world.leases.leased.count == 3)
            let made = try await Self.acquire(registry).record
            for (path, bytes) in Self.contents { try registry.world.sources.put(bytes, at: "dir/\(path)") }
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "b"), bytes: .source(try RelativePath(parsing: "dir")), sha256: nil)
            let acquired = try await registry.intake.acquire(order, TestRegistry.caller).record
            #expect(made.acquisition == acquired.acquisition)
            #expect(made.acquisition.format == "gguf")
            #expect(registry.world.leases.leased.isEmpty)
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("What came in was inspected and hashed then, and the acquire reads none of it again")
    func readOnce() async throws {
        try await TestRegistry.scenario { registry in
            try await Self.receive(registry)
            registry.world.blobs.onStep { step, _ in
                if [.stage, .keep, .open, .verify].contains(step) { Issue.record("\(step)") }
            }
            _ = try await Self.acquire(registry)
            registry.world.blobs.onStep(nil)
        }
    }

    @Test("Collection leaves received files alone until their time is over")
    func collected() async throws {
        try await TestRegistry.scenario { registry in
            try await Self.receive(registry)
            #expect(try await Self.collection(registry).collect(isRehearsal: false).blobs == 0)
            #expect(try await Self.collection(registry).collectAbandoned().blobs == 0)
            registry.world.clock.advance(seconds: Self.idleSeconds)
            try await Self.receive(registry, "config.json")
            registry.world.clock.advance(seconds: 1)
            #expect(try await Self.collection(registry).collectAbandoned().blobs == 2)
            #expect(registry.world.leases.leased == [try Self.file("config.json").digest])
            #expect(registry.world.blobs.count == 1)
            let error = await expectError(.sourceNotFound) { try await Self.acquire(registry) }
            #expect(error?.detail["missing"]?.asNumber?.uint64 == 2)
            try await Self.receive(registry, "weights/a.gguf", "weights/b.gguf")
            #expect(try await Self.acquire(registry).isNew)
            registry.world.clock.advance(seconds: Self.idleSeconds * 2)
            #expect(try await Self.collection(registry).collectAbandoned().blobs == 0)
            #expect(try await Self.collection(registry).collect(isRehearsal: false).blobs == 0)
            try await registry.promote("a")
        }
    }

    @Test("A lease of what some artifact uses ends, and the bytes stay")
    func usedAnyway() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("other", ModelBytes.gguf(seed: 1))
            try await Self.receive(registry, "weights/a.gguf")
            registry.world.clock.advance(seconds: Self.idleSeconds + 1)
            #expect(try await Self.collection(registry).collectAbandoned().blobs == 0)
            #expect(registry.world.leases.leased.isEmpty)
            #expect(registry.world.blobs.contains(try Self.file("weights/a.gguf").digest))
        }
    }

    @Test("A collection at any moment of an acquire takes none of its files", arguments: [true, false])
    func beside(endsLeases: Bool) async throws {
        try await TestRegistry.scenario { registry in
            try await Self.receive(registry)
            registry.world.clock.advance(seconds: Self.idleSeconds + 1)
            let isCollecting = Mutex(false)
            registry.world.blobs.onStep { step, _ in
                guard step == .identity,
                    !isCollecting.withLock({ done in
                        defer { done = true }
                        return done
                    })
                else { return }
                let collection = Self.collection(registry)
                _ =
                    endsLeases
                    ? try? await collection.collectAbandoned() : try? await collection.collect(isRehearsal: false)
            }
            _ = try await Self.acquire(registry)
            registry.world.blobs.onStep(nil)
            #expect(isCollecting.withLock { $0 })
            #expect(registry.world.blobs.count == 3)
            try await registry.promote("a")
        }
    }

    @Test("Repeating an acquire gives the same record, also when the files are gone from the leases")
    func again() async throws {
        try await TestRegistry.scenario { registry in
            try await Self.receive(registry)
            let first = try await Self.acquire(registry)
            let again = try await Self.acquire(registry)
            #expect(first.isNew)
            #expect(!again.isNew)
            #expect(again.record == first.record)
            try await registry.revoke("a")
            await expectError(.artifactExists) { try await Self.acquire(registry) }
        }
    }

    @Test("Files that some artifact has need not be received")
    func shared() async throws {
        try await TestRegistry.scenario { registry in
            try await Self.receive(registry)
            _ = try await Self.acquire(registry, "first")
            #expect(try await registry.intake.received.find(try Self.file("config.json").digest) == 2)
            #expect(try await Self.acquire(registry, "second").isNew)
        }
    }

    @Test("Bytes that nobody announced to be part of a set are not taken for it")
    func orphans() async throws {
        try await TestRegistry.scenario { registry in
            for (_, bytes) in Self.contents { _ = try registry.world.blobs.plant(bytes) }
            #expect(try await registry.intake.received.find(try Self.file("config.json").digest) == nil)
            await expectError(.sourceNotFound) { try await Self.acquire(registry) }
        }
    }

    @Test("A name that is taken refuses a set with other files")
    func taken() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf(seed: 9))
            try await Self.receive(registry)
            await expectError(.artifactExists) { try await Self.acquire(registry) }
        }
    }

    @Test("Sets that no directory can be do not exist", arguments: [["a", "a"], ["a", "a/b"], ["a/b/c", "a/b"], []])
    func impossible(paths: [String]) async throws {
        let digest = try Digest(hashing: [])
        let files = try paths.map {
            ArtifactFile(path: try RelativePath(parsing: $0), digest: digest, sizeBytes: 0)
        }
        await expectError(.invalidField) { try FileSet(checked: files) }
    }
}
