internal import NIOSSL

/// The authorities whose certificates a client accepts instead of those that its machine trusts.
public struct TrustRoots: Sendable {
    /// Why bytes name no authority.
    public enum Fault: String, Error, Sendable, CaseIterable {
        case notPEM = "holds no certificates in PEM"
    }

    let certificates: [NIOSSLCertificate]

    /// - Parameter pem: certificates, one after another.
    public init(pem: [UInt8]) throws(Fault) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else { throw .notPEM }
        self.certificates = certificates
    }
}
