import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Testing

@Suite("Tags")
struct TagTests {
    private let caller = TestRegistry.caller
    private let repository: RepositoryKey
    private let tag: OCI.Tag

    init() throws {
        repository = try TestRegistry.repository("team/llama")
        tag = try TestRegistry.tag("stable")
    }

    private func push(_ seed: UInt64, _ registry: TestRegistry, tags: [String] = ["stable"]) async throws -> Digest {
        try await registry.push(ModelBytes.gguf(seed: seed), to: "team/llama", tags: tags).version
    }

    @Test("A tag has a history, and its newest change can be taken back")
    func history() async throws {
        try await TestRegistry.scenario { registry in
            let history = registry.distribution.tagHistory
            let first = try await push(1, registry)
            let second = try await push(2, registry)
            #expect(try await history.changes(of: tag, in: repository).map(\.version) == [second, first])
            #expect(try await history.undo(tag, in: repository, caller) == first)
            #expect(try await registry.name("team/llama:stable") == "team/llama@\(first)")
            try await registry.distribution.removal.remove(tag, from: repository, caller)
            let changes = try await history.changes(of: tag, in: repository)
            #expect(changes.map(\.version) == [nil, first, second, first])
            #expect(changes.map(\.previous) == [first, second, first, nil])
            // A tag that was removed by mistake comes back.
            #expect(try await history.undo(tag, in: repository, caller) == first)
            let older = try await history.changes(of: tag, in: repository, before: changes[1].index, limit: 1)
            #expect(older.map(\.version) == [second])
        }
    }

    @Test("A tag whose manifest is gone cannot be taken back")
    func nothingToGoBackTo() async throws {
        try await TestRegistry.scenario { registry in
            let first = try await push(1, registry)
            let history = registry.distribution.tagHistory
            await expectError(.manifestNotFound) { _ = try await history.undo(tag, in: repository, caller) }
            _ = try await push(2, registry)
            try await registry.distribution.removal.remove(first, from: repository, caller)
            await expectError(.manifestNotFound) { _ = try await history.undo(tag, in: repository, caller) }
        }
    }

    @Test("An immutable tag is set once, and neither moved nor deleted")
    func immutable() async throws {
        let registry = try await TestRegistry(try TestWorld(), immutableTags: ["team/*:st*e"])
        let first = try await push(1, registry)
        #expect(try await push(1, registry) == first)
        await expectError(.tagImmutable) { _ = try await push(2, registry) }
        let second = try await push(2, registry, tags: ["latest"])
        await expectError(.tagImmutable) {
            try await registry.distribution.tagHistory.point(tag, at: second, in: repository, caller)
        }
        await expectError(.tagImmutable) {
            try await registry.distribution.removal.remove(tag, from: repository, caller)
        }
        await expectError(.tagImmutable) {
            try await registry.distribution.removal.remove(first, from: repository, caller)
        }
        #expect(try await registry.name("team/llama:stable") == "team/llama@\(first)")
        try await registry.checkPromises()
    }

    @Test(
        "Patterns of immutable tags",
        arguments: [
            ("team/*:v*", "team/llama", "v1", true), ("team/*:v*", "team/a/b", "v", true),
            ("team/*:v*", "team", "v1", false), ("*:*", "a", "b", true), ("a:*-release", "a", "1-release", true),
            ("a:*-release", "a", "1-releases", false), ("a:latest", "a", "latest", true),
            ("a:latest", "b", "latest", false),
            ("*a*a*a*a*a*b:x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "x", false),
        ])
    func patterns(_ pattern: String, _ repository: String, _ tag: String, _ matches: Bool) throws {
        let rules = try TagRules(immutable: [pattern])
        let name = try RepositoryName(parsing: repository)
        #expect(rules.isImmutable(try TestRegistry.tag(tag), in: name) == matches)
    }

    @Test("Tags come in the order of their bytes, page by page")
    func pages() async throws {
        try await TestRegistry.scenario { registry in
            let names = ["B", "a", "a-1", "a.1", "latest", "z"]
            let bytes = try await registry.manifest([], in: "team/llama")
            try await registry.publish(bytes, in: "team/llama", tags: names.shuffled())
            var found: [String] = []
            var last: String?
            var hasMore = true
            while hasMore {
                let page = try await registry.distribution.lists.tags(of: repository, after: last, limit: 2)
                found += page.tags.map(\.description)
                (last, hasMore) = (page.tags.last?.description, page.hasMore)
            }
            #expect(found == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        }
    }

    @Test("Behind a full page the list goes on")
    func fullPage() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([], in: "team/llama")
            let names = (0..<1_100).map { "t\(10_000 + $0)" }
            for start in stride(from: 0, to: names.count, by: 100) {
                try await registry.publish(bytes, in: "team/llama", tags: Array(names[start..<start + 100]))
            }
            let first = try await registry.distribution.lists.tags(of: repository)
            #expect(first.tags.count == RepositoryLists.pageMax)
            #expect(first.hasMore)
            let rest = try await registry.distribution.lists.tags(of: repository, after: first.tags.last?.description)
            #expect(!rest.hasMore)
            #expect((first.tags + rest.tags).map(\.description) == names)
        }
    }
}
