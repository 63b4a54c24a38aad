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
        for index in certificates.indices where isSigned(certificate, byListed: index) {
            return Array(certificates[index...])
        }
        return nil
    }

    /// A certificate that is listed itself, as those of timestamp authorities are, is known to be signed by the next.
    private func isSigned(_ certificate: Certificate, byListed index: Int) -> Bool {
        if isIntact, index > 0, certificates[index - 1] == certificate { return true }
        return certificate.isSigned(by: certificates[index])
    }
}
