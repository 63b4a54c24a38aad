import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import SafeYAML
import StorageMemory
import StrictJSON
import Testing

@Suite("The manifest view")
struct ManifestViewTests {
    private static func models(_ registry: TestRegistry) throws -> [JSONObject] {
        let bytes = try #require(registry.world.manifest.bytes)
        let document = try SafeYAML.parse(bytes, limits: .artifactList)
        return try #require(document.asObject?["models"]?.asArray).compactMap(\.asObject)
    }

    @Test("It lists every artifact in the order of names, with its state")
    func contents() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("b", ModelBytes.gguf(seed: 1))
            try await registry.trust("a/x", ModelBytes.gguf(seed: 2))
            try await registry.revoke("a/x", reason: "CVE: \"x\"\n# no comment")
            try await registry.acquire("c", ModelBytes.gguf(seed: 3), source: "hub")
            #expect(try await registry.manifestView.writeIfStale())
            let models = try Self.models(registry)
            #expect(models.map { $0["name"] } == ["a/x", "b", "c"])
            #expect(models.map { $0["state"] } == ["revoked", "trusted", "acquired"])
            #expect(models[0]["reason"] == "CVE: \"x\"\n# no comment")
            #expect(models[1]["sha256"] == .string(try Digest(hashing: ModelBytes.gguf(seed: 1)).hex))
            #expect(models[1]["policy_version"] == "2")
            #expect(models[2]["source"] == "hub")
            let list = try BootList(parsing: try #require(registry.world.manifest.bytes))
            #expect(list.warnings.isEmpty)
            #expect(try list.entries.map { try $0.get().name.description } == ["a/x", "b", "c"])
        }
    }

    @Test("It has every artifact when there are several pages of them")
    func pages() async throws {
        try await TestRegistry.scenario(leaving: [.recordWithoutHistory]) { registry in
            let template = try await registry.acquire("m", ModelBytes.gguf())
            let sealer = registry.world.sealer
            let count = 2_500
            try await registry.world.store.write { transaction in
                for number in 0..<count {
                    var record = template
                    record.name = try ArtifactName(parsing: "n\(number)")
                    record.key.version = try Digest(hashing: Array("\(number)".utf8))
                    try transaction.put(sealer.seal(record))
                    try transaction.point(record.name, in: .default, at: record.key.version)
                }
            }
            registry.manifestView.invalidate()
            try await registry.manifestView.writeIfStale()
            let names = try Self.models(registry).compactMap { $0["name"]?.asString }
            #expect(names.count == count + 1)
            #expect(names == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        }
    }

    @Test("Nothing is written when nothing changed, and once for many changes")
    func stale() async throws {
        try await TestRegistry.scenario { registry in
            #expect(try await registry.manifestView.writeIfStale() == false)
            for seed in 0..<5 as Range<UInt64> { try await registry.trust("m\(seed)", ModelBytes.gguf(seed: seed)) }
            #expect(try await registry.manifestView.writeIfStale())
            #expect(try await registry.manifestView.writeIfStale() == false)
            #expect(registry.world.manifest.replacements == 1)
        }
    }

    @Test("The pause grows with what the last writing took")
    func pacing() async throws {
        try await TestRegistry.scenario { registry in
            #expect(registry.manifestView.pause == ManifestView.pauseMin)
            try await registry.acquire("a", ModelBytes.gguf())
            registry.world.manifest.onReplace { registry.world.timer.advance(by: .milliseconds(300)) }
            try await registry.manifestView.writeIfStale()
            #expect(registry.manifestView.pause == .milliseconds(300) * ManifestView.pauseFactor)
            registry.manifestView.invalidate()
            registry.world.manifest.onReplace { registry.world.timer.advance(by: .milliseconds(1)) }
            try await registry.manifestView.writeIfStale()
            #expect(registry.manifestView.pause == ManifestView.pauseMin)
        }
    }

    @Test("While it runs, changes become visible after the pause, and a failure is tried again")
    func run() async throws {
        try await TestRegistry.scenario { registry in
            registry.world.manifest.fail(.full)
            let faults = AsyncStream<ErrorCode>.makeStream()
            let task = Task {
                await registry.manifestView.run { error in
                    registry.world.manifest.fail(nil)
                    faults.continuation.yield(error.code)
                }
            }
            try await registry.acquire("a", ModelBytes.gguf())
            var codes = faults.stream.makeAsyncIterator()
            #expect(await codes.next() == .storageFull)
            while registry.world.manifest.replacements == 0 { await Task.yield() }
            #expect(try Self.models(registry).count == 1)
            #expect(registry.world.timer.slept.allSatisfy { $0 >= ManifestView.pauseMin })
            task.cancel()
            await task.value
        }
    }

    @Test("A change that comes while the file is written makes it stale again")
    func changeMeanwhile() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf(seed: 1))
            registry.world.manifest.onReplace { _ = try? await registry.acquire("b", ModelBytes.gguf(seed: 2)) }
            try await registry.manifestView.writeIfStale()
            registry.world.manifest.onReplace(nil)
            #expect(try await registry.manifestView.writeIfStale())
            #expect(try Self.models(registry).count == 2)
        }
    }

    @Test("A manifest that somebody edited is reported, written anew and not believed")
    func edited() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.revoke("a")
            try await registry.manifestView.writeIfStale()
            let genuine = try #require(registry.world.manifest.bytes)
            let text = String(decoding: genuine, as: UTF8.self)
            registry.world.manifest.bytes = Array(text.replacing("revoked", with: "trusted").utf8)
            registry.manifestView.invalidate()
            try await registry.manifestView.writeIfStale()
            #expect(registry.disagreements == [.edited])
            #expect(registry.world.manifest.bytes == genuine)
            #expect(try await registry.record("a").state == .revoked)
        }
    }

    @Test("An edit that was made while nobody looked is found by the first writing after the start")
    func editedMeanwhile() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.reconcile()
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.manifestView.writeIfStale()
            let genuine = String(decoding: try #require(registry.world.manifest.bytes), as: UTF8.self)
            let calm = try await registry.restarted()
            try await calm.reconcile()
            try await calm.manifestView.writeIfStale()
            #expect(calm.disagreements.isEmpty)
            registry.world.manifest.bytes = Array(genuine.replacing("trusted", with: "revoked").utf8)
            let restarted = try await registry.restarted()
            try await restarted.reconcile()
            try await restarted.manifestView.writeIfStale()
            #expect(restarted.disagreements == [.edited])
        }
    }

    @Test("A manifest of another log, a longer log or none is reported at the start")
    func otherLogs() async throws {
        let other = try await TestRegistry(try TestWorld())
        try await other.trust("x", ModelBytes.gguf(seed: 9))
        try await other.manifestView.writeIfStale()
        let foreign = try #require(other.world.manifest.bytes)
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf(seed: 1))
            registry.world.manifest.bytes = foreign
            #expect(try await registry.manifestView.check() == .otherHistory(size: 4))
            registry.world.manifest.bytes = Array("version: 1\nmodels: []\n".utf8)
            #expect(try await registry.manifestView.check() == .foreign)
            registry.world.manifest.bytes = []
            #expect(try await registry.manifestView.check() == .foreign)
            registry.world.manifest.bytes = nil
            #expect(try await registry.manifestView.check() == nil)
            try await registry.manifestView.writeIfStale()
            #expect(try await registry.manifestView.check() == nil)
            try await registry.acquire("b", ModelBytes.gguf(seed: 2))
            #expect(try await registry.manifestView.check() == nil)
            let line = "# pratique manifest/v1 log_size=999 log_root=\(Array(repeating: "A", count: 43).joined())=\n"
            registry.world.manifest.bytes = Array(line.utf8)
            #expect(try await registry.manifestView.check() == .ahead(of: 5, size: 999))
            registry.world.manifest.bytes = Array(line.replacing("=999", with: "=0999").utf8)
            #expect(try await registry.manifestView.check() == .foreign)
        }
    }
}
