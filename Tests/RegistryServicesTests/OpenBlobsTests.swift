import OCI
import RegistryCore
import RegistryServices
import RegistryTesting
import Testing

@Suite("Repositories without a gate")
struct OpenBlobsTests {
    private static let model = ModelBytes.gguf()
    private let repository: RepositoryKey
    private let blob: Digest

    init() throws {
        repository = try TestRegistry.repository("mirror/only")
        blob = try Digest(hashing: Self.model)
    }

    /// Two layers, of which the first is the model.
    private func image(_ registry: TestRegistry, in repository: String, _ other: String) async throws -> String {
        let bytes = try await registry.manifest(
            [.init(Self.model, title: "model.gguf"), .init(Array(other.utf8), title: "README.md")], in: repository)
        return "\(repository)@\(try await registry.publish(bytes, in: repository).version)"
    }

    private func isRead(_ registry: TestRegistry, in name: String = "mirror/only") async throws -> Bool {
        let key = try TestRegistry.repository(name)
        do {
            let pulled = try await registry.distribution.repositories.blob(blob, in: key, .openRepository)
            #expect(await registry.distribution.repositories.mayGoOn(pulled.receipt))
            return true
        } catch {
            #expect(error.code == .notTrusted)
            return false
        }
    }

    @Test(
        "What was withdrawn is not read, neither its manifest nor its bytes, and what is under way is cut off",
        arguments: ["revoke", "delete", "quarantine"])
    func withdrawn(action: String) async throws {
        try await TestRegistry.scenario { registry in
            let name = "mirror/only@\(try await registry.push(Self.model, to: "mirror/only", tags: ["v1"]).version)"
            _ = try await registry.pull("v1", from: "mirror/only", .openRepository)
            let pulled = try await registry.distribution.repositories.blob(blob, in: repository, .openRepository)
            switch action {
            case "revoke": try await registry.revoke(name)
            case "delete": try await registry.delete(name)
            default: try await registry.quarantine(name)
            }
            await expectError(.notTrusted) { _ = try await registry.pull("v1", from: "mirror/only", .openRepository) }
            #expect(try await !isRead(registry))
            #expect(await !registry.distribution.repositories.mayGoOn(pulled.receipt))
            // Sending the bytes once more gives them to nobody.
            try await registry.receive(Self.model, in: "mirror/only")
            #expect(try await !isRead(registry))
            // Pushed again, what was deleted is as new.
            try await registry.push(Self.model, to: "mirror/only", tags: ["v1"])
            #expect(try await isRead(registry) == (action == "delete"))
        }
    }

    @Test("What another version of the repository has that is in use is read, and what was only received is")
    func inUse() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.receive(Self.model, in: "mirror/only")
            #expect(try await isRead(registry))
            let first = try await image(registry, in: "mirror/only", "one")
            _ = try await image(registry, in: "mirror/only", "two")
            try await registry.revoke(first)
            #expect(try await isRead(registry))
            let elsewhere = try await image(registry, in: "mirror/other", "three")
            try await registry.quarantine(elsewhere)
            #expect(try await isRead(registry))
            #expect(try await !isRead(registry, in: "mirror/other"))
            registry.world.clock.advance(seconds: 1)
            // Whoever names it anew does so because images share their lowest layers.
            _ = try await image(registry, in: "mirror/other", "four")
            #expect(try await isRead(registry, in: "mirror/other"))
        }
    }

    @Test("Bytes that were withdrawn elsewhere are not read before a version of this repository names them")
    func withdrawnElsewhere() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.revoke(try await image(registry, in: "team/sec", "one"))
            try await registry.receive(Self.model, in: "mirror/only")
            #expect(try await !isRead(registry))
        }
    }

    @Test(
        "Bytes that were revoked by their digest are read nowhere, however they are named, until somebody promotes them"
    )
    func revokedBytes() async throws {
        try await TestRegistry.scenario { registry in
            _ = try await image(registry, in: "mirror/only", "one")
            try await registry.acquire("file", Self.model)
            #expect(try await isRead(registry))
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: "file"), .revoke, reason: "malware", TestRegistry.caller)
            #expect(outcome.names.count == 2)
            #expect(try await !isRead(registry))
            registry.world.clock.advance(seconds: 1)
            let anew = try await image(registry, in: "mirror/only", "two")
            _ = try await image(registry, in: "mirror/second", "three")
            for name in ["mirror/only", "mirror/second"] { #expect(try await !isRead(registry, in: name)) }
            try await registry.promote(anew)
            for name in ["mirror/only", "mirror/second"] { #expect(try await isRead(registry, in: name)) }
        }
    }

    @Test("An artifact of the model API that was withdrawn is not read, and what was pushed beside it is")
    func besideArtifact() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("mirror/only", Self.model)
            #expect(try await isRead(registry))
            let pushed = try await image(registry, in: "mirror/only", "one")
            try await registry.quarantine("mirror/only")
            #expect(try await isRead(registry))
            try await registry.quarantine(pushed)
            #expect(try await !isRead(registry))
            await expectError(.notTrusted) {
                _ = try await registry.pull("latest", from: "mirror/only", .openRepository)
            }
        }
    }

    @Test("A blob is trusted somewhere when a trusted version names it")
    func trustedSomewhere() async throws {
        try await TestRegistry.scenario { registry in
            let door = registry.distribution.repositories
            let name = try await image(registry, in: "team/sec", "one")
            #expect(try await !door.isTrustedSomewhere(blob, in: .default))
            try await registry.promote(name)
            #expect(try await door.isTrustedSomewhere(blob, in: .default))
            try await registry.revoke(name)
            #expect(try await !door.isTrustedSomewhere(blob, in: .default))
        }
    }
}
