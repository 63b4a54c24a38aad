import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing
import TransparencyLog

@Suite("Signed checkpoints")
struct LogPublisherTests {
    @Test("A checkpoint commits to everything that happened before it")
    func publish() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            #expect(try await registry.publisher.publish())
            #expect(try await registry.publisher.publish() == false)
            let note = try SignedNote(parsing: try #require(registry.publisher.note))
            _ = try note.verify(by: [registry.world.signer.verifier])
            let checkpoint = try Checkpoint(parsing: note.text)
            let head = try await registry.world.store.logHead()
            #expect(checkpoint.head == head.frontier.head)
            #expect(registry.publisher.signedSize == head.size)
            #expect(try await registry.world.checkpoints.fetch() == registry.publisher.note)
        }
    }

    @Test("A checkpoint that is older than the log is brought up to date by the next start")
    func stopBetween() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.publisher.publish()
            try await registry.revoke("a")
            let restarted = try await registry.restarted()
            try await restarted.publisher.load()
            #expect(try await restarted.publisher.publish())
            #expect(restarted.publisher.signedSize == (try await registry.world.store.logHead().size))
        }
    }

    @Test(
        "An entry that somebody appended is not signed by the next start, and nothing follows it",
        arguments: [false, true])
    func forgedEntry(wasSigned: Bool) async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        try await registry.trust("good", ModelBytes.gguf())
        try await registry.acquire("bad", [1, 2, 3, 4])
        await expectError(.policyRefused) { try await registry.promote("bad") }
        if wasSigned { try await registry.publisher.publish() }
        let note = try await registry.world.checkpoints.fetch()
        try await registry.forgePromotion(of: "bad", like: "good")
        let restarted = try await registry.restarted()
        await expectError(.recordTampered) { try await restarted.reconcile() }
        await expectError(.recordTampered) { try await restarted.publisher.publish() }
        #expect(try await registry.world.checkpoints.fetch() == note)
        await expectError(.recordTampered) {
            _ = try await Rebuild(
                store: registry.store, sealer: registry.world.sealer, publisher: registry.publisher
            ).run()
        }
    }

    @Test("An entry that somebody appends to the log of a running registry is not signed, and nothing follows it")
    func forgedEntryWhileRunning() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        try await registry.trust("good", ModelBytes.gguf())
        try await registry.acquire("bad", [1, 2, 3, 4])
        try await registry.publisher.publish()
        let note = try await registry.world.checkpoints.fetch()
        try await registry.forgePromotion(of: "bad", like: "good")
        await expectError(.recordTampered) { try await registry.publisher.publish() }
        await expectError(.recordTampered) { try await registry.acquire("next", ModelBytes.gguf(seed: 2)) }
        #expect(try await registry.world.checkpoints.fetch() == note)
    }

    @Test("A log that was rolled back behind its checkpoint refuses to start")
    func rolledBack() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.trust("a", ModelBytes.gguf())
        let before = registry.world.store.snapshot()
        try await registry.revoke("a")
        try await registry.publisher.publish()
        registry.world.store.restore(before)
        let restarted = try await registry.restarted()
        await expectError(.recordTampered) { try await restarted.publisher.load() }
    }

    @Test("A log of the same length with another history refuses to start", arguments: [false, true])
    func rewritten(grownSince: Bool) async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.trust("a", ModelBytes.gguf())
        let before = registry.world.store.snapshot()
        try await registry.revoke("a")
        try await registry.publisher.publish()
        registry.world.store.restore(before)
        let other = try await registry.restarted()
        try await other.delete("a")
        if grownSince { try await other.acquire("b", ModelBytes.gguf(seed: 2)) }
        let restarted = try await registry.restarted()
        await expectError(.recordTampered) { try await restarted.publisher.load() }
    }

    @Test("A checkpoint of another key, another log or no log at all refuses to start")
    func foreign() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.trust("a", ModelBytes.gguf())
        let head = try await registry.world.store.logHead().frontier.head
        let name = try #require(NoteKeyName("registry.test"))
        let stranger = try #require(NoteSigner(name: name, seed: Array(repeating: 7, count: 32)))
        let elsewhere = try #require(LogOrigin("elsewhere.test/log"))
        for note in [
            try Checkpoint(origin: registry.world.origin, head: head).signed(by: [stranger]).encoded,
            try Checkpoint(origin: elsewhere, head: head).signed(by: [registry.world.signer]).encoded,
            Array("nothing\n".utf8), [],
        ] {
            registry.world.checkpoints.kept = note
            await expectError(.recordTampered) { try await registry.publisher.load() }
        }
    }

    @Test("Many who publish at once do not stand in each other's way")
    func concurrent() async throws {
        try await TestRegistry.scenario { registry in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in 0..<32 as Range<UInt64> {
                    group.addTask {
                        try await registry.acquire("m\(seed)", ModelBytes.gguf(seed: seed))
                        try await registry.publisher.publish()
                    }
                }
                try await group.waitForAll()
            }
            #expect(registry.publisher.signedSize == 32)
        }
    }

    @Test("When the disk cannot say what is on it, the process stops")
    func syncFailed() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.acquire("a", ModelBytes.gguf())
        registry.world.store.failWrite(.syncFailed(reason: "test"), .lost)
        await expectError(.storageUnavailable) { try await registry.revoke("a") }
        #expect(registry.stops == [.syncFailed(reason: "test")])
    }
}
