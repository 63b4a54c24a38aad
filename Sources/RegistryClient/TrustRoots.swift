package import NIOSSL

/// Authorities whose certificates a client accepts, besides those that its machine trusts or instead of them.
public struct TrustRoots: Sendable {
    /// Why bytes name no authority.
    public enum Fault: String, Error, Sendable, CaseIterable {
        case notPEM = "holds no certificates in PEM"
    }

    private let certificates: [NIOSSLCertificate]

    /// - Parameter pem: certificates, one after another.
    public init(pem: [UInt8]) throws(Fault) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else { throw .notPEM }
        self.certificates = certificates
    }

    /// How to speak TLS as a client: always with a look at certificate and name.
    ///
    /// - Parameters:
    ///   - roots: `nil` for what the machine trusts.
    ///   - isAlone: `roots` are trusted instead of what the machine trusts.
    package static func configuration(_ roots: TrustRoots?, isAlone: Bool) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        guard let roots else { return configuration }
        if isAlone {
            configuration.trustRoots = .certificates(roots.certificates)
        } else {
            configuration.additionalTrustRoots = [.certificates(roots.certificates)]
        }
        return configuration
    }
}
