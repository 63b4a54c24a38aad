import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Reading back what was pushed")
struct ReadBackTests {
    private static let model = ModelBytes.gguf()
    private let ci: Caller
    private let robot: Caller
    private let repository: RepositoryKey
    private let blob: Digest

    init() throws {
        ci = try TestRegistry.credential("ci")
        robot = try TestRegistry.credential("robot")
        repository = try TestRegistry.repository("team/a")
        blob = try Digest(hashing: Self.model)
    }

    /// Reads the manifest and the model as somebody who may push.
    private func read(
        _ version: Digest, from name: String = "team/a", as caller: Caller, _ registry: TestRegistry
    ) async throws -> [PullReceipt] {
        let key = try TestRegistry.repository(name)
        let manifest = try await registry.pull(version.description, from: name, .publisher(caller))
        #expect(try Digest(hashing: manifest.bytes) == version)
        let pulled = try await registry.distribution.repositories.blob(blob, in: key, .publisher(caller))
        #expect(pulled.digest == blob)
        return [manifest.receipt, pulled.receipt]
    }

    private func expectRefused(
        _ version: Digest, from name: String = "team/a", as caller: Caller, _ registry: TestRegistry
    ) async throws {
        let key = try TestRegistry.repository(name)
        await expectError(.notTrusted) {
            _ = try await registry.pull(version.description, from: name, .publisher(caller))
        }
        await expectError(.notTrusted) {
            _ = try await registry.distribution.repositories.blob(blob, in: key, .publisher(caller))
        }
    }

    private func readings(_ registry: TestRegistry) async throws -> [Actor] {
        try await registry.log().filter { $0.body.kind == .reviewed }.map(\.actor)
    }

    @Test("A credential reads back what it pushed, which is written down once; nobody else reads it")
    func ownVersion() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/a", tags: ["v1"], by: ci)
            for registry in [registry, try await registry.restarted()] {
                for receipt in try await read(pushed.version, as: ci, registry) {
                    guard case .returned(let artifact) = receipt else { throw TestFailure("\(receipt)") }
                    #expect(artifact.publisher == ci)
                    #expect(await registry.distribution.repositories.mayGoOn(receipt))
                }
                for other in [robot, TestRegistry.caller] {
                    try await expectRefused(pushed.version, as: other, registry)
                }
                await expectError(.notTrusted) { _ = try await registry.pull("v1", from: "team/a") }
                _ = try await registry.pull("v1", from: "team/a", .publisher(ci))
                // What was pushed is in this repository alone.
                await expectError(.artifactNotFound) {
                    _ = try await registry.pull(pushed.version.description, from: "team/b", .publisher(ci))
                }
            }
            // Once for each start of the registry, however many requests that took.
            #expect(try await readings(registry) == [ci.actor, ci.actor])
        }
    }

    @Test("The service token reads nothing back: a runtime may hold it")
    func serviceToken() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/a")
            try await expectRefused(pushed.version, as: TestRegistry.caller, registry)
            try await expectRefused(pushed.version, as: ci, registry)
            #expect(try await registry.record("team/a@\(pushed.version)").pushedBy.isEmpty)
        }
    }

    @Test("Whoever pushes the same manifest reads it back too, once, wherever it is")
    func secondPublisher() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.push(Self.model, to: "team/a", by: ci).version
            try await expectRefused(version, as: robot, registry)
            for _ in 0..<2 { try await registry.push(Self.model, to: "team/b", by: robot) }
            try await registry.push(Self.model, to: "team/a", by: ci)
            for (name, caller) in [("team/a", ci), ("team/b", robot), ("team/b", ci), ("team/a", robot)] {
                _ = try await read(version, from: name, as: caller, registry)
            }
            let name = "team/a@\(version)"
            #expect(try await registry.events(of: name) == [.acquired, .pushed])
            #expect(try await registry.record(name).pushedBy.map(\.description) == ["ci", "robot"])
        }
    }

    @Test("No more publishers of a version are kept than a record has room for")
    func bound() async throws {
        try await TestRegistry.scenario { registry in
            let callers = try (0...ArtifactRecord.publishersMax).map { try TestRegistry.credential("robot-\($0)") }
            var version: Digest?
            for caller in callers { version = try await registry.push(Self.model, to: "team/a", by: caller).version }
            let pushed = try #require(version)
            _ = try await read(pushed, as: callers[callers.count - 2], registry)
            try await expectRefused(pushed, as: callers[callers.count - 1], registry)
        }
    }

    @Test("What is trusted is read by the gate, and nothing is written down")
    func trusted() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/a", by: ci)
            try await registry.promote("team/a@\(pushed.version)")
            for receipt in try await read(pushed.version, as: ci, registry) {
                guard case .servable = receipt else { throw TestFailure("\(receipt)") }
            }
            #expect(try await readings(registry).isEmpty)
        }
    }

    @Test("What was put into quarantine, revoked or deleted is not read back, and what is under way is cut off")
    func withdrawn() async throws {
        for withdraw: @Sendable (TestRegistry, String) async throws -> Void in [
            { _ = try await $0.quarantine($1) }, { _ = try await $0.revoke($1) }, { _ = try await $0.delete($1) },
        ] {
            try await TestRegistry.scenario { registry in
                let pushed = try await registry.push(Self.model, to: "team/a", by: ci)
                let receipts = try await read(pushed.version, as: ci, registry)
                try await withdraw(registry, "team/a@\(pushed.version)")
                try await expectRefused(pushed.version, as: ci, registry)
                for receipt in receipts { #expect(await !registry.distribution.repositories.mayGoOn(receipt)) }
            }
        }
    }

    @Test("What is pushed again after it was deleted is read back by whoever pushed it then")
    func pushedAgain() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.push(Self.model, to: "team/a", by: ci).version
            try await registry.distribution.removal.remove(version, from: repository, ci)
            try await registry.push(Self.model, to: "team/a", by: robot)
            _ = try await read(version, as: robot, registry)
            try await expectRefused(version, as: ci, registry)
        }
    }

    @Test("Bytes that were taken out of use do not come back under another manifest")
    func namedAnew() async throws {
        try await TestRegistry.scenario { registry in
            let first = try await registry.push(Self.model, to: "team/a", by: ci)
            try await registry.revoke("team/a@\(first.version)")
            let second = try await registry.push(Self.model, as: "other.gguf", to: "team/a", by: ci)
            #expect(second.version != first.version)
            try await expectRefused(second.version, as: ci, registry)
        }
    }

    @Test("A row that somebody added a publisher to is refused")
    func forgedPublisher() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/a", by: ci)
            let key = try await registry.record("team/a@\(pushed.version)").key
            let genuine = try #require(try await registry.world.store.record(key))
            var row = genuine
            row.record.pushedBy.append(try PrincipalName(parsing: "robot"))
            registry.world.store.tamper(.record(row))
            let restarted = try await registry.restarted()
            await expectError(.recordTampered) {
                _ = try await restarted.pull(pushed.version.description, from: "team/a", .publisher(robot))
            }
            registry.world.store.tamper(.record(genuine))
        }
    }

    @Test("A record of an earlier program names nobody, is no damage, and the log says who pushed it")
    func earlierRecord() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.push(Self.model, to: "team/a", by: ci).version
            let name = "team/a@\(version)"
            var earlier = try await registry.record(name)
            earlier.pushedBy = []
            registry.world.store.tamper(.record(registry.world.sealer.seal(earlier)))
            let restarted = try await registry.restarted()
            try await expectRefused(version, as: ci, restarted)
            #expect(try await restarted.fsck(deep: false).problems == [])
            // Pushed once more, by the one who did and by another one.
            try await restarted.push(Self.model, to: "team/a", by: robot)
            try await restarted.push(Self.model, to: "team/a", by: ci)
            _ = try await read(version, as: ci, restarted)
            #expect(try await restarted.fsck(deep: false).problems == [])
            try await restarted.publisher.publish()
            _ = try await Rebuild(
                store: restarted.store, sealer: restarted.world.sealer, publisher: restarted.publisher
            ).run()
            let rebuilt = try await restarted.restarted()
            #expect(try await rebuilt.record(name).pushedBy.map(\.description) == ["ci", "robot"])
            _ = try await read(version, as: robot, rebuilt)
            #expect(try await rebuilt.fsck(deep: false).problems == [])
        }
    }
}
