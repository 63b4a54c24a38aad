import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Synchronization
import Testing

@Suite("Damage that was found")
struct DamageTests {
    @Test("Bytes that rotted unnoticed by the file system are not believed again once they were read")
    func remembered() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            try await registry.memory.save()
            registry.world.blobs.rot(blob, at: 300)
            #expect(try await registry.sweep.run(pace: .full).failures == 1)
            await expectError(.integrityFailed) { try await registry.promote("a") }
            let restarted = try await registry.restarted()
            await expectError(.integrityFailed) { try await restarted.promote("a") }
            #expect(try await restarted.record("a").state == .quarantined)
        }
    }

    @Test("Whatever has the same bytes is put into quarantine with them")
    func shared() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            for number in 0..<200 { try await registry.trust("other/\(number)", ModelBytes.gguf()) }
            try await registry.trust("whole", ModelBytes.gguf(seed: 9))
            registry.world.blobs.rot(blob, at: 300)
            let a = try await registry.record("a")
            let files = try await registry.manifests.files(of: a.key)
            #expect(try await registry.verification.verify(a, files) != nil)
            #expect(try await registry.record("other/0").state == .quarantined)
            #expect(try await registry.record("other/199").state == .quarantined)
            #expect(registry.world.views.visible.map(\.description) == ["whole"])
            #expect(registry.alarms.count == 201)
        }
    }

    @Test("Files of one artifact that are equal are names of one blob, and no damage")
    func equalFiles() async throws {
        try await TestRegistry.scenario { registry in
            for path in ["a.txt", "b/c.txt", "b/d.txt"] {
                try registry.world.sources.put(Array("the same".utf8), at: "dup/\(path)")
            }
            let order = IntakeOrder(
                name: try ArtifactName(parsing: "dup"), bytes: .source(try RelativePath(parsing: "dup")), sha256: nil)
            _ = try await registry.intake.acquire(order, TestRegistry.caller)
            try await registry.promote("dup")
            #expect(try await registry.sweep.run(pace: .full).failures == 0)
            registry.world.blobs.linkElsewhere(try sha256("the same"))
            #expect(try await registry.sweep.run(pace: .full).failures == 1)
        }
    }

    @Test("A name that is gone a moment later was a view on its way")
    func passingName() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            registry.world.blobs.linkElsewhere(blob)
            let looks = Mutex(0)
            registry.world.blobs.onStep { step, digest in
                guard step == .identity, digest == blob else { return }
                let count = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                if count == 3 { registry.world.blobs.unlinkElsewhere(blob) }
            }
            #expect(try await registry.sweep.run(pace: .full).failures == 0)
            #expect(try await registry.record("a").state == .trusted)
        }
    }

    @Test("A view that shows something else than the verified bytes is put up anew")
    func otherView() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            registry.world.views.lose(record.name)
            #expect(try await registry.sweep.run(pace: .full).failures == 0)
            #expect(registry.world.views.visible == [record.name])
        }
    }

    @Test("Views that cannot be made do not keep later ones waiting")
    func stuckViews() async throws {
        try await TestRegistry.scenario { registry in
            for number in 0..<5 { try await registry.trust("m\(number)", ModelBytes.gguf(seed: UInt64(number))) }
            registry.world.views.failWithdrawal(of: try ArtifactName(parsing: "m0"))
            await expectError(.internalError) { try await registry.revoke("m0") }
            try await registry.world.store.write { transaction in
                for number in 1..<5 {
                    try transaction.putPendingView(of: try ArtifactName(parsing: "m\(number)"), in: .default)
                }
            }
            #expect(try await registry.viewKeeper.catchUp(pageSize: 1) >= 4)
            let left = try await registry.world.store.pendingViews(after: 0, limit: 10)
            #expect(Set(left.map(\.name.description)) == ["m0"])
            registry.world.views.failWithdrawal(of: nil)
            try await registry.viewKeeper.catchUp()
        }
    }

    private func sha256(_ text: String) throws -> Digest { try Digest(hashing: Array(text.utf8)) }
}
