public import OCI
public import StrictJSON

/// What the rules of verification say of a version in a repository that it is not named by.
///
/// A version has one state, wherever it is, and is judged by its name. What rules ask for in another repository that
/// holds it has to hold there besides: else whoever may push could have it judged by a name that nothing is asked of.
public struct RepositoryStanding: Sendable, Hashable {
    public var repository: RepositoryName
    /// The rules that do not hold, or could not be decided; empty where the version may be had from it.
    public var codes: [String]
}

extension Policy {
    /// Whether rules are about an artifact in some repositories, and not wherever it is.
    public var hasRulesByName: Bool { verification.contains { !$0.names.isEmpty } }

    /// The rules that are about an artifact in a repository, and not by its own name.
    ///
    /// - Parameter facts: name and source are enough.
    public func rules(onlyIn repository: RepositoryName, _ facts: PolicyFacts) -> [VerificationRule] {
        let elsewhere = facts.named(by: repository)
        return verification.filter { $0.isAbout(elsewhere) && !$0.isAbout(facts) }
    }

    func standings(_ facts: PolicyFacts) -> [RepositoryStanding] {
        facts.repositories.map { repository in
            let decision = SignatureDecision(rules(onlyIn: repository, facts), facts.named(by: repository))
            let holds = decision.standing == .verified || decision.standing == .unverified
            return RepositoryStanding(repository: repository, codes: holds ? [] : decision.codes)
        }
    }
}

extension PolicyFacts {
    fileprivate func named(by repository: RepositoryName) -> PolicyFacts {
        var facts = self
        facts[.name] = .text(repository.description)
        return facts
    }
}

extension RepositoryStanding {
    var json: JSONValue {
        [
            "repository": .string(repository.description), "admitted": .bool(codes.isEmpty),
            "codes": .array(codes.map { .string($0) }),
        ]
    }

    /// The repositories in which a version may be had besides the one that it is named by, as the document of its
    /// decision says.
    ///
    /// - Parameter decision: as `PolicyDecision.json` is stored.
    public static func admitted(in decision: JSONValue) -> Set<String> {
        let rows = (decision.asObject?["repositories"]?.asArray ?? []).compactMap(\.asObject)
        return Set(rows.filter { $0["admitted"]?.asBool == true }.compactMap { $0["repository"]?.asString })
    }
}
