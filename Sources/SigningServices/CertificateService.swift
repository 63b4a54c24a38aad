internal import DER
public import RegistryClient
internal import SignatureKeys
public import Signing
internal import StrictJSON

/// An authority that certifies keys for a short time: the interface of Fulcio, version 2.
public struct CertificateService: Sendable {
    private let address: ServerAddress
    private let http: ServiceHTTP

    public init(_ address: ServerAddress, over http: ServiceHTTP) {
        self.address = address
        self.http = http
    }

    /// Has a key certified for whom the token names. The request is signed, which proves that we have the key.
    ///
    /// - Returns: the leaf in DER. Nothing about it was verified.
    public func certificate(for key: SigningKey, _ token: IdentityToken) async throws(ServiceFault) -> [UInt8] {
        let request: [UInt8]
        do throws(SigningFault) {
            request = try CertificateRequest.pem(for: key)
        } catch {
            throw .nonsense(service: address.description, reason: "\(error)")
        }
        let body: JSONValue = ["certificateSigningRequest": .string(Base64.encode(request))]
        let answer = try await http.post(
            ServiceHTTP.Message(
                body: body.encoded(), contentType: "application/json", accept: "application/json", token: token,
                answerBytesMax: ServiceAnswer.bytesMax),
            to: address, path: "/api/v2/signingCert")
        guard let certificate = ServiceAnswer.certificate(answer) else {
            throw .nonsense(service: address.description, reason: "it holds no certificate from a log")
        }
        return certificate
    }
}

/// A request for a certificate (RFC 2986). Whom it is for says the token beside it.
enum CertificateRequest {
    static func pem(for key: SigningKey) throws(SigningFault) -> [UInt8] {
        let empty = DERWriter.element(.sequence, [])
        let information = DERWriter.element(
            .sequence,
            DERWriter.element(.integer, [0]) + empty + key.verificationKey.subjectPublicKeyInfo
                + DERWriter.element(.contextConstructed(0), []))
        let algorithm = DERWriter.element(.sequence, ObjectIdentifier.ecdsaWithSHA256.encoded)
        let signature = DERWriter.element(.bitString, [0] + (try key.signature(over: information)))
        return PEMText.encode(
            "CERTIFICATE REQUEST", DERWriter.element(.sequence, information + algorithm + signature))
    }
}

extension ObjectIdentifier {
    fileprivate static let ecdsaWithSHA256 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 2)
}
