/// An authority that is trusted to issue certificates, or timestamps.
public struct TrustedAuthority: Sendable {
    /// As the root lists them: what issues first, the anchor last.
    let certificates: [Certificate]
    public let window: ValidityWindow

    /// Whether each but the last is signed by the next. Tried once, since it depends on nothing else.
    let isIntact: Bool

    init(certificates: [Certificate], window: ValidityWindow) {
        self.certificates = certificates
        self.window = window
        isIntact = zip(certificates, certificates.dropFirst()).allSatisfy { $0.isSigned(by: $1) }
    }

    /// The authorities above a certificate, up to the anchor; `nil` if none of them signed it.
    func chain(above certificate: Certificate) -> [Certificate]? {
        for (index, issuer) in certificates.enumerated() where certificate.isSigned(by: issuer) {
            return Array(certificates[index...])
        }
        return nil
    }
}
