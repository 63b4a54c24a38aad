internal import DER

/// Step 6: the signer is whom the policy asks for, and did not sign too early.
struct IdentifiedSigner: Sendable {
    let recorded: RecordedCertificate
    let identity: CertificateIdentity

    init(
        _ recorded: RecordedCertificate, identity rule: TextRule, issuer: TextRule, notBefore: UnixTime?
    ) throws(VerificationFailure) {
        let identity = try CertificateIdentity(recorded.certified.certificate)
        guard issuer.allows(identity.issuer) else {
            throw VerificationFailure(
                .issuerMismatch, "\(identity.issuer) vouched for it, whom the policy does not ask for")
        }
        guard rule.allows(identity.name) else {
            throw VerificationFailure(.identityMismatch, "\(identity.name) signed it, whom the policy does not ask for")
        }
        try recorded.certified.timed.checkCutoff(notBefore)
        self.recorded = recorded
        self.identity = identity
    }
}

/// Steps 4 to 6 for a key: there is no certificate, and the policy names the key itself.
struct KeyedSigner: Sendable {
    let timed: TimedSignature

    init(_ timed: TimedSignature, notBefore: UnixTime?) throws(VerificationFailure) {
        guard case .key = timed.claim.signer else {
            throw VerificationFailure(.keyExpected, "it is signed with a certificate, and a key is asked for")
        }
        try timed.checkCutoff(notBefore)
        self.timed = timed
    }
}

extension TimedSignature {
    /// The earliest of all times counts: whoever could add an earlier one cannot make a signature younger.
    func checkCutoff(_ notBefore: UnixTime?) throws(VerificationFailure) {
        guard let notBefore else { return }
        guard let earliest = times.map(\.time).min() else {
            throw VerificationFailure(.timeMissing, "nobody who is trusted says when it was signed")
        }
        guard earliest >= notBefore else {
            throw VerificationFailure(
                .signedBeforeCutoff, "it was signed at \(earliest), before \(notBefore)")
        }
    }
}
