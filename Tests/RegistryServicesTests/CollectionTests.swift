import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Synchronization
import Testing

@Suite("Collection")
struct CollectionTests {
    private static func collect(
        _ registry: TestRegistry, isRehearsal: Bool = false
    ) async throws -> RegistryServices.Collection.Result {
        try await registry.collection(idleSeconds: 0).collect(isRehearsal: isRehearsal)
    }

    @Test("It removes what no version keeps, and nothing else")
    func collect() async throws {
        try await TestRegistry.scenario { registry in
            for (seed, name) in ["a", "b", "c", "d"].enumerated() {
                try await registry.trust(name, ModelBytes.gguf(seed: UInt64(seed)))
            }
            try await registry.revoke("b")
            let gone = try await registry.delete("c").acquisition.content
            try await registry.delete("d")
            try await registry.trust("same-as-d", ModelBytes.gguf(seed: 3))
            let orphan = try registry.world.blobs.plant([1, 2, 3])
            let rehearsal = try await Self.collect(registry, isRehearsal: true)
            #expect(rehearsal.blobs == 2)
            #expect(rehearsal.bytes == gone.sizeBytes + 3)
            #expect(registry.world.blobs.contains(orphan))
            #expect(try await Self.collect(registry) == rehearsal)
            #expect(!registry.world.blobs.contains(orphan))
            #expect(!registry.world.blobs.contains(gone.sha256))
            #expect(try await Self.collect(registry).blobs == 0)
            for name in ["a", "same-as-d"] { _ = try await registry.path(name) }
            #expect(try await registry.promote("b").state == .trusted)
        }
    }

    @Test("A collection that stops at any removal goes on the next time", arguments: 0..<4)
    func interrupted(removals: Int) async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            for number in UInt8(0)..<4 { _ = try registry.world.blobs.plant([number]) }
            let count = Mutex(0)
            registry.world.blobs.onStep { step, _ in
                guard step == .remove else { return }
                let done = count.withLock { count in
                    count += 1
                    return count
                }
                if done > removals { registry.world.blobs.fail(.remove, .unavailable(reason: "test")) }
            }
            await expectError(.storageUnavailable) { try await Self.collect(registry) }
            #expect(registry.world.blobs.count == 5 - removals)
            registry.world.blobs.onStep(nil)
            registry.world.blobs.fail(.remove, nil)
            #expect(try await Self.collect(registry).blobs == 4 - UInt64(removals))
        }
    }

    @Test("When the counts and the records do not agree, a blob stays")
    func wrongCounts() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            let row = try #require(try await registry.store.record(record.key))
            registry.world.store.tamper(.noRecord(record.key))
            #expect(try await registry.store.uses(of: record.acquisition.content.sha256).kept == 0)
            #expect(try await Self.collect(registry).blobs == 0)
            registry.world.store.tamper(.record(row))
        }
    }

    @Test("A store that does not answer loses nothing")
    func noAnswer() async throws {
        try await TestRegistry.scenario { registry in
            let orphan = try registry.world.blobs.plant([1])
            registry.world.store.failReads(.unavailable(reason: "test"))
            await expectError(.storageUnavailable) { try await Self.collect(registry) }
            registry.world.store.failReads(nil)
            #expect(registry.world.blobs.contains(orphan))
        }
    }

    /// Moments of an acquisition at which a collection may run.
    private static let moments: [MemoryBlobStore.Step] = [.stage, .keep, .identity]

    @Test("Bytes that lie there unused are not taken away from who takes them in", arguments: moments, [false, true])
    func beside(moment: MemoryBlobStore.Step, isDirectory: Bool) async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            _ = try registry.world.blobs.plant(bytes)
            try registry.world.sources.put(bytes, at: "dir/model.gguf")
            let isCollecting = Mutex(false)
            registry.world.blobs.onStep { step, _ in
                let isFirst =
                    step == moment
                    && isCollecting.withLock { done in
                        defer { done = true }
                        return !done
                    }
                if isFirst { _ = try? await Self.collect(registry) }
            }
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "a"),
                bytes: .source(try RelativePath(parsing: isDirectory ? "dir" : "dir/model.gguf")),
                sha256: isDirectory ? nil : try Digest(hashing: bytes))
            _ = try await registry.intake.acquire(order, TestRegistry.caller)
            registry.world.blobs.onStep(nil)
            try await registry.promote("a")
            #expect(try await Self.collect(registry).blobs == 0)
            _ = try await registry.path("a")
        }
    }

    @Test("The first file of a directory is not taken away while the next one comes in")
    func betweenFiles() async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.put(ModelBytes.gguf(seed: 1), at: "dir/a.gguf")
            try registry.world.sources.put(ModelBytes.gguf(seed: 2), at: "dir/b.gguf")
            let first = try Digest(hashing: ModelBytes.gguf(seed: 1))
            let second = try Digest(hashing: ModelBytes.gguf(seed: 2))
            let isKept = Mutex(false)
            registry.world.blobs.onStep { step, digest in
                guard step == .keep, digest == second else { return }
                // They come in side by side.
                while !registry.world.blobs.contains(first) { await Task.yield() }
                isKept.withLock { $0 = true }
                _ = try? await Self.collect(registry)
            }
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "a"), bytes: .source(try RelativePath(parsing: "dir")), sha256: nil)
            _ = try await registry.intake.acquire(order, TestRegistry.caller)
            registry.world.blobs.onStep(nil)
            #expect(isKept.withLock { $0 })
            #expect(registry.world.blobs.contains(first))
        }
    }

    @Test("Who takes bytes in while they are being removed waits, and keeps them anew")
    func duringRemoval() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            _ = try registry.world.blobs.plant(bytes)
            let intake = Mutex<Task<Void, any Error>?>(nil)
            registry.world.blobs.onStep { step, _ in
                guard step == .remove else { return }
                let task = Task { _ = try await registry.acquire("a", bytes) }
                intake.withLock { $0 = task }
                // Long enough for it to arrive at the removal; it would keep nothing if it did not wait there.
                for _ in 0..<100 { await Task.yield() }
            }
            #expect(try await Self.collect(registry).blobs == 1)
            try await intake.withLock { $0 }?.value
            #expect(registry.world.blobs.contains(try Digest(hashing: bytes)))
        }
    }

    @Test("What failed to come in is not held for ever")
    func released() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            registry.world.store.failWrite(.full, .lost)
            await expectError(.storageFull) { try await registry.acquire("a", bytes) }
            let result = try await Self.collect(registry)
            #expect(result.blobs == 1)
        }
    }
}
