import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing
import TransparencyLog

@Suite("History and the log")
struct HistoryTests {
    @Test("Events are listed oldest first, with the leaf's bytes, a page at a time")
    func events() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf(seed: 1))
            try await registry.trust("b", ModelBytes.gguf(seed: 2))
            try await registry.revoke("a", reason: "CVE")
            let name = try ArtifactName(parsing: "a")
            let all = try await registry.history.events(of: name, from: 0, limit: 100)
            #expect(
                all.map { $0.event.asObject?["event"] } == [
                    "acquired", "quarantined", "inspected", "promoted", "revoked",
                ])
            #expect(all.last?.event.asObject?["reason"] == "CVE")
            #expect(all.allSatisfy { $0.event.encoded() == $0.leaf })
            let second = try await registry.history.events(of: name, from: all[1].index + 1, limit: 2)
            #expect(second.map(\.index) == [all[2].index, all[3].index])
            #expect(try await registry.history.events(from: 0, limit: 100).map(\.index) == Array(0..<9))
            #expect(try await registry.history.events(from: 9, limit: 100).isEmpty)
            await expectError(.artifactNotFound) {
                try await registry.history.events(of: try ArtifactName(parsing: "none"), from: 0, limit: 1)
            }
        }
    }

    @Test("Every event names who caused it and in which request")
    func actors() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let caller = Caller(actor: .console, requestID: nil)
            _ = try await registry.withdrawal.withdraw(try ArtifactName(parsing: "a"), .delete, reason: nil, caller)
            let log = try await registry.log()
            #expect(log.dropLast().allSatisfy { $0.actor == .serviceToken && $0.requestID == "test" })
            #expect(log.last?.actor == .console)
            #expect(log.last?.requestID == nil)
        }
    }

    @Test("Tiles and bundles are served whole or not at all, and prove every event")
    func tiles() async throws {
        try await TestRegistry.scenario { registry in
            for seed in 0..<70 as Range<UInt64> { try await registry.trust("m\(seed)", ModelBytes.gguf(seed: seed)) }
            let head = try await registry.store.logHead()
            let log = LogReading(store: registry.store)
            let size = Int(head.size)
            #expect(size == 280)
            let full = try #require(try await log.tile(level: 0, index: 0, width: 256))
            let partial = try #require(try await log.tile(level: 0, index: 1, width: size - 256))
            #expect(try await log.tile(level: 0, index: 1, width: 256) == nil)
            #expect(try await log.tile(level: 0, index: 2, width: 1) == nil)
            #expect(try await log.tile(level: 0, index: 0, width: 0) == nil)
            #expect(try await log.tile(level: 0, index: .max, width: 1) == nil)
            let above = try #require(try await log.tile(level: 1, index: 0, width: 1))
            #expect(above == [MerkleHashing.root(of: full)])
            #expect(MerkleHashing.root(of: full + partial) == head.frontier.root)
            let bundles =
                try #require(try await log.entries(bundle: 0, width: 256))
                + (try #require(try await log.entries(bundle: 1, width: size - 256)))
            #expect(bundles.map { MerkleHashing.leaf($0) } == full + partial)
            #expect(try await log.entries(bundle: 1, width: 256) == nil)
        }
    }

    @Test("A listing is paged by names, filtered, and counted")
    func listing() async throws {
        try await TestRegistry.scenario { registry in
            for seed in 0..<7 as Range<UInt64> {
                try await registry.acquire("m\(seed)", ModelBytes.gguf(seed: seed), source: seed < 3 ? "hub" : "disk")
            }
            try await registry.promote("m1")
            try await registry.revoke("m2")
            var names: [String] = []
            var query = RecordQuery(limit: 3)
            while true {
                let page = try await registry.directory.page(query)
                names += page.records.map(\.name.description)
                guard let next = page.next else { break }
                query = next
            }
            #expect(names == (0..<7).map { "m\($0)" })
            let hub = try await registry.directory.page(RecordQuery(source: "hub")).records
            #expect(hub.map(\.name.description) == ["m0", "m1", "m2"])
            let trusted = try await registry.directory.page(RecordQuery(state: .trusted)).records
            #expect(trusted.map { registry.runtimePaths.listedPath(of: $0) } == ["/registry/trusted/m1/model.gguf"])
            #expect(registry.runtimePaths.listedPath(of: hub[0]) == nil)
            let counts = try await registry.directory.counts()
            #expect(counts.byState == [.acquired: 5, .trusted: 1, .revoked: 1])
            #expect(counts.total == 7)
        }
    }

    @Test("A store that does not answer is said not to answer, and nothing is served from memory alone")
    func storeDown() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let restarted = try await registry.restarted()
            registry.world.store.failReads(.unavailable(reason: "test"))
            await expectError(.storageUnavailable) { try await restarted.path("a") }
            await expectError(.storageUnavailable) { try await restarted.directory.counts() }
            await expectError(.storageUnavailable) { try await restarted.promote("a") }
            registry.world.store.failReads(nil)
            _ = try await restarted.path("a")
        }
    }
}
