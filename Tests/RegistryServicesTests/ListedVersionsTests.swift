import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Indexes that are withdrawn")
struct ListedVersionsTests {
    private static let repository = "team/idx"

    /// An index of what was pushed already.
    private func index(
        _ registry: TestRegistry, of parts: [(name: String, mediaType: MediaType)], tags: [String]
    ) async throws -> String {
        var descriptors: [Descriptor] = []
        for part in parts {
            let version = try await registry.record(part.name).key.version
            let bytes = try #require(try await registry.store.manifest(version))
            descriptors.append(Descriptor(mediaType: part.mediaType, digest: version, size: UInt64(bytes.count)))
        }
        let pushed = try await registry.publish(
            ImageIndex(manifests: descriptors).encoded(), in: Self.repository, tags: tags)
        return "\(Self.repository)@\(pushed.version)"
    }

    private func index(
        _ registry: TestRegistry, of names: [String], tags: [String]
    ) async throws -> String {
        try await index(registry, of: names.map { ($0, .imageManifest) }, tags: tags)
    }

    private func model(_ registry: TestRegistry, _ seed: UInt64, tags: [String] = []) async throws -> String {
        let pushed = try await registry.push(ModelBytes.gguf(seed: seed), to: Self.repository, tags: tags)
        return "\(Self.repository)@\(pushed.version)"
    }

    private func states(_ registry: TestRegistry, _ names: [String]) async throws -> [ArtifactState] {
        var states: [ArtifactState] = []
        for name in names { states.append(try await registry.record(name).state) }
        return states
    }

    private func withdraw(
        _ registry: TestRegistry, _ action: String, _ name: String
    ) async throws -> WithdrawnVersions {
        let name = try ArtifactName(parsing: name)
        return switch action {
        case "revoke": try await registry.withdrawal.withdraw(name, .revoke, reason: "bad", TestRegistry.caller)
        case "delete": try await registry.withdrawal.withdraw(name, .delete, reason: "bad", TestRegistry.caller)
        default: try await registry.quarantine.quarantine(name, reason: "bad", TestRegistry.caller)
        }
    }

    private static let actions: [(String, ArtifactState)] = [
        ("revoke", .revoked), ("delete", .deleted), ("quarantine", .quarantined),
    ]

    @Test("What an index lists goes with it, in one change, each with an event of its own", arguments: actions)
    func children(action: String, state: ArtifactState) async throws {
        try await TestRegistry.scenario { registry in
            let parts = [try await model(registry, 1), try await model(registry, 2)]
            let inner = try await index(registry, of: [parts[1]], tags: [])
            let name = try await index(
                registry, of: [(parts[0], .imageManifest), (inner, .imageIndex)], tags: ["multi"])
            try await registry.promote(name)
            let all = [name, inner] + parts
            #expect(try await states(registry, all) == Array(repeating: .trusted, count: 4))
            let size = try await registry.log().count
            registry.world.store.failWrite(.full, .lost)
            await expectError(.storageFull) { _ = try await withdraw(registry, action, name) }
            #expect(try await registry.log().count == size)
            let outcome = try await withdraw(registry, action, name)
            #expect(!outcome.already)
            #expect(outcome.kept.isEmpty)
            #expect(outcome.names.first?.description == name)
            #expect(Set(outcome.names.map(\.description)) == Set(all))
            #expect(try await states(registry, all) == Array(repeating: state, count: 4))
            #expect(registry.world.views.visible.isEmpty)
            for part in all {
                await expectError(.notTrusted) { _ = try await registry.path(part) }
                #expect(try await registry.record(part).reason == "bad")
            }
            #expect(try await withdraw(registry, action, name).already)
        }
    }

    @Test("What another trusted index lists, or a tag of its own names, stays and is told", arguments: actions)
    func held(action: String, state: ArtifactState) async throws {
        try await TestRegistry.scenario { registry in
            let tagged = try await model(registry, 1, tags: ["amd64"])
            let listed = try await model(registry, 2)
            let alone = try await model(registry, 3)
            let other = try await index(registry, of: [listed], tags: ["other"])
            let name = try await index(registry, of: [tagged, listed, alone], tags: ["multi"])
            for each in [other, name] { try await registry.promote(each) }
            let outcome = try await withdraw(registry, action, name)
            #expect(Set(outcome.names.map(\.description)) == [name, alone])
            #expect(
                Set(outcome.kept) == [
                    KeptVersion(name: try ArtifactName(parsing: tagged), reason: .tag("team/idx:amd64")),
                    KeptVersion(
                        name: try ArtifactName(parsing: listed), reason: .index(try ArtifactName(parsing: other))),
                ])
            #expect(try await states(registry, [tagged, listed, other]) == [.trusted, .trusted, .trusted])
            #expect(try await states(registry, [name, alone]) == [state, state])
            // With the other index goes what only that held.
            let second = try await withdraw(registry, action, other)
            #expect(Set(second.names.map(\.description)) == [other, listed])
        }
    }

    @Test("An index that goes holds nothing, in whatever order it is met")
    func nested() async throws {
        try await TestRegistry.scenario { registry in
            let part = try await model(registry, 1)
            let deepest = try await index(registry, of: [part], tags: [])
            let inner = try await index(registry, of: [(deepest, .imageIndex), (part, .imageManifest)], tags: [])
            for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
                let listed: [(String, MediaType)] = [
                    (part, .imageManifest), (inner, .imageIndex), (deepest, .imageIndex),
                ]
                let name = try await index(registry, of: order.map { listed[$0] }, tags: ["multi"])
                try await registry.promote(name)
                let outcome = try await withdraw(registry, "revoke", name)
                #expect(outcome.kept.isEmpty)
                #expect(outcome.names.count == 4)
                #expect(try await states(registry, [part, inner, deepest]) == [.revoked, .revoked, .revoked])
            }
        }
    }

    @Test("Revoking an index by digest takes all that it lists, and the same bytes elsewhere")
    func everywhere() async throws {
        try await TestRegistry.scenario { registry in
            let tagged = try await model(registry, 1, tags: ["amd64"])
            let listed = try await model(registry, 2)
            let other = try await index(registry, of: [listed], tags: ["other"])
            let name = try await index(registry, of: [tagged, listed], tags: ["multi"])
            try await registry.trust("file", ModelBytes.gguf(seed: 2))
            for each in [other, name] { try await registry.promote(each) }
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: name), .revoke, reason: "malware", TestRegistry.caller)
            #expect(Set(outcome.names.map(\.description)) == [name, tagged, listed, "file"])
            #expect(try await states(registry, [name, tagged, listed, "file"]) == Array(repeating: .revoked, count: 4))
            #expect(try await states(registry, [other]) == [.trusted])
        }
    }

    @Test("Revoking by digest what was pushed as one file follows the file, under every manifest that has it")
    func oneFile() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf(seed: 7)
            let first = "team/m@\(try await registry.push(bytes, to: "team/m").version)"
            let second = "team/rv@\(try await registry.push(bytes, as: "other.gguf", to: "team/rv").version)"
            #expect(first != second)
            let both = try await registry.manifest(
                [.init(bytes, title: "a.gguf"), .init(ModelBytes.gguf(seed: 8), title: "b.gguf")], in: "team/both")
            let two = "team/both@\(try await registry.publish(both, in: "team/both").version)"
            for name in [first, second, two] { try await registry.promote(name) }
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: second), .revoke, reason: "malware", TestRegistry.caller)
            #expect(Set(outcome.names.map(\.description)) == [first, second, two])
            #expect(outcome.kept.isEmpty)
            #expect(registry.world.views.visible.isEmpty)
        }
    }

    @Test("Revoking by digest what has several files names what is trusted and has one of them")
    func severalFiles() async throws {
        try await TestRegistry.scenario { registry in
            let shared = ModelBytes.gguf(seed: 7)
            let bytes = try await registry.manifest(
                [.init(shared, title: "a.gguf"), .init(ModelBytes.gguf(seed: 8), title: "b.gguf")], in: "team/both")
            let two = "team/both@\(try await registry.publish(bytes, in: "team/both").version)"
            let one = "team/m@\(try await registry.push(shared, to: "team/m").version)"
            let waiting = "team/n@\(try await registry.push(shared, as: "n.gguf", to: "team/n").version)"
            for name in [one, two] { try await registry.promote(name) }
            let outcome = try await registry.withdrawal.withdrawEverywhere(
                try ArtifactName(parsing: two), .revoke, reason: "malware", TestRegistry.caller)
            #expect(outcome.names.map(\.description) == [two])
            let kept = KeptVersion(name: try ArtifactName(parsing: one), reason: .bytes(try Digest(hashing: shared)))
            #expect(outcome.kept == [kept])
            #expect(try await states(registry, [one, waiting]) == [.trusted, .acquired])
        }
    }

    @Test("An index of more than is changed at once is withdrawn whole")
    func many() async throws {
        try await TestRegistry.scenario { registry in
            var names: [String] = []
            for number in 0..<1_005 {
                let bytes = try await registry.manifest(
                    [.init([1], title: "one")], in: Self.repository, annotations: ["n": "\(number)"])
                names.append("\(Self.repository)@\(try await registry.publish(bytes, in: Self.repository).version)")
            }
            let name = try await index(registry, of: names, tags: ["multi"])
            let outcome = try await withdraw(registry, "revoke", name)
            #expect(Set(outcome.names.map(\.description)) == Set(names + [name]))
            #expect(try await registry.store.counts().byState[.revoked] == 1_006)
        }
    }
}
