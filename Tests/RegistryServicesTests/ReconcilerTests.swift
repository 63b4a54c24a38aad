import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing

@Suite("Starting")
struct ReconcilerTests {
    @Test("The first start names the policy, signs the log and writes the manifest")
    func first() async throws {
        try await TestRegistry.scenario { registry in
            let report = try await registry.reconcile()
            #expect(report.seed == nil)
            #expect(try await registry.log().map(\.body.kind) == [.policyActivated])
            #expect(registry.publisher.signedSize == 1)
            #expect(try await registry.manifestView.writeIfStale())
        }
    }

    @Test("A start that finds everything as it should be writes nothing into the log")
    func quiet() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.reconcile()
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.restarted().reconcile()
            let size = try await registry.world.store.logHead().size
            let report = try await registry.restarted().reconcile()
            #expect(try await registry.world.store.logHead().size == size)
            #expect(report.views == 0)
            #expect(report.stuckViews.isEmpty)
        }
    }

    @Test("Another policy is named at the start, the same one is not named twice")
    func policy() async throws {
        let other = Policy.defaultDocument.replacing("version: \"2\"", with: "version: \"3\"")
        try await TestRegistry.scenario { registry in
            try await registry.reconcile()
            try await registry.restarted(policy: other).reconcile()
            try await registry.restarted(policy: other).reconcile()
            try await registry.restarted().reconcile()
            let versions = try await registry.log().compactMap { event -> String? in
                if case .policyActivated(let version, _) = event.body { version } else { nil }
            }
            #expect(versions == ["2", "3", "2"])
        }
    }

    @Test("A view that a crash kept from being made is made, one that was to go goes")
    func views() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf(seed: 1))
            try await registry.trust("b", ModelBytes.gguf(seed: 2))
            try await registry.viewKeeper.catchUp()
            registry.world.views.fail(.unavailable(reason: "test"))
            await expectError(.internalError) { try await registry.revoke("a") }
            try await registry.trust("c", ModelBytes.gguf(seed: 3))
            registry.world.views.fail(nil)
            #expect(registry.world.views.visible.map(\.description).sorted() == ["a", "b"])
            let report = try await registry.restarted().reconcile()
            #expect(report.views == 2)
            #expect(registry.world.views.visible.map(\.description).sorted() == ["b", "c"])
        }
    }

    @Test("A view that cannot be made keeps nobody from starting")
    func stuck() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.viewKeeper.catchUp()
            registry.world.views.failWithdrawal(of: try ArtifactName(parsing: "a"))
            await expectError(.internalError) { try await registry.delete("a") }
            let report = try await registry.restarted().reconcile()
            #expect(report.stuckViews.map(\.description) == ["a"])
            registry.world.views.failWithdrawal(of: nil)
            #expect(try await registry.restarted().reconcile().views == 1)
        }
    }

    @Test("What interrupted work left in staging is discarded")
    func staging() async throws {
        try await TestRegistry.scenario { registry in
            registry.world.blobs.leaveStaging(bytes: 77)
            let report = try await registry.reconcile()
            #expect(report.discardedBytes == 77)
            #expect(try await registry.reconcile().discardedBytes == 0)
        }
    }

    @Test("A history that is not intact stops the start before anything is changed")
    func rolledBack() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await registry.reconcile()
        let before = registry.world.store.snapshot()
        try await registry.trust("a", ModelBytes.gguf())
        try await registry.publisher.publish()
        registry.world.store.restore(before)
        registry.world.blobs.leaveStaging(bytes: 77)
        let restarted = try await registry.restarted()
        await expectError(.recordTampered) { try await restarted.reconcile() }
        #expect(try await registry.world.store.logHead().size == 1)
        #expect(try await registry.world.blobs.discardLeftovers() == 77)
    }
}
