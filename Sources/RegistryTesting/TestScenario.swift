public import RegistryCore
import RegistryPorts
public import RegistryServices
import StorageMemory
public import Testing

extension TestRegistry {
    /// Runs a scenario in a world of its own. Afterwards everything must be true that the registry promises.
    ///
    /// - Parameter damage: what the scenario broke on purpose, and left so.
    public static func scenario(
        policy: String = Policy.defaultDocument, leaving damage: Set<FsckProblem.Code> = [],
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (TestRegistry) async throws -> Void
    ) async throws {
        let registry = try await TestRegistry(try TestWorld(), policy: policy)
        try await body(registry)
        try await registry.checkPromises(besides: damage, sourceLocation: sourceLocation)
    }

    /// Another process over the same stores.
    public func restarted(policy: String = Policy.defaultDocument) async throws -> TestRegistry {
        try await TestRegistry(world, policy: policy, store: store)
    }

    /// Fails the test when a promise is broken.
    public func checkPromises(
        besides damage: Set<FsckProblem.Code> = [], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(world.store.misuses.isEmpty, sourceLocation: sourceLocation)
        #expect(stops.isEmpty, sourceLocation: sourceLocation)
        let problems = try await fsck(deep: false).problems
        #expect(Set(problems.map(\.code)) == damage, "\(problems)", sourceLocation: sourceLocation)
        var trusted: Set<ArtifactName> = []
        var states: [ArtifactKey: ArtifactRecord] = [:]
        for event in try await log() {
            guard case .artifact(let key, _) = event.subject else { continue }
            states[key] = try ArtifactRecord.replaying(event, onto: states[key])
        }
        for (key, replayed) in states {
            let stored = try await store.record(key)
            #expect(stored?.record == replayed, sourceLocation: sourceLocation)
            if replayed.state == .trusted { trusted.insert(replayed.name) }
        }
        #expect(world.views.visible == trusted, sourceLocation: sourceLocation)
    }
}
