internal import DER

/// Certificates from a leaf to an anchor, each signed by the next. Whether they hold at a time is asked of it.
///
/// Paths here are fixed and short: what a trusted root says, and at most the intermediates of a bundle below it. RFC
/// 5280 section 6.1, without policies and name constraints: whatever asks for those is refused.
struct CertificatePath: Sendable {
    /// Leaf first.
    let certificates: [Certificate]

    let authority: TrustedAuthority

    /// Whoever signed the leaf; `nil` where the leaf itself is the anchor.
    var issuer: Certificate? { certificates.dropFirst().first }

    /// Every way from the first of `chain` to an anchor of one of `authorities`.
    ///
    /// - Parameter chain: a leaf, and certificates that may help to get from it to an authority. Not trusted.
    static func paths(
        from chain: [Certificate], to authorities: [TrustedAuthority], for purpose: ObjectIdentifier
    ) -> [CertificatePath] {
        var paths: [CertificatePath] = []
        for authority in authorities where authority.isIntact {
            var lower: [Certificate] = []
            for certificate in chain {
                if let last = lower.last, !last.isSigned(by: certificate) { break }
                lower.append(certificate)
                if let upper = authority.chain(above: certificate) {
                    let path = CertificatePath(certificates: lower + upper, authority: authority)
                    if path.authoritiesMay(purpose) { paths.append(path) }
                    break
                }
            }
        }
        return paths
    }

    /// Inclusive on both sides, as all periods of certificates are.
    func isValid(at time: UnixTime) -> Bool {
        authority.window.contains(time) && certificates.allSatisfy { $0.isValid(at: time) }
    }

    private func authoritiesMay(_ purpose: ObjectIdentifier) -> Bool {
        var below = 0
        for certificate in certificates.dropFirst() {
            let constraints = certificate.constraints
            guard constraints.maySignCertificates, constraints.permits(purpose), constraints.unhandled == nil,
                constraints.pathLengthMax.map({ below <= $0 }) ?? true
            else { return false }
            if !certificate.isSelfIssued { below += 1 }
        }
        return true
    }
}
