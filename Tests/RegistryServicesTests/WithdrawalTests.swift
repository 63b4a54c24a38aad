import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Synchronization
import Testing

@Suite("Withdrawal and quarantine")
struct WithdrawalTests {
    @Test("When a revocation is acknowledged, no door serves the artifact and its view is gone")
    func revoke() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            _ = try await registry.path("a")
            #expect(try await registry.revoke("a", reason: "CVE-2026-1").state == .revoked)
            let error = await expectError(.notTrusted) { try await registry.path("a") }
            #expect(error?.detail["reason"] == "CVE-2026-1")
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("Revoking, deleting and quarantining twice is done once", arguments: ["revoke", "delete", "quarantine"])
    func twice(action: String) async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let name = try ArtifactName(parsing: "a")
            func act() async throws -> Bool {
                switch action {
                case "revoke":
                    try await registry.withdrawal.withdraw(name, .revoke, reason: nil, TestRegistry.caller).already
                case "delete":
                    try await registry.withdrawal.withdraw(name, .delete, reason: nil, TestRegistry.caller).already
                default: try await registry.quarantine.quarantine(name, reason: nil, TestRegistry.caller).already
                }
            }
            #expect(try await act() == false)
            let events = try await registry.events(of: "a")
            #expect(try await act() == true)
            #expect(try await registry.events(of: "a") == events)
        }
    }

    @Test("A revocation whose answer was lost is in force")
    func lostAnswer() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            _ = try await registry.path("a")
            registry.world.store.failWrite(.unavailable(reason: "test"), .answerLost)
            await expectError(.storageUnavailable) { try await registry.revoke("a") }
            await expectError(.notTrusted) { try await registry.path("a") }
            #expect(try await registry.revoke("a").state == .revoked)
            #expect(try await registry.events(of: "a").filter { $0 == .revoked }.count == 1)
        }
    }

    @Test("Revoking by digest ends the trust of the bytes under every name")
    func everywhere() async throws {
        try await TestRegistry.scenario { registry in
            for name in ["a", "b", "c/d"] { try await registry.trust(name, ModelBytes.gguf()) }
            try await registry.acquire("e", ModelBytes.gguf())
            try await registry.trust("other", ModelBytes.gguf(seed: 2))
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: "b"), .revoke, reason: "bad", TestRegistry.caller)
            #expect(Set(outcome.names.map(\.description)) == ["a", "b", "c/d", "e"])
            for name in ["a", "b", "c/d", "e"] { #expect(try await registry.record(name).state == .revoked) }
            #expect(try await registry.record("other").state == .trusted)
            #expect(registry.world.views.visible.map(\.description) == ["other"])
        }
    }

    @Test("Revoking by digest reaches more names than are looked at together, in one change or not at all")
    func everywhereOverPages() async throws {
        try await TestRegistry.scenario { registry in
            let names = (0..<300).map { "n\($0)" }
            for name in names { try await registry.acquire(name, ModelBytes.gguf()) }
            for name in ["n7", "n299"] { try await registry.promote(name) }
            let size = try await registry.log().count
            registry.world.store.failWrite(.full, .lost)
            await expectError(.storageFull) {
                try await registry.withdrawal.withdrawEverywhere(
                    try ArtifactName(parsing: "n7"), .revoke, reason: nil, TestRegistry.caller)
            }
            #expect(try await registry.log().count == size)
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: "n7"), .revoke, reason: "bad", TestRegistry.caller)
            #expect(outcome.names.count == names.count)
            #expect(Set(outcome.names.map(\.description)) == Set(names))
            #expect(try await registry.log().count == size + names.count)
            for name in names { #expect(try await registry.record(name).state == .revoked) }
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("Revoking by digest reaches the other names when the named one was revoked before")
    func everywhereAgain() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.revoke("a")
            try await registry.trust("b", ModelBytes.gguf())
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: "a"), .revoke, reason: nil, TestRegistry.caller)
            #expect(outcome.already)
            #expect(try await registry.record("b").state == .revoked)
        }
    }

    @Test("Revoking a file by digest reaches the directories that hold it; revoking a directory, its equals alone")
    func everywhereInDirectories() async throws {
        try await TestRegistry.scenario { registry in
            let (shared, own) = (ModelBytes.gguf(seed: 1), ModelBytes.gguf(seed: 2))
            for directory in ["one", "two"] {
                try registry.world.sources.put(shared, at: "in/\(directory)/model.gguf")
                try registry.world.sources.put(own, at: "in/\(directory)/more.gguf")
            }
            for name in ["one", "two"] {
                let order = IntakeOrder(
                    name: try ArtifactName(parsing: name),
                    bytes: .source(try RelativePath(parsing: "in/\(name)")), sha256: nil, sizeBytes: nil, source: nil)
                _ = try await registry.intake.acquire(order, TestRegistry.caller)
                try await registry.promote(name)
            }
            try await registry.trust("file", shared)
            try await registry.trust("own", own)
            var outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: "file"), .revoke, reason: "bad", TestRegistry.caller)
            #expect(Set(outcome.names.map(\.description)) == ["file", "one", "two"])
            #expect(registry.world.views.visible.map(\.description) == ["own"])
            for name in ["file", "one", "two"] { try await registry.promote(name) }
            outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: "one"), .revoke, reason: "bad", TestRegistry.caller)
            #expect(Set(outcome.names.map(\.description)) == ["one", "two"])
            #expect(try await registry.record("file").state == .trusted)
        }
    }

    @Test("Revoking by digest reaches the other names when the named one was deleted, and says no when there are none")
    func everywhereAfterDelete() async throws {
        try await TestRegistry.scenario { registry in
            for name in ["a", "b"] { try await registry.trust(name, ModelBytes.gguf()) }
            try await registry.delete("a")
            let name = try ArtifactName(parsing: "a")
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                name, .revoke, reason: nil, TestRegistry.caller)
            #expect(outcome.names.map(\.description) == ["b"])
            #expect(outcome.record.state == .deleted)
            #expect(try await registry.record("b").state == .revoked)
            await expectError(.stateConflict) {
                try await registry.withdrawal.withdrawEverywhere(name, .revoke, reason: nil, TestRegistry.caller)
            }
        }
    }

    @Test("A twin that somebody edited does not protect the others from a revocation by digest")
    func everywhereBesideEdited() async throws {
        let registry = try await TestRegistry(try TestWorld())
        for name in ["a", "b", "c"] { try await registry.trust(name, ModelBytes.gguf()) }
        var row = try #require(try await registry.store.record(try await registry.record("b").key))
        row.record.acquisition.source = "https://example.org/trustworthy"
        registry.world.store.tamper(.record(row))
        let outcome = try await registry.withdrawal.withdrawEverywhere(
            try ArtifactName(parsing: "a"), .revoke, reason: nil, TestRegistry.caller)
        #expect(Set(outcome.names.map(\.description)) == ["a", "c"])
        #expect(try await registry.record("c").state == .revoked)
    }

    @Test("One view that cannot be withdrawn does not keep the others up")
    func viewFaultEverywhere() async throws {
        try await TestRegistry.scenario { registry in
            for name in ["a", "b", "c"] { try await registry.trust(name, ModelBytes.gguf()) }
            registry.world.views.failWithdrawal(of: try ArtifactName(parsing: "a"))
            await expectError(.internalError) {
                try await registry.withdrawal.withdrawEverywhere(
                    try ArtifactName(parsing: "a"), .revoke, reason: nil, TestRegistry.caller)
            }
            #expect(registry.world.views.visible.map(\.description) == ["a"])
            registry.world.views.failWithdrawal(of: nil)
            try await registry.viewKeeper.catchUp()
        }
    }

    @Test("What was deleted is gone for good, and says why")
    func delete() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            #expect(try await registry.delete("a", reason: "space").reason == "space")
            await expectError(.stateConflict) { try await registry.revoke("a") }
            await expectError(.stateConflict) { try await registry.quarantine("a") }
            await expectError(.notTrusted) { try await registry.path("a") }
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("Quarantine ends trust and inspects")
    func quarantine() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            let record = try await registry.quarantine("a", reason: "odd")
            #expect(record.state == .quarantined)
            #expect(record.inspection?.verdict == "clean")
            #expect(try await registry.events(of: "a") == [.acquired, .quarantined, .inspected])
            try await registry.promote("a")
            try await registry.quarantine("a")
            await expectError(.notTrusted) { try await registry.path("a") }
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("Quarantine stands when the inspection cannot be made")
    func quarantineOfDamage() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            registry.world.blobs.damage(record.acquisition.content.sha256, at: 300)
            #expect(try await registry.quarantine("a").state == .quarantined)
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("A view is withdrawn even when the manifest cannot be read")
    func unreadableManifest() async throws {
        try await TestRegistry.scenario(leaving: [.manifestDamaged]) { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            let restarted = try await registry.restarted()
            registry.world.store.tamper(.manifest(record.key.version, nil))
            try await restarted.revoke("a")
            #expect(registry.world.views.visible.isEmpty)
            await expectError(.notTrusted) { try await restarted.path("a") }
        }
    }

    @Test("A view that is being made when trust ends does not stay")
    func viewRace() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            let revocation = Mutex<Task<Void, any Error>?>(nil)
            registry.world.views.onPublish { _ in
                let task = Task { _ = try await registry.revoke("a") }
                revocation.withLock { $0 = task }
                while (try? await registry.world.store.counts().byState[.revoked]) != 1 { await Task.yield() }
            }
            try await registry.promote("a")
            try await revocation.withLock { $0 }?.value
            #expect(try await registry.record("a").state == .revoked)
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("A path that is asked for while trust ends is not given, and leaves no view")
    func pathRace() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            registry.world.views.lose(record.name)
            let once = Mutex(false)
            registry.world.blobs.onStep { step, _ in
                // The gate has let it pass; the view is not made yet.
                let isFirst =
                    step == .identity
                    && once.withLock { done in
                        defer { done = true }
                        return !done
                    }
                if isFirst { _ = try? await registry.revoke("a") }
            }
            await expectError(.notTrusted) { try await registry.path("a") }
            #expect(registry.world.views.visible.isEmpty)
        }
    }
}
