import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing

@Suite("Waivers of what was found")
struct WaiverTests {
    /// A model whose template calls something unusual: two findings to review, of one rule.
    private static let odd = ModelBytes.gguf(chatTemplate: "{{ messages | shout }}{{ messages | mumble }}")
    private static let rule = "template.unknown-filter"
    private static var alice: Caller {
        get throws { Caller(actor: .principal(try PrincipalName(parsing: "alice")), requestID: "w") }
    }

    @discardableResult
    private static func waive(
        _ digest: Digest, in registry: TestRegistry, rule: String = rule, names: String? = nil,
        end: WaiverOrder.End = .after(days: 30), mayWaive: @escaping @Sendable (ArtifactName) -> Bool = { _ in true }
    ) async throws -> [GrantedWaiver] {
        try await registry.waivers.grant(
            WaiverOrder(
                rule: rule, digest: digest, names: names.flatMap { NamePattern(parsing: $0) }, reason: "read by alice",
                end: end), try alice, mayWaive: mayWaive)
    }

    @Test("What takes a review is promotable once somebody answers for it, and the decision says who")
    func promoted() async throws {
        try await TestRegistry.scenario { registry in
            let acquired = try await registry.acquire("a", Self.odd)
            await expectError(.policyRefused) { try await registry.promote("a") }
            let granted = try await Self.waive(acquired.key.version, in: registry)
            #expect(granted.map(\.record.name) == [acquired.name])
            let record = try await registry.promote("a")
            #expect(record.state == .trusted)
            #expect(record.admittance?.waivers == granted.map(\.waiver.id))
            #expect(record.admittance?.validUntil == granted.first?.waiver.terms.expires)
            // What was found is still what was found.
            #expect(record.inspection?.verdict == "review")
            let decision = try #require(record.admittance?.decision)
            let json = try StrictJSON.parse(
                try await registry.history.document(of: record.name, decision.description), limits: .requestBody)
            let waiver = json.asObject?["waivers"]?.asArray?.first?.asObject
            #expect(waiver?["granted_by"] == "principal/alice")
            #expect(waiver?["rule"]?.asString == Self.rule)
            #expect(json.asObject?["facts"]?.asObject?["waived"] == [.string(Self.rule)])
            _ = try await registry.path("a")
            #expect(try await registry.events(of: "a").suffix(2) == [.waived, .promoted])
        }
    }

    @Test("A waiver is for the very bytes: the same name with other bytes, and another name, have none")
    func bound() async throws {
        try await TestRegistry.scenario { registry in
            let acquired = try await registry.acquire("a", Self.odd)
            try await registry.acquire("b", Self.odd)
            try await registry.acquire("c", ModelBytes.gguf(seed: 2, chatTemplate: "{{ messages | shout }}"))
            try await Self.waive(acquired.key.version, in: registry)
            for name in ["b", "c"] { await expectError(.policyRefused) { try await registry.promote(name) } }
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("A file's digest means every version that holds it, as far as the pattern and the right go")
    func byFile() async throws {
        try await TestRegistry.scenario { registry in
            let file = try Digest(hashing: Self.odd)
            for name in ["team/a", "team/b", "other/c"] { try await registry.acquire(name, Self.odd) }
            let some = try await Self.waive(file, in: registry, names: "team/*") { $0.description != "team/b" }
            #expect(some.map(\.record.name.description) == ["team/a"])
            #expect(some.first?.waiver.terms.file == file)
            #expect(try await registry.promote("team/a").state == .trusted)
            let all = try await Self.waive(file, in: registry)
            #expect(all.map(\.record.name.description) == ["other/c", "team/a", "team/b"])
            await expectError(.accessDenied) { try await Self.waive(file, in: registry) { _ in false } }
            await expectError(.artifactNotFound) { try await Self.waive(try Digest(hashing: [1]), in: registry) }
            await expectError(.artifactNotFound) { try await Self.waive(file, in: registry, names: "nobody") }
        }
    }

    @Test("The policy says what may be waived, and for how long; other rules are none at all")
    func refused() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            for rule in ["file.disguised-executable", "inspection.timed-out", "file.limit"] {
                await expectError(.waiverNotAllowed) { try await Self.waive(version, in: registry, rule: rule) }
            }
            await expectError(.invalidField) { try await Self.waive(version, in: registry, rule: "no.rule") }
            await expectError(.waiverNotAllowed) { try await Self.waive(version, in: registry, end: .after(days: 91)) }
            await expectError(.waiverNotAllowed) {
                try await Self.waive(version, in: registry, end: .after(days: .max))
            }
            await expectError(.invalidField) {
                try await Self.waive(version, in: registry, end: .at(registry.world.clock.now()))
            }
            #expect(try await registry.record("a").waivers.isEmpty)
            try await Self.waive(version, in: registry, end: .after(days: 90))
        }
    }

    @Test("Another finding than the waived one still refuses")
    func otherFinding() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf(chatTemplate: "{{ messages | shout }}{% weird %}")
            let version = try await registry.acquire("a", bytes).key.version
            try await Self.waive(version, in: registry)
            let error = await expectError(.policyRefused) { try await registry.promote("a") }
            #expect(error?.detail["codes"] == ["inspection-asks-for-review"])
        }
    }

    @Test("At its end the gate is shut before anybody writes that down, and the view goes when somebody does")
    func expired() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            try await Self.waive(version, in: registry, end: .after(days: 1))
            try await registry.promote("a")
            let name = try await registry.record("a").name
            let receipt = try await registry.admission.admit(name, in: nil)
            #expect(await registry.admission.isStillTrusted(receipt))
            registry.world.clock.advance(seconds: 86_399)
            _ = try await registry.path("a")
            #expect(try await registry.waivers.endExpired().isEmpty)
            registry.world.clock.advance(seconds: 1)
            #expect(try await registry.record("a").state == .trusted)
            let error = await expectError(.notTrusted) { try await registry.path("a") }
            #expect(error?.message.contains("expired") == true)
            #expect(await registry.admission.isStillTrusted(receipt) == false)
            #expect(try await registry.waivers.endExpired() == [name])
            #expect(registry.world.views.visible.isEmpty)
            #expect(try await registry.events(of: "a").suffix(2) == [.quarantined, .waiverEnded])
            let record = try await registry.record("a")
            #expect(record.waivers.isEmpty)
            #expect(record.reason?.contains("waiver") == true)
            let size = try await registry.log().count
            #expect(try await registry.waivers.endExpired().isEmpty)
            #expect(try await registry.log().count == size)
            await expectError(.policyRefused) { try await registry.promote("a") }
        }
    }

    @Test("A clock that is set back revives nothing")
    func clockBack() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            try await Self.waive(version, in: registry, end: .after(days: 1))
            try await registry.promote("a")
            registry.world.clock.advance(seconds: 86_400)
            await expectError(.notTrusted) { try await registry.path("a") }
            registry.world.clock.advance(seconds: -80_000)
            await expectError(.notTrusted) { try await registry.path("a") }
        }
    }

    @Test("A start ends what expired while nobody ran")
    func start() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            try await Self.waive(version, in: registry, end: .after(days: 1))
            try await registry.promote("a")
            registry.world.clock.advance(seconds: 90_000)
            let restarted = try await registry.restarted()
            try await restarted.reconcile()
            #expect(try await restarted.record("a").state == .quarantined)
            #expect(restarted.world.views.visible.isEmpty)
        }
    }

    @Test("Ending a waiver ends the trust that rests on it, at once and for good")
    func revoked() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            let id = try #require(try await Self.waive(version, in: registry).first?.waiver.id)
            try await registry.promote("a")
            await expectError(.accessDenied) {
                try await registry.waivers.revoke(id, reason: nil, try Self.alice) { _ in false }
            }
            let ended = try await registry.waivers.revoke(id, reason: "wrong", try Self.alice) { _ in true }
            #expect(ended.isInUse)
            #expect(try await registry.record("a").state == .quarantined)
            #expect(registry.world.views.visible.isEmpty)
            await expectError(.notTrusted) { try await registry.path("a") }
            await expectError(.policyRefused) { try await registry.promote("a") }
            for id in [id, id + 1, 0, 1_000] {
                await expectError(.waiverNotFound) {
                    try await registry.waivers.revoke(id, reason: nil, try Self.alice) { _ in true }
                }
            }
            let last = try #require(try await registry.log().last { $0.body.kind == .waiverEnded })
            #expect(last.body == .waiverEnded(id, .revoked(reason: "wrong")))
            #expect(try last.actor == Self.alice.actor)
        }
    }

    @Test("A waiver that nothing rests on ends without consequences")
    func unused() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.trust("a", ModelBytes.gguf()).key.version
            let id = try #require(try await Self.waive(version, in: registry, end: .after(days: 1)).first?.waiver.id)
            try await Self.waive(version, in: registry, end: .after(days: 2))
            _ = try await registry.waivers.revoke(id, reason: nil, try Self.alice) { _ in true }
            registry.world.clock.advance(seconds: 3 * 86_400)
            #expect(try await registry.waivers.endExpired().isEmpty)
            #expect(try await registry.record("a").state == .trusted)
            #expect(try await registry.record("a").waivers.isEmpty)
            _ = try await registry.path("a")
        }
    }

    @Test("A longer waiver and another promote carry trust over the end of the first one")
    func renewed() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            try await Self.waive(version, in: registry, end: .after(days: 1))
            try await registry.promote("a")
            let second = try #require(try await Self.waive(version, in: registry, end: .after(days: 9)).first)
            #expect(try await registry.promote("a").admittance?.waivers == [second.waiver.id])
            registry.world.clock.advance(seconds: 86_400)
            #expect(try await registry.waivers.endExpired().isEmpty)
            _ = try await registry.path("a")
            let listed = try await registry.waivers.list(after: 0, limit: 10)
            #expect(listed.waivers.map(\.waiver.id) == [second.waiver.id])
            #expect(listed.waivers.first?.isInUse == true)
            #expect(listed.next == nil)
        }
    }

    @Test("A stricter policy ends what a waiver of the older one allowed, at the next decision")
    func stricter() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            try await Self.waive(version, in: registry)
            try await registry.promote("a")
            let strict = Policy.defaultDocument.replacing("verdicts: [review]", with: "verdicts: []")
            let restarted = try await registry.restarted(policy: strict)
            await expectError(.policyRefused) { try await restarted.promote("a") }
            #expect(try await restarted.record("a").state == .quarantined)
        }
    }

    @Test("Whoever edits the store can neither invent a waiver nor bring an ended one back")
    func tampered() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            let id = try #require(try await Self.waive(version, in: registry).first?.waiver.id)
            let key = ArtifactKey(tenant: .default, version: version)
            let waived = try #require(try await registry.world.store.record(key))
            var longer = waived
            longer.record.waivers[0].terms.expires = .latest
            registry.world.store.tamper(.record(longer))
            await expectError(.recordTampered) { try await registry.restarted().promote("a") }
            registry.world.store.tamper(.record(waived))
            _ = try await registry.waivers.revoke(id, reason: nil, try Self.alice) { _ in true }
            let ended = try #require(try await registry.world.store.record(key))
            registry.world.store.tamper(.record(waived))
            await expectError(.recordTampered) { try await registry.restarted().promote("a") }
            registry.world.store.tamper(.record(ended))
        }
    }

    @Test("Waivers are made anew from the log")
    func rebuilt() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.acquire("a", Self.odd).key.version
            try await Self.waive(version, in: registry)
            let before = try await registry.promote("a")
            _ = try await Rebuild(
                store: registry.store, sealer: registry.world.sealer, publisher: registry.publisher
            ).run()
            let restarted = try await registry.restarted()
            #expect(try await restarted.record("a") == before)
            #expect(try await restarted.fsck(deep: true).problems.isEmpty)
        }
    }
}
