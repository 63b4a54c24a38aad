internal import SignatureKeys

/// Certificates through which others are trusted without a log, as OpenSSF model signing does it with a company's own
/// authority.
///
/// Whoever makes one has decided to trust everything that these issue.
public struct CertificateAnchors: Sendable, Hashable {
    let certificates: [Certificate]

    /// Most certificates that are read.
    public static let certificatesMax = 64

    /// Reads certificates in PEM.
    ///
    /// - Throws: `.trustedRootMalformed` for text without certificates, or with something that is none.
    public init(pem text: [UInt8]) throws(VerificationFailure) {
        guard let blocks = PEM.blocks(in: text, max: Self.certificatesMax), !blocks.isEmpty,
            blocks.allSatisfy({ $0.label == "CERTIFICATE" })
        else {
            throw VerificationFailure(
                .trustedRootMalformed, "there is no certificate, something else, or more than \(Self.certificatesMax)")
        }
        var certificates: [Certificate] = []
        for block in blocks {
            do throws(CertificateFault) {
                certificates.append(try Certificate(der: block.bytes))
            } catch {
                throw VerificationFailure(.trustedRootMalformed, "\(error)")
            }
        }
        self.certificates = certificates
    }

    var authorities: [TrustedAuthority] {
        certificates.map { TrustedAuthority(certificates: [$0], window: ValidityWindow(start: nil, end: nil)) }
    }
}
