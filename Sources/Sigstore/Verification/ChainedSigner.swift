internal import DER
internal import SignatureKeys

/// Steps 4 to 6 for a certificate that no log has: an anchor of the caller's vouches for it, it is valid when it was
/// signed, and it names whom the policy asks for.
///
/// Nobody but a timestamp authority can say that a signature is older than its certificate's end. Without one it has to
/// be valid now: with an expired certificate anybody who finds its key could sign.
struct ChainedSigner: Sendable {
    let timed: TimedSignature
    let identity: CertificateIdentity

    init(
        _ timed: TimedSignature, _ rule: VerificationPolicy.CertificateRule, notBefore: UnixTime?
    ) throws(VerificationFailure) {
        guard case .certificate(let leaf, let chain) = timed.claim.signer else {
            throw VerificationFailure(.certificateExpected, "it is signed with a key, and a certificate is asked for")
        }
        try Self.checkUsage(of: leaf)
        let paths = CertificatePath.paths(from: chain, to: rule.anchors.authorities, for: .codeSigning)
        guard !paths.isEmpty else {
            throw VerificationFailure(.certificateUntrusted, "none of the roots that are given issued the certificate")
        }
        let times = timed.times.isEmpty ? [rule.now] : timed.times.map(\.time)
        for time in times {
            guard leaf.isValid(at: time) else {
                throw VerificationFailure(
                    .certificateOutsideValidity,
                    timed.times.isEmpty
                        ? "the certificate is not valid now, and nobody who is trusted says when it was signed"
                        : "it was signed at \(time), when the certificate was not valid")
            }
        }
        guard let path = paths.first(where: { path in times.allSatisfy(path.isValid(at:)) }),
            let anchor = path.certificates.last
        else {
            throw VerificationFailure(.authorityOutsideWindow, "an authority above the certificate is not valid")
        }
        identity = try Self.identity(leaf, anchor, rule.subject)
        try timed.checkCutoff(notBefore)
        self.timed = timed
    }

    private static func checkUsage(of leaf: Certificate) throws(VerificationFailure) {
        let constraints = leaf.constraints
        if let unhandled = constraints.unhandled {
            throw VerificationFailure(.certificateExtension, "the certificate demands what \(unhandled) means")
        }
        guard !constraints.isAuthority else {
            throw VerificationFailure(.certificateUsage, "the certificate is that of an authority")
        }
        // One of the two has to say that it is for signing, and neither that it is not.
        let isForCode = constraints.purposes?.contains(.codeSigning) == true
        guard constraints.permits(.codeSigning),
            constraints.maySignMessages || (isForCode && !constraints.statesKeyUsage)
        else { throw VerificationFailure(.certificateUsage, "the certificate is not one to sign with") }
    }

    private static func identity(
        _ leaf: Certificate, _ anchor: Certificate, _ rule: TextRule
    ) throws(VerificationFailure) -> CertificateIdentity {
        let names = try leaf.subjectNames()
        guard !names.isEmpty else { throw VerificationFailure(.identityMissing, "the certificate names nobody") }
        guard let name = names.first(where: { rule.allows($0.name) }) else {
            let all = names.map(\.name).joined(separator: ", ")
            throw VerificationFailure(.identityMismatch, "\(all) signed it, whom the policy does not ask for")
        }
        let digest = Hexadecimal.encode(HashAlgorithm.sha256.hash(anchor.der))
        return CertificateIdentity(
            kind: name.kind, name: name.name, issuer: "certificate sha256:\(digest)", claims: [:])
    }
}
