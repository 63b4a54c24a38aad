internal import DER
public import RegistryClient
internal import SignatureKeys

/// An authority that says when something was there (RFC 3161, over HTTP by section 3.4).
public struct TimestampService: Sendable {
    private let address: ServerAddress
    private let http: ServiceHTTP

    private static let answerBytesMax = 64 << 10

    public init(_ address: ServerAddress, over http: ServiceHTTP) {
        self.address = address
        self.http = http
    }

    /// Has a signature dated.
    ///
    /// The request has no nonce: the signature is new and nobody can have asked for it before.
    ///
    /// - Returns: a TimeStampResp in DER. Nothing about it was verified.
    public func timestamp(of signature: [UInt8]) async throws(ServiceFault) -> [UInt8] {
        let algorithm = DERWriter.element(
            .sequence, ObjectIdentifier.sha256.encoded + DERWriter.element(.null, []))
        let imprint = DERWriter.element(
            .sequence, algorithm + DERWriter.element(.octetString, HashAlgorithm.sha256.hash(signature)))
        let wantsCertificate = DERWriter.element(.boolean, [0xFF])
        let request = DERWriter.element(
            .sequence, DERWriter.element(.integer, [1]) + imprint + wantsCertificate)
        return try await http.post(
            ServiceHTTP.Message(
                body: request, contentType: "application/timestamp-query", accept: "application/timestamp-reply",
                token: nil, answerBytesMax: Self.answerBytesMax),
            to: address)
    }
}

extension ObjectIdentifier {
    fileprivate static let sha256 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 1)
}
