import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing

@Suite("Looking at what is trusted again")
struct ReinspectionTests {
    /// Denies what has this name, and admits everything else.
    private static func policy(denying name: String, _ action: String = "report") -> String {
        """
        pratique: policy/v1
        name: by-name
        version: "\(name)"
        rules:
          - { id: named, effect: deny, when: { name: \(name) }, message: Named. }
          - { id: others, effect: admit, when: { verdict: clean }, message: Others. }
        on_recheck_failure: \(action)
        """
    }

    @Test("By the same rules and policy nothing is looked at, and nothing is written")
    func upToDate() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let size = try await registry.log().count
            #expect(try await registry.reinspection.round())
            #expect(try await registry.log().count == size)
            #expect(registry.reinspection.report.phase == .done)
            #expect(registry.reinspection.report.outdated == 0)
        }
    }

    @Test("What another policy admits, too, gets a decision by it; its claims stay what they were")
    func admitted() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("a", ModelBytes.gguf())
            let before = try await registry.promote("a", claims: ["scan_results": ["x": "y"]])
            let next = try await registry.restarted(policy: Self.policy(denying: "nobody"))
            #expect(try await next.reinspection.round())
            let record = try await next.record("a")
            #expect(record.state == .trusted)
            #expect(record.admittance?.policyDigest == next.policies.current.digest)
            #expect(record.admittance?.claims == before.admittance?.claims)
            #expect(next.reinspection.report.admitted == 1)
            #expect(try await next.events(of: "a").suffix(1) == [.promoted])
            _ = try await next.path("a")
            #expect(try await next.fsck(deep: true).problems.isEmpty)
        }
    }

    @Test("What is not admitted any more is told, and stays in service where the policy leaves it at that")
    func reported() async throws {
        try await TestRegistry.scenario { registry in
            for (seed, name) in ["a", "b"].enumerated() {
                try await registry.trust(name, ModelBytes.gguf(seed: UInt64(seed)))
            }
            let next = try await registry.restarted(policy: Self.policy(denying: "a"))
            #expect(try await next.reinspection.round())
            let record = try await next.record("a")
            #expect(record.state == .trusted)
            #expect(record.recheck?.codes == ["named"])
            #expect(record.recheck?.outcome == "refused")
            #expect(next.recheckFailures.map(\.name.description) == ["a"])
            #expect(try await next.events(of: "a").suffix(1) == [.recheckFailed])
            _ = try await next.path("a")
            let decision = try #require(record.recheck?.decision)
            #expect(try await next.history.evidence(of: record.name).contains { $0.digest == decision })
            // Once is enough, also after a restart; the status still names it.
            let size = try await next.log().count
            let again = try await next.restarted(policy: Self.policy(denying: "a"))
            #expect(try await again.reinspection.round())
            #expect(try await again.log().count == size)
            #expect(again.reinspection.report.failing == 1)
            #expect(again.reinspection.report.failures.map(\.codes) == [["named"]])
            #expect(try await again.fsck(deep: true).problems.isEmpty)
            // A policy that admits it takes the mark away.
            let lax = try await again.restarted(policy: Self.policy(denying: "nobody"))
            #expect(try await lax.reinspection.round())
            #expect(try await lax.record("a").recheck == nil)
            #expect(lax.reinspection.report.failing == 0)
        }
    }

    @Test("Where the policy says quarantine, it is out of service")
    func quarantined() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let next = try await registry.restarted(policy: Self.policy(denying: "a", "quarantine"))
            #expect(try await next.reinspection.round())
            #expect(try await next.record("a").state == .quarantined)
            #expect(next.world.views.visible.isEmpty)
            await expectError(.notTrusted) { try await next.path("a") }
            #expect(next.reinspection.report.quarantined == 1)
            let cause = try await next.log().compactMap { event -> QuarantineCause? in
                if case .quarantined(let cause) = event.body { cause } else { nil }
            }.last
            #expect(cause == .recheck(codes: ["named"]))
        }
    }

    @Test("The oldest decision comes first, and a round that was broken off goes on with the next")
    func order() async throws {
        try await TestRegistry.scenario { registry in
            let names = ["c", "a", "d", "b"]
            for (seed, name) in names.enumerated() {
                try await registry.trust(name, ModelBytes.gguf(seed: UInt64(seed)))
                registry.world.clock.advance(seconds: 60)
            }
            let next = try await registry.restarted(policy: Self.policy(denying: "nobody"))
            let start = try await next.log().count
            registry.world.store.failWrite(.unavailable(reason: "test"), .lost, after: 2)
            await expectError(.storageUnavailable) { try await next.reinspection.round() }
            #expect(next.reinspection.report.phase == .stopped)
            #expect(next.reinspection.report.fault == .storageUnavailable)
            // As if it had been killed.
            let again = try await next.restarted(policy: Self.policy(denying: "nobody"))
            #expect(try await again.reinspection.round())
            let promoted = try await again.log().dropFirst(start).compactMap { event -> String? in
                guard case .artifact(_, let name) = event.subject, event.body.kind == .promoted else { return nil }
                return name.description
            }
            #expect(promoted == names)
        }
    }

    @Test("A store that cannot be read, and an inspection that breaks down, take nothing out of service")
    func unreadable() async throws {
        try await TestRegistry.scenario { registry in
            let scanner = FakeScanner("clamav")
            try await registry.trust("a", ModelBytes.gguf())
            let strict = Self.policy(denying: "nobody", "quarantine")
            let next = try await TestRegistry(registry.world, policy: strict, scanners: [scanner])
            scanner.answer(.failed("down"))
            let size = try await next.log().count
            #expect(try await !next.reinspection.round())
            #expect(next.reinspection.report.unresolved == 1)
            scanner.goAway()
            await expectError(.inspectionUndecided) { try await next.reinspection.round() }
            registry.world.store.failReads(.unavailable(reason: "test"))
            await #expect(throws: RegistryError.self) { try await next.reinspection.round() }
            registry.world.store.failReads(nil)
            #expect(try await next.log().count == size)
            #expect(try await next.record("a").state == .trusted)
            _ = try await next.path("a")
        }
    }

    @Test("Other rules of a scanner are a reason to look again, and what it finds now counts")
    func scannerRules() async throws {
        try await TestRegistry.scenario { registry in
            let scanner = FakeScanner("clamav")
            let strict = Self.policy(denying: "nobody", "quarantine")
            let first = try await TestRegistry(registry.world, policy: strict, scanners: [scanner])
            try await first.trust("a", ModelBytes.gguf())
            #expect(try await first.reinspection.round())
            #expect(scanner.scanned.count == 1)
            scanner.answer(.completed([ScanFinding(isThreat: true, title: "New")], withTensors: true))
            #expect(try await first.reinspection.round())
            #expect(try await first.record("a").state == .trusted)
            scanner.use(rules: "2")
            #expect(try await first.reinspection.round())
            #expect(try await first.record("a").state == .quarantined)
        }
    }
}
