import SignatureKeys
import Sigstore

/// What a policy's rules of verification say of an artifact.
struct SignatureDecision {
    /// As the fact `verification` says it.
    enum Standing: String {
        /// Every rule that is about the artifact holds, and there is one.
        case verified
        /// No rule is about it.
        case unverified
        case failed
        /// What could not be verified might make the difference.
        case undecided
    }

    private(set) var standing = Standing.unverified
    private(set) var objections: [String] = []
    private(set) var codes: [String] = []
    private(set) var trace: [PolicyDecision.Step] = []
    /// What became of each bundle, in the order of the facts.
    private(set) var bundles: [PolicyDecision.SignatureStep]

    /// An objection stands, whatever could not be found out.
    var isSure: Bool { standing == .failed }

    init(_ rules: [VerificationRule], _ facts: PolicyFacts) {
        bundles = facts.signatures.map { PolicyDecision.SignatureStep(fact: $0, countsFor: [], objections: [:]) }
        let rules = rules.filter { $0.isAbout(facts) }
        guard !rules.isEmpty else { return }
        standing = .verified
        for rule in rules {
            if rule.threshold > 0 {
                check(rule.label, rule.signer, count: rule.threshold, what: "signatures of the artifact itself") {
                    fact in
                    PredicateType.isSignature(fact.predicateType) ? nil : .predicateTypeMismatch
                }
            }
            for attestation in rule.attestations {
                let label = "\(rule.label):\(attestation.kind.text)"
                check(label, attestation.signer, count: 1, what: "statements \(attestation.kind.text)") { fact in
                    attestation.objection(to: fact)
                }
            }
        }
    }

    private mutating func check(
        _ label: String, _ signer: SignerRule, count: UInt64, what: String,
        _ objection: (SignatureFact) -> SignatureObjection?
    ) {
        var signers: Set<VerifiedSigner.Name> = []
        var undecided: UInt64 = 0
        for place in bundles.indices {
            let fact = bundles[place].fact
            switch fact.finding {
            case .refused(let refusal): undecided += refusal.isUndecided ? 1 : 0
            case .verified(let verified):
                if let reason = objection(fact) ?? signer.objection(to: verified).map(SignatureObjection.init) {
                    bundles[place].objections[label] = reason.rawValue
                } else {
                    bundles[place].countsFor.append(label)
                    signers.insert(verified.name)
                }
            }
        }
        let holds = UInt64(signers.count) >= count
        trace.append(
            PolicyDecision.Step(rule: label, effect: holds ? .admit : .deny, result: .applies, missing: []))
        guard !holds else { return }
        codes.append(label)
        let mightHold = UInt64(signers.count) + undecided >= count
        objections.append(
            "It needs \(what) by \(count) of those whom the policy names, and has \(signers.count)"
                + (undecided > 0 ? "; \(undecided) could not be verified." : "."))
        if standing != .failed { standing = mightHold ? .undecided : .failed }
    }
}

/// Why a verified bundle does not count for a rule.
enum SignatureObjection {
    case failure(FailureReason)
    case builderMismatch
    case sourceMismatch

    init(_ reason: FailureReason) { self = .failure(reason) }

    static let predicateTypeMismatch = SignatureObjection.failure(.predicateTypeMismatch)

    var rawValue: String {
        switch self {
        case .failure(let reason): reason.rawValue
        case .builderMismatch: "builder_mismatch"
        case .sourceMismatch: "source_mismatch"
        }
    }
}

extension AttestationRule {
    fileprivate func objection(to fact: SignatureFact) -> SignatureObjection? {
        guard let type = fact.predicateType, kind.includes(type) else { return .predicateTypeMismatch }
        if let builder, fact.builder.map(builder.allows) != true { return .builderMismatch }
        if let source, !fact.sources.contains(where: source.allows) { return .sourceMismatch }
        return nil
    }
}
