import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Synchronization
import Testing

@Suite("Intake")
struct IntakeTests {
    @Test("What comes in is acquired, kept and served to nobody")
    func acquired() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            let record = try await registry.acquire("org/model", bytes, filename: "tiny.gguf", source: "hub")
            #expect(record.state == .acquired)
            #expect(record.acquisition.format == "gguf")
            #expect(record.acquisition.source == "hub")
            #expect(record.acquisition.content.sha256 == (try Digest(hashing: bytes)))
            #expect(record.acquisition.content.filename == "tiny.gguf")
            #expect(registry.world.blobs.contains(try Digest(hashing: bytes)))
            let refusal = await expectError(.notTrusted) { try await registry.path("org/model") }
            #expect(refusal?.detail["state"] == "acquired")
        }
    }

    @Test("Acquiring the same bytes again gives the same record and no event")
    func idempotent() async throws {
        try await TestRegistry.scenario { registry in
            let first = try await registry.acquire("a", ModelBytes.gguf())
            #expect(try await registry.acquire("a", ModelBytes.gguf()) == first)
            #expect(try await registry.events(of: "a") == [.acquired])
        }
    }

    @Test("A file beneath the registry's directory is taken in by its digest")
    func fromSource() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            try registry.world.sources.put(bytes, at: "in/tiny.gguf")
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "a"), bytes: .source(try RelativePath(parsing: "in/tiny.gguf")),
                sha256: try Digest(hashing: bytes), sizeBytes: UInt64(bytes.count))
            let (record, isNew) = try await registry.intake.acquire(order, TestRegistry.caller)
            #expect(isNew)
            #expect(record.acquisition.content.filename == "tiny.gguf")
            #expect(try await registry.intake.acquire(order, TestRegistry.caller).isNew == false)
        }
    }

    @Test("A directory is one artifact with a layer for each file")
    func directory() async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.put(ModelBytes.gguf(seed: 1), at: "m/a/weights.gguf")
            try registry.world.sources.put(ModelBytes.gguf(seed: 2), at: "m/b.gguf")
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "dir"), bytes: .source(try RelativePath(parsing: "m")), sha256: nil)
            let record = try await registry.intake.acquire(order, TestRegistry.caller).record
            #expect(record.acquisition.content.layout == .directory)
            let files = try await registry.manifests.files(of: record.key)
            #expect(files.map(\.path.description) == ["a/weights.gguf", "b.gguf"])
            let listing = try DirectoryListing.digest(of: files.map { ($0.path, $0.digest) })
            #expect(record.acquisition.content.sha256 == listing)
            try await registry.promote("dir")
            #expect(try await registry.path("dir") == "/registry/trusted/dir")
        }
    }

    @Test("Acquiring a directory again without its digest gives the same record, and other bytes are refused")
    func directoryAgain() async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.put(ModelBytes.gguf(seed: 1), at: "m/a.gguf")
            try registry.world.sources.put(ModelBytes.gguf(seed: 2), at: "m/b.gguf")
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "dir"), bytes: .source(try RelativePath(parsing: "m")), sha256: nil)
            _ = try await registry.intake.acquire(order, TestRegistry.caller)
            let trusted = try await registry.promote("dir")
            let again = try await registry.intake.acquire(order, TestRegistry.caller)
            #expect(again.record == trusted)
            #expect(!again.isNew)
            try registry.world.sources.put(ModelBytes.gguf(seed: 3), at: "m/b.gguf")
            let error = await expectError(.artifactExists) {
                try await registry.intake.acquire(order, TestRegistry.caller)
            }
            #expect(error?.detail["state"] == "trusted")
            #expect(try await registry.record("dir") == trusted)
            try registry.world.sources.put(ModelBytes.gguf(seed: 2), at: "m/b.gguf")
            try await registry.revoke("dir")
            registry.world.blobs.onStep { step, _ in #expect(step != .stage, "read in vain") }
            await expectError(.artifactExists) { try await registry.intake.acquire(order, TestRegistry.caller) }
            registry.world.blobs.onStep(nil)
        }
    }

    @Test("The files of a directory are taken in several at a time", .timeLimit(.minutes(1)))
    func directoryAtOnce() async throws {
        try await TestRegistry.scenario { registry in
            for number in 0..<9 {
                try registry.world.sources.put(ModelBytes.gguf(seed: UInt64(number % 5)), at: "m/\(number)")
            }
            let arrived = Mutex((count: 0, waiting: [CheckedContinuation<Void, Never>]()))
            // The first three wait for each other.
            registry.world.blobs.onStep { step, _ in
                guard step == .keep else { return }
                await withCheckedContinuation { continuation in
                    let free = arrived.withLock { arrived in
                        arrived.count += 1
                        arrived.waiting.append(continuation)
                        guard arrived.count >= 3 else { return [CheckedContinuation<Void, Never>]() }
                        defer { arrived.waiting = [] }
                        return arrived.waiting
                    }
                    for continuation in free { continuation.resume() }
                }
            }
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "dir"), bytes: .source(try RelativePath(parsing: "m")), sha256: nil)
            let record = try await registry.intake.acquire(order, TestRegistry.caller).record
            let files = try await registry.manifests.files(of: record.key)
            #expect(files.map(\.path.description) == (0..<9).map(String.init))
            #expect(files[1].digest == files[6].digest)
            // Each was looked at once.
            #expect(registry.world.inspector.inspected.sorted() == (0..<9).map(String.init))
        }
    }

    @Test("An empty directory is no artifact")
    func emptyDirectory() async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.fail("void", .empty)
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "void"), bytes: .source(try RelativePath(parsing: "void")), sha256: nil)
            await expectError(.sourceRefused) { try await registry.intake.acquire(order, TestRegistry.caller) }
        }
    }

    @Test(
        "A source that cannot be trusted to stay what it is, is refused",
        arguments: [
            (SourceFault.link, ErrorCode.sourceRefused), (.severalLinks(path: "x"), .sourceRefused),
            (.notARegularFile(path: "x"), .sourceRefused), (.notFound, .sourceNotFound), (.ownFiles, .sourceRefused),
            (.storage(.changed), .sourceChanged), (.storage(.full), .storageFull),
        ])
    func sourceFaults(fault: SourceFault, code: ErrorCode) async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.fail("x", fault)
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "a"), bytes: .source(try RelativePath(parsing: "x")),
                sha256: try Digest(hashing: []))
            let error = await expectError(code) { try await registry.intake.acquire(order, TestRegistry.caller) }
            #expect(error?.message.contains("/") == false)
            await expectError(.artifactNotFound) { try await registry.record("a") }
        }
    }

    @Test("Bytes that hash to something else than was said are not kept")
    func digestMismatch() async throws {
        try await TestRegistry.scenario { registry in
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "a"),
                bytes: .received(MemoryFile(ModelBytes.gguf()), filename: try RelativePath(parsing: "a.gguf")),
                sha256: try Digest(hashing: [1]))
            let error = await expectError(.digestMismatch) {
                try await registry.intake.acquire(order, TestRegistry.caller)
            }
            #expect(error?.detail["actual"] == .string(try Digest(hashing: ModelBytes.gguf()).hex))
            #expect(registry.world.blobs.count == 0)
        }
    }

    @Test("More or fewer bytes than announced, or another format, are refused")
    func announcements() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            for (size, format, code) in [
                (UInt64(bytes.count) + 1, "gguf", ErrorCode.sizeMismatch), (UInt64(bytes.count), "onnx", .invalidField),
            ] {
                let order = IntakeOrder(
                    name: try ArtifactName(parsing: "a"),
                    bytes: .received(MemoryFile(bytes), filename: try RelativePath(parsing: "a.gguf")),
                    sha256: try Digest(hashing: bytes), sizeBytes: size, format: format)
                await expectError(code) { try await registry.intake.acquire(order, TestRegistry.caller) }
            }
            #expect(try await registry.world.store.logHead().size == 0)
        }
    }

    @Test("The same bytes under two names are two artifacts, each with a state of its own")
    func twoNames() async throws {
        try await TestRegistry.scenario { registry in
            let first = try await registry.trust("a", ModelBytes.gguf())
            let second = try await registry.acquire("b", ModelBytes.gguf())
            #expect(first.key != second.key)
            #expect(registry.world.blobs.count == 1)
            try await registry.revoke("b")
            #expect(try await registry.record("a").state == .trusted)
        }
    }

    @Test("Bytes that were revoked or deleted do not come back by being acquired again", arguments: [true, false])
    func noResurrection(revoked: Bool) async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            try await registry.trust("a", bytes)
            if revoked { try await registry.revoke("a") } else { try await registry.delete("a") }
            let before = try await registry.events(of: "a")
            for seed in [1, 2] as [UInt64] {
                let error = await expectError(.artifactExists) {
                    try await registry.acquire("a", ModelBytes.gguf(seed: seed))
                }
                #expect(error?.detail["state"] == (revoked ? "revoked" : "deleted"))
            }
            #expect(try await registry.events(of: "a") == before)
        }
    }

    @Test("Other bytes take a name only from ones that nobody was ever given")
    func replacing() async throws {
        try await TestRegistry.scenario { registry in
            let old = try await registry.acquire("a", ModelBytes.gguf(seed: 1))
            let new = try await registry.acquire("a", ModelBytes.gguf(seed: 2))
            #expect(try await registry.record("a") == new)
            #expect(try await registry.world.store.record(old.key)?.record.state == .deleted)
            try await registry.promote("a")
            await expectError(.artifactExists) { try await registry.acquire("a", ModelBytes.gguf(seed: 3)) }
        }
    }

    @Test("Bytes that were replaced under a name do not come back to it")
    func replacedStaysReplaced() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf(seed: 1))
            try await registry.acquire("a", ModelBytes.gguf(seed: 2))
            await expectError(.artifactExists) { try await registry.acquire("a", ModelBytes.gguf(seed: 1)) }
        }
    }

    @Test("No name is a folder of another", arguments: [("a/b", "a"), ("a", "a/b"), ("a/b/c", "a"), ("a", "a/b/c")])
    func folders(first: String, second: String) async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire(first, ModelBytes.gguf(seed: 1))
            await expectError(.nameConflict) { try await registry.acquire(second, ModelBytes.gguf(seed: 2)) }
            try await registry.acquire("a-b", ModelBytes.gguf(seed: 3))
            try await registry.acquire("ab", ModelBytes.gguf(seed: 4))
        }
    }

    @Test("A full disk is said to be full, and changes nothing")
    func full() async throws {
        try await TestRegistry.scenario { registry in
            registry.world.blobs.limit(toBytes: 10)
            await expectError(.storageFull) { try await registry.acquire("a", ModelBytes.gguf()) }
            await expectError(.artifactNotFound) { try await registry.record("a") }
        }
    }

    @Test("An acquisition whose answer was lost is found by repeating it")
    func lostAnswer() async throws {
        try await TestRegistry.scenario { registry in
            registry.world.store.failWrite(.unavailable(reason: "test"), .answerLost)
            await expectError(.storageUnavailable) { try await registry.acquire("a", ModelBytes.gguf()) }
            let record = try await registry.acquire("a", ModelBytes.gguf())
            #expect(record.state == .acquired)
            #expect(try await registry.events(of: "a") == [.acquired])
        }
    }

    @Test("An answer about a full disk says how much of it is kept free")
    func keptFree() {
        let error = RegistryError(StorageFault.keptFree(bytes: 64 << 20))
        #expect(error.code == .storageFull)
        #expect(error.message.contains("64 MiB"))
        #expect(error.detail["kept_free_bytes"]?.asNumber?.uint64 == 64 << 20)
    }

    @Test("Many people acquiring the same bytes at once make one record")
    func concurrent() async throws {
        try await TestRegistry.scenario { registry in
            let keys = try await withThrowingTaskGroup(of: ArtifactKey.self) { group in
                for _ in 0..<32 { group.addTask { try await registry.acquire("a", ModelBytes.gguf()).key } }
                return try await group.reduce(into: Set<ArtifactKey>()) { $0.insert($1) }
            }
            #expect(keys.count == 1)
            #expect(try await registry.events(of: "a") == [.acquired])
        }
    }
}
