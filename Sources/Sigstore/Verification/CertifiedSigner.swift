internal import DER

/// Step 4: a trusted authority certified the signer, and everything was valid at every time of step 3.
struct CertifiedSigner: Sendable {
    let timed: TimedSignature
    let certificate: Certificate

    /// Whoever issued it.
    let issuer: Certificate

    init(_ timed: TimedSignature, root: TrustedRoot) throws(VerificationFailure) {
        guard case .certificate(let leaf, let chain) = timed.claim.signer else {
            throw VerificationFailure(.certificateExpected, "it is signed with a key, and an identity is asked for")
        }
        try Self.checkUsage(of: leaf)
        let paths = CertificatePath.paths(from: chain, to: root.certificateAuthorities, for: .codeSigning)
        guard !paths.isEmpty else {
            throw VerificationFailure(.certificateUntrusted, "no trusted authority issued the certificate")
        }
        var issuer: Certificate?
        for time in timed.times {
            guard leaf.isValid(at: time.time) else {
                throw VerificationFailure(
                    .certificateOutsideValidity, "it was signed at \(time.time), when the certificate was not valid")
            }
            guard let path = paths.first(where: { $0.isValid(at: time.time) }) else {
                throw VerificationFailure(
                    .authorityOutsideWindow, "it was signed at \(time.time), when the authority was not valid")
            }
            issuer = path.issuer
        }
        guard let issuer else {
            throw VerificationFailure(.certificateUntrusted, "the certificate is an anchor itself")
        }
        self.timed = timed
        self.issuer = issuer
        certificate = leaf
    }

    private static func checkUsage(of leaf: Certificate) throws(VerificationFailure) {
        let constraints = leaf.constraints
        if let unhandled = constraints.unhandled {
            throw VerificationFailure(.certificateExtension, "the certificate demands what \(unhandled) means")
        }
        guard !constraints.isAuthority else {
            throw VerificationFailure(.certificateUsage, "the certificate is that of an authority")
        }
        guard constraints.maySignMessages, constraints.purposes?.contains(.codeSigning) == true else {
            throw VerificationFailure(.certificateUsage, "the certificate is not one to sign code with")
        }
    }
}
