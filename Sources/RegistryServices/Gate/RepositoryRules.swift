import OCI
import RegistryCore
public import RegistryPorts
import StrictJSON

/// Holds versions to what rules of verification ask for in a repository that they are not named by.
///
/// A version has one state, and is decided about by its name, which is the repository of its first push. Without this
/// whoever may push could have a version admitted under a name that no rule is about, and push it where one is.
public struct RepositoryRules: Sendable {
    /// Most repositories of one version that are looked at in a decision. It may not be had from any more of those
    /// that have rules of their own.
    static let repositoriesMax = 64

    private let policies: PolicyBook
    private let store: any MetadataReader
    private let areThere: Bool

    public init(policies: PolicyBook, store: any MetadataReader) {
        self.policies = policies
        self.store = store
        areThere = policies.current.hasRulesByName
    }

    /// Repositories that hold a version and where rules are about it that are not by its name, in their order.
    func repositories(of record: ArtifactRecord) async throws(RegistryError) -> [RepositoryName] {
        guard areThere else { return [] }
        let holding = try await throughStore { () async throws(StorageFault) in
            try await store.repositories(
                holding: record.key.version, in: record.key.tenant, limit: Self.repositoriesMax)
        }
        return holding.sorted().filter { asksForMore(in: $0, of: record) }
    }

    /// Whether a decision says of a repository what the one that a version is trusted by does not.
    func saysMore(_ decision: PolicyDecision, than record: ArtifactRecord) async throws(RegistryError) -> Bool {
        guard !decision.repositories.isEmpty, let admittance = record.admittance else { return false }
        let next = RepositoryStanding.admitted(in: decision.json)
        return try await admitted(by: admittance) != next
    }

    /// Whether a trusted version may be had from a repository.
    ///
    /// - Throws: `.notTrusted` where rules ask for more there, and the decision does not say that they hold.
    func require(
        _ record: ArtifactRecord, in repository: RepositoryKey, by admittance: Admittance
    ) async throws(RegistryError) {
        guard areThere, asksForMore(in: repository.name, of: record) else { return }
        guard try await admitted(by: admittance).contains(repository.name.description) else {
            throw .notTrusted(record, in: repository.name)
        }
    }

    private func asksForMore(in repository: RepositoryName, of record: ArtifactRecord) -> Bool {
        var facts = PolicyFacts([.name: .text(record.name.description)])
        if let source = record.acquisition.source { facts[.source] = .text(source) }
        return !policies.current.rules(onlyIn: repository, facts).isEmpty
    }

    private func admitted(by admittance: Admittance) async throws(RegistryError) -> Set<String> {
        let bytes = try await throughStore { () async throws(StorageFault) in
            try await store.evidenceDocument(admittance.decision)
        }
        guard let bytes, ArtifactManifests.hash(bytes, as: admittance.decision.algorithm) == admittance.decision,
            let decision = try? StrictJSON.parse(bytes, limits: Self.limits)
        else { throw RegistryError(.recordTampered, "The stored decision is missing or altered.") }
        return RepositoryStanding.admitted(in: decision)
    }

    private static let limits = JSONLimits(bytesMax: 64 << 20, nodesMax: 1 << 20, stringBytesMax: 16 << 20)
}

extension RegistryError {
    fileprivate static func notTrusted(_ record: ArtifactRecord, in repository: RepositoryName) -> RegistryError {
        let reason = "rules of verification are about it there, and were not found to hold: promote it again"
        return RegistryError(
            .notTrusted, "\(record.name) is trusted, and not in \(repository).",
            detail: ["state": .string(record.state.rawValue), "reason": .string(reason)])
    }
}
