import NIOCore
package import NIOSSL

/// A certificate, the chain behind it, and the key to it: what a server shows to clients that speak TLS.
public struct ServerIdentity: Sendable {
    /// Why certificate and key cannot be used.
    public enum Fault: String, Error, Sendable, CaseIterable {
        case certificate = "holds no certificates in PEM"
        case key = "holds no private key in PEM, or one that takes a pass phrase"
        case pair = "is not the key to the first certificate of the chain"
    }

    package let context: NIOSSLContext
    /// When the first certificate of the chain to end does so, in seconds since 1970.
    public let notAfter: Int64
    /// When that one is due to be renewed, in seconds since 1970.
    public let renewalDue: Int64

    /// - Parameters:
    ///   - certificates: PEM, the server's own first, then those that lead to what clients trust.
    ///   - key: PEM, not encrypted.
    public init(certificates: [UInt8], key: [UInt8]) throws(Fault) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificates), !chain.isEmpty else { throw .certificate }
        guard let key = try? NIOSSLPrivateKey(bytes: key, format: .pem) else { throw .key }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // What RFC 9113 Appendix A leaves of TLS 1.2: forward secrecy and authenticated encryption.
        configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
        configuration.applicationProtocols = Self.applicationProtocols
        // For the client's part of a goodbye (RFC 8446 §6.1), which not every client says.
        configuration.shutdownTimeout = .seconds(2)
        guard let context = try? NIOSSLContext(configuration: configuration) else { throw .pair }
        self.context = context
        let first = chain.min { $0.notValidAfter < $1.notValidAfter }
        notAfter = Int64(first?.notValidAfter ?? 0)
        renewalDue = Self.renewalDue(from: Int64(first?.notValidBefore ?? 0), to: notAfter)
    }

    /// Two weeks before the end, and of certificates that live shorter when two thirds of that are over.
    package static func renewalDue(from notBefore: Int64, to notAfter: Int64) -> Int64 {
        let (life, overflow) = notAfter.subtractingReportingOverflow(notBefore)
        let margin = overflow ? renewalSecondsMax : min(renewalSecondsMax, max(0, life) / 3)
        return notAfter.subtractingReportingOverflow(margin).partialValue
    }

    private static let renewalSecondsMax: Int64 = 14 * 86_400

    /// RFC 7301, in the order in which we like them.
    static let applicationProtocols = [http2, "http/1.1"]
    static let http2 = "h2"
}
