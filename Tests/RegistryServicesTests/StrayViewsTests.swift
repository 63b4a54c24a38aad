import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Views that nobody's trust explains")
struct StrayViewsTests {
    @Test("A view that nobody's trust explains is withdrawn")
    func strays() async throws {
        try await TestRegistry.scenario { registry in
            let bad = try await registry.trust("bad", ModelBytes.gguf())
            for seed in 1...5 as ClosedRange<UInt64> {
                try await registry.trust("m\(seed)", ModelBytes.gguf(seed: 10 + seed))
            }
            try await registry.revoke("bad")
            try await registry.viewKeeper.catchUp()
            let file = ViewedFile(path: try RelativePath(parsing: "model.gguf"), digest: bad.acquisition.content.sha256)
            registry.world.views.plant(bad.name, [file])
            registry.world.views.plant(try ArtifactName(parsing: "zzz/unheard"), [file])
            registry.world.views.plant(try ArtifactName(parsing: "aaa"), [file])
            let restarted = try await registry.restarted()
            try await restarted.reconcile()
            let withdrawn = try await restarted.strayViews.withdraw().withdrawn
            #expect(withdrawn.map(\.description) == ["aaa", "bad", "zzz/unheard"])
            #expect(registry.world.views.visible.map(\.description).sorted() == ["m1", "m2", "m3", "m4", "m5"])
            #expect(try await restarted.strayViews.withdraw() == StrayViews.Report())
        }
    }

    @Test("A row that was forged does not keep the registry from starting, and shows nothing")
    func forgedRow() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("good", ModelBytes.gguf(seed: 1))
            try await registry.trust("bad", ModelBytes.gguf(seed: 2))
            let revoked = try await registry.revoke("bad")
            try await registry.viewKeeper.catchUp()
            var row = try #require(try await registry.world.store.record(revoked.key))
            row.record.state = .trusted
            registry.world.store.tamper(.record(row))
            let file = ViewedFile(
                path: try RelativePath(parsing: "model.gguf"), digest: revoked.acquisition.content.sha256)
            registry.world.views.plant(revoked.name, [file])
            let restarted = try await registry.restarted()
            try await restarted.reconcile()
            #expect(try await restarted.strayViews.withdraw().withdrawn == [revoked.name])
            #expect(registry.world.views.visible.map(\.description) == ["good"])
            try await restarted.manifestView.writeIfStale()
            let manifest = String(decoding: try #require(registry.world.manifest.bytes), as: UTF8.self)
            #expect(manifest.contains("good"))
            #expect(!manifest.contains("bad"))
            registry.world.store.tamper(.record(registry.world.sealer.seal(revoked)))
        }
    }

    @Test("What becomes trusted while strays are looked for keeps its view")
    func promotedMeanwhile() async throws {
        try await TestRegistry.scenario { registry in
            // The look took the name for that of a stray, because it read its record a moment too early.
            let record = try await registry.trust("late", ModelBytes.gguf(seed: 1))
            #expect(try await registry.viewKeeper.withdrawUnlessTrusted(record.name) == false)
            #expect(registry.world.views.visible == [record.name])
            try await registry.revoke("late")
            #expect(try await registry.viewKeeper.withdrawUnlessTrusted(record.name) == true)
            try await registry.viewKeeper.catchUp()
        }
    }

    @Test("A stray that cannot be withdrawn is named and does not keep the others")
    func stuck() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf(seed: 1))
            try await registry.viewKeeper.catchUp()
            let file = ViewedFile(
                path: try RelativePath(parsing: "model.gguf"), digest: record.acquisition.content.sha256)
            let strays = try ["x", "y"].map { try ArtifactName(parsing: $0) }
            for stray in strays { registry.world.views.plant(stray, [file]) }
            registry.world.views.failWithdrawal(of: strays[0])
            #expect(
                try await registry.strayViews.withdraw()
                    == StrayViews.Report(withdrawn: [strays[1]], stuck: [strays[0]]))
            registry.world.views.failWithdrawal(of: nil)
            #expect(try await registry.strayViews.withdraw() == StrayViews.Report(withdrawn: [strays[0]], stuck: []))
        }
    }
}
