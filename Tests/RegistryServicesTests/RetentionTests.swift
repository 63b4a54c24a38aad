import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("What repositories need not keep")
struct RetentionTests {
    private static let day: Int64 = 86_400

    private func retention(_ registry: TestRegistry, _ rules: String...) throws -> Retention {
        Retention(
            try RetentionRules(rules), store: registry.store, directory: registry.directory,
            manifests: registry.manifests, removal: registry.distribution.removal, ledger: registry.ledger)
    }

    private func run(_ registry: TestRegistry, _ rules: String = "**=untagged:7d") async throws -> Retention.Result {
        let rehearsal = try await retention(registry, rules).run(isRehearsal: true)
        let result = try await retention(registry, rules).run(isRehearsal: false)
        #expect(rehearsal == result)
        return result
    }

    private func advance(_ registry: TestRegistry, days: Int64) {
        registry.world.clock.advance(seconds: days * Self.day)
    }

    @discardableResult
    private func push(
        _ text: String, to registry: TestRegistry, tags: [String] = [], in repository: String = "team/a",
        subject: Descriptor? = nil
    ) async throws -> Digest {
        let bytes = try await registry.manifest([.init(Array(text.utf8))], in: repository, subject: subject)
        return try await registry.publish(bytes, in: repository, tags: tags).version
    }

    private func push(index: [Digest], to registry: TestRegistry, tags: [String] = []) async throws -> Digest {
        var children: [Descriptor] = []
        for digest in index {
            let bytes = try #require(try await registry.store.manifest(digest))
            children.append(Descriptor(mediaType: .imageManifest, digest: digest, size: UInt64(bytes.count)))
        }
        let bytes = ImageIndex(manifests: children).encoded()
        return try await registry.publish(bytes, in: "team/a", tags: tags).version
    }

    private func holds(_ version: Digest, _ registry: TestRegistry, _ repository: String = "team/a") async throws
        -> Bool
    {
        try await registry.store.hasManifest(version, in: TestRegistry.repository(repository))
    }

    @Test("What nothing leads to goes after its time, and what a tag points at stays")
    func untagged() async throws {
        try await TestRegistry.scenario { registry in
            let (loose, tagged) = (
                try await push("loose", to: registry), try await push("kept", to: registry, tags: ["v1"])
            )
            advance(registry, days: 6)
            #expect(try await run(registry).manifests == 0)
            advance(registry, days: 2)
            let result = try await run(registry)
            #expect(result.manifests == 1)
            #expect(result.bytes == 5)
            #expect(try await !holds(loose, registry))
            #expect(try await holds(tagged, registry))
            let record = try await registry.directory.record(of: ArtifactKey(tenant: .default, version: loose))
            #expect(record.state == .deleted)
            #expect(try await run(registry).manifests == 0)
        }
    }

    @Test("Without a rule everything stays, and the first pattern that matches counts")
    func rules() async throws {
        try await TestRegistry.scenario { registry in
            let versions = [
                try await push("a", to: registry), try await push("b", to: registry, in: "team/b"),
                try await push("c", to: registry, in: "other/c"),
            ]
            advance(registry, days: 30)
            #expect(try await retention(registry).run(isRehearsal: false).manifests == 0)
            let result = try await retention(registry, "team/b=untagged:60d", "team/*=untagged:7d").run(
                isRehearsal: false)
            #expect(result.manifests == 1)
            #expect(try await !holds(versions[0], registry))
            #expect(try await holds(versions[1], registry, "team/b"))
            #expect(try await holds(versions[2], registry, "other/c"))
        }
    }

    @Test("A tag that was moved or taken away keeps what it pointed at for the time, so that it can go back")
    func movedTags() async throws {
        try await TestRegistry.scenario { registry in
            let repository = try TestRegistry.repository("team/a")
            let first = try await push("first", to: registry, tags: ["v1"])
            let other = try await push("other", to: registry, tags: ["v2"])
            advance(registry, days: 30)
            let second = try await push("second", to: registry, tags: ["v1"])
            try await registry.distribution.removal.remove(
                try TestRegistry.tag("v2"), from: repository, TestRegistry.caller)
            advance(registry, days: 6)
            #expect(try await run(registry).manifests == 0)
            _ = try await registry.distribution.tagHistory.undo(
                try TestRegistry.tag("v1"), in: repository, TestRegistry.caller)
            advance(registry, days: 8)
            #expect(try await run(registry).manifests == 2)
            #expect(try await holds(first, registry))
            #expect(try await !holds(second, registry))
            #expect(try await !holds(other, registry))
        }
    }

    @Test("What a living index names stays with it, and goes with it")
    func indexes() async throws {
        try await TestRegistry.scenario { registry in
            let children = [try await push("one", to: registry), try await push("two", to: registry)]
            let index = try await push(index: children, to: registry, tags: ["all"])
            let outer = try await push(index: [children[0]], to: registry)
            advance(registry, days: 8)
            #expect(try await run(registry).manifests == 1)
            #expect(try await !holds(outer, registry))
            for version in children + [index] { #expect(try await holds(version, registry)) }
            try await registry.distribution.removal.remove(
                try TestRegistry.tag("all"), from: TestRegistry.repository("team/a"), TestRegistry.caller)
            advance(registry, days: 8)
            #expect(try await run(registry).manifests == 3)
            for version in children + [index] { #expect(try await !holds(version, registry)) }
        }
    }

    @Test("What is about a living manifest stays with it, and goes with it")
    func referrers() async throws {
        try await TestRegistry.scenario { registry in
            let subject = try await push("subject", to: registry, tags: ["v1"])
            let bytes = try #require(try await registry.store.manifest(subject))
            let descriptor = Descriptor(mediaType: .imageManifest, digest: subject, size: UInt64(bytes.count))
            let signature = try await push("signature", to: registry, subject: descriptor)
            advance(registry, days: 30)
            #expect(try await run(registry).manifests == 0)
            try await registry.distribution.removal.remove(
                try TestRegistry.tag("v1"), from: TestRegistry.repository("team/a"), TestRegistry.caller)
            advance(registry, days: 8)
            #expect(try await run(registry).manifests == 2)
            #expect(try await !holds(subject, registry))
            #expect(try await !holds(signature, registry))
        }
    }

    @Test("What was promoted or revoked stays")
    func states() async throws {
        try await TestRegistry.scenario { registry in
            var versions: [Digest] = []
            for seed in UInt64(1)...3 {
                let bytes = try await registry.manifest(
                    [.init(ModelBytes.gguf(seed: seed), title: "model.gguf")], in: "team/a")
                versions.append(try await registry.publish(bytes, in: "team/a").version)
            }
            let (trusted, revoked, quarantined) = (versions[0], versions[1], versions[2])
            for version in [trusted, revoked] { try await registry.promote("team/a@\(version)") }
            try await registry.revoke("team/a@\(revoked)")
            try await registry.quarantine("team/a@\(quarantined)")
            advance(registry, days: 60)
            #expect(try await run(registry).manifests == 0)
            #expect(try await holds(trusted, registry))
            #expect(try await holds(revoked, registry))
            #expect(try await holds(quarantined, registry))
        }
    }

    @Test("What somebody put there once more a moment ago stays, though nothing was written about it")
    func putAgain() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await push("again", to: registry)
            advance(registry, days: 8)
            try await push("again", to: registry)
            let result = try await run(registry)
            #expect((result.manifests, result.putLately) == (0, 1))
            #expect(try await holds(version, registry))
            advance(registry, days: 1)
            #expect(try await retention(registry, "**=untagged:7d").run(isRehearsal: false).manifests == 1)
        }
    }

    @Test("A push that was refused keeps nothing, however late it was refused")
    func putInVain() async throws {
        let registry = try await TestRegistry(try TestWorld(), immutableTags: ["team/a:v1"])
        try await push("taken", to: registry, tags: ["v1"])
        let bytes = try await registry.manifest([.init(Array("vain".utf8))], in: "team/a")
        let version = try await registry.publish(bytes, in: "team/a").version
        let child = try await push("child", to: registry)
        let index = try await push(index: [child], to: registry)
        let document = try #require(try await registry.store.manifest(index))
        let repository = try TestRegistry.repository("team/a")
        try await registry.distribution.removal.remove(child, from: repository, TestRegistry.caller)
        advance(registry, days: 8)
        await expectError(.tagImmutable) { try await registry.publish(bytes, in: "team/a", tags: ["v1"]) }
        await expectError(.manifestBlobUnknown) { try await registry.publish(document, in: "team/a") }
        let result = try await run(registry)
        #expect((result.manifests, result.putLately) == (2, 0))
        for version in [version, index] { #expect(try await !holds(version, registry)) }
        try await registry.checkPromises()
    }

    @Test("Where a manifest or a record cannot be read nothing goes, and other repositories have their turn")
    func damage() async throws {
        try await TestRegistry.scenario(leaving: [.manifestDamaged]) { registry in
            let loose = try await push("loose", to: registry)
            let damaged = try await push("damaged", to: registry, tags: ["v1"])
            let other = try await push("other", to: registry, in: "team/b")
            advance(registry, days: 8)
            registry.world.store.tamper(.manifest(damaged, nil))
            let result = try await run(registry)
            #expect(result.fault?.code == .recordTampered)
            #expect(result.fault?.repository?.description == "team/a")
            #expect((result.manifests, result.repositoriesLeft) == (1, 1))
            #expect(try await holds(loose, registry))
            #expect(try await !holds(other, registry, "team/b"))
        }
    }

    @Test("What is cancelled ends between two manifests")
    func cancelled() async throws {
        try await TestRegistry.scenario { registry in
            let versions = [try await push("a", to: registry), try await push("b", to: registry)]
            advance(registry, days: 8)
            let retention = try retention(registry, "**=untagged:7d")
            let running = Task<Void, Never> {
                await expectError(.overloaded) {
                    try await retention.run(isRehearsal: false, pace: CollectionPace(clock: CancellingClock()))
                }
            }
            await running.value
            var held = 0
            for version in versions where try await holds(version, registry) { held += 1 }
            #expect(held == 1)
        }
    }

    @Test("A repository that names too much is left alone, and it is said")
    func descriptors() async throws {
        try await TestRegistry.scenario { registry in
            // The config and a layer each.
            for text in ["a", "b"] { try await push(text, to: registry) }
            advance(registry, days: 8)
            func result(descriptorsMax: Int) async throws -> Retention.Result {
                try await Retention(
                    try RetentionRules(["**=untagged:7d"]), store: registry.store, directory: registry.directory,
                    manifests: registry.manifests, removal: registry.distribution.removal, ledger: registry.ledger,
                    descriptorsMax: descriptorsMax
                ).run(isRehearsal: false)
            }
            let left = try await result(descriptorsMax: 3)
            #expect((left.manifests, left.repositoriesLeft) == (0, 1))
            #expect(left.fault == nil)
            let done = try await result(descriptorsMax: 4)
            #expect((done.manifests, done.repositoriesLeft) == (2, 0))
        }
    }

    @Test("Bytes that a manifest names which stays are not counted, and shared ones once")
    func bytes() async throws {
        try await TestRegistry.scenario { registry in
            let (shared, own) = (TestRegistry.Layer(Array("shared".utf8)), TestRegistry.Layer(Array("own".utf8)))
            let kept = TestRegistry.Layer(Array("kept!".utf8))
            for layers in [[shared, own], [shared, kept]] {
                try await registry.publish(try await registry.manifest(layers, in: "team/a"), in: "team/a")
            }
            try await registry.publish(
                try await registry.manifest([kept], in: "team/a"), in: "team/a", tags: ["v1"])
            advance(registry, days: 8)
            let result = try await run(registry)
            // The config is that of what stays, too.
            #expect((result.manifests, result.bytes) == (2, 9))
        }
    }

    @Test("Blobs of what went wait for whoever was told that they are there")
    func toldOfBlobs() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([.init(Array("layer".utf8))], in: "team/a")
            let version = try await registry.publish(bytes, in: "team/a").version
            advance(registry, days: 8)
            #expect(try await run(registry).manifests == 1)
            let collected = try await registry.collection(idleSeconds: TestRegistry.receivedSeconds).collect(
                isRehearsal: false)
            #expect(collected.blobs == 0)
            #expect(try await registry.publish(bytes, in: "team/a").version == version)
            #expect(try await holds(version, registry))
        }
    }

    @Test("A tag that the log knows keeps its manifest, though somebody took its row away")
    func lostRow() async throws {
        try await TestRegistry.scenario(leaving: [.tagDiffers]) { registry in
            let version = try await push("kept", to: registry, tags: ["v1"])
            advance(registry, days: 30)
            registry.world.store.tamper(
                .noTag(try TestRegistry.tag("v1"), try TestRegistry.repository("team/a")))
            #expect(try await run(registry).manifests == 0)
            #expect(try await holds(version, registry))
        }
    }

    @Test(
        "Rules that cannot be read are refused",
        arguments: [
            "", "team/*", "team/*=", "team/*=7d", "team/*=untagged", "team/*=untagged:", "team/*=untagged:7",
            "team/*=untagged:d", "team/*=untagged:-7d", "team/*=untagged:0h", "team/*=untagged:7w", "=untagged:7d",
            "team/*=untagged:99999999999999999999d", "team/*=untagged:9999999d", "te*m=untagged:7d",
            "team/*=untagged:7d keep:10",
        ])
    func unreadable(rule: String) {
        #expect(throws: RegistryError.self) { try RetentionRules([rule]) }
    }
}

/// Whoever sleeps by it is cancelled.
private struct CancellingClock: Clock {
    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        withUnsafeCurrentTask { $0?.cancel() }
        throw CancellationError()
    }
}
