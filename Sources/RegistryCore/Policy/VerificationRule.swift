import OCI
public import Sigstore

/// Which signatures artifacts need. Of several such rules every one that is about an artifact has to hold.
public struct VerificationRule: Sendable, Hashable {
    /// Most rules of one policy, attestations of one rule, and names or sources that one is about.
    public static let rulesMax = 64
    public static let attestationsMax = 32
    public static let namesMax = 64
    public static let thresholdMax: UInt64 = 32

    /// As traces and codes name it: `verification`, or `verification:2` of a list.
    public var label: String
    /// The artifacts that it is about; empty for all.
    public var names: [NamePattern]
    /// Where those come from, as whoever brought them said; empty for anywhere.
    public var sources: [String]
    public var signer: SignerRule
    /// How many different signers have to have signed the artifact itself; 0 where attestations are enough.
    public var threshold: UInt64
    public var attestations: [AttestationRule]

    /// Whether it is about an artifact, by its name and source.
    public func isAbout(_ facts: PolicyFacts) -> Bool {
        if !names.isEmpty {
            guard case .text(let text)? = facts[.name], let name = try? ArtifactName(parsing: text) else { return true }
            let repository = name.pushed.flatMap { try? ArtifactName(parsing: $0.repository.description) }
            guard names.contains(where: { $0.matches(name) || (repository.map($0.matches) ?? false) }) else {
                return false
            }
        }
        return sources.isEmpty || facts[.source].map { source in sources.contains { source == .text($0) } } ?? false
    }
}

/// A statement that somebody has to have signed about an artifact.
public struct AttestationRule: Sendable, Hashable {
    /// What it has to be.
    public enum Kind: Sendable, Hashable {
        /// One type of predicate, byte for byte.
        case type(String)
        /// A bill of materials, CycloneDX or SPDX of any version.
        case sbom
        /// Provenance by SLSA, 0.2 or 1.
        case slsa
        /// An OpenSSF signature over the list of a model's files.
        case modelSignature

        public init(_ text: String) {
            switch text {
            case "sbom": self = .sbom
            case "slsa": self = .slsa
            case "model-signature": self = .modelSignature
            default: self = .type(text)
            }
        }

        public var text: String {
            switch self {
            case .type(let text): text
            case .sbom: "sbom"
            case .slsa: "slsa"
            case .modelSignature: "model-signature"
            }
        }

        func includes(_ predicateType: String) -> Bool {
            switch self {
            case .type(let text): text.utf8.elementsEqual(predicateType.utf8)
            case .sbom:
                ["https://cyclonedx.org/bom", "https://spdx.dev/Document"].contains { base in
                    predicateType == base || predicateType.hasPrefix("\(base)/")
                }
            case .slsa:
                ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"].contains(predicateType)
            case .modelSignature: predicateType == PredicateType.modelSignature
            }
        }
    }

    public var kind: Kind
    /// Of provenance: who has to have built it, and from where.
    public var builder: TextRule?
    public var source: TextRule?
    public var signer: SignerRule
}

/// Types of predicates that mean a signature over the artifact itself, and nothing besides.
public enum PredicateType {
    /// An image signature by cosign 3.
    public static let imageSignature = "https://sigstore.dev/cosign/sign/v1"
    /// OpenSSF model signing 1.0.
    public static let modelSignature = "https://model_signing/signature/v1.0"

    static func isSignature(_ type: String?) -> Bool {
        type == nil || type == imageSignature || type == modelSignature
    }
}
