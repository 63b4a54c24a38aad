public import RegistryCore
import OCI

/// Whether bytes may come in of which nobody says beforehand what they are.
///
/// Handed to everything that takes bytes in, when it is made: no way in can be forgotten, because none can be built
/// without it.
public enum IntegrityDemand: Sendable {
    case none
    /// There has to be a digest, or one of these has to be about the artifact, so that it needs signatures.
    case required([VerificationRule])

    public init(_ policy: Policy) {
        self = policy.requireIntegrity ? .required(policy.verification) : .none
    }

    /// - Parameters:
    ///   - source: where the bytes come from, as whoever brings them says.
    ///   - digest: what they have to hash to, as whoever brings them says.
    /// - Throws: `.integrityRequired`.
    func admit(_ name: ArtifactName, source: String?, stated digest: Digest?) throws(RegistryError) {
        guard case .required(let rules) = self, digest == nil else { return }
        var facts = PolicyFacts([.name: .text(name.description)])
        facts[.source] = source.map { .text($0) }
        guard rules.contains(where: { $0.isAbout(facts) }) else {
            throw RegistryError(
                .integrityRequired,
                "\(name) comes without a digest, and the policy asks for no signature of it: state the digest.")
        }
    }
}
