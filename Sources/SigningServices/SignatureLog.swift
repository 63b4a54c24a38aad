public import RegistryClient
internal import SignatureKeys
public import StrictJSON

/// A log that signatures are entered into: the interface of Rekor, version 2.
public struct SignatureLog: Sendable {
    private let address: ServerAddress
    private let http: ServiceHTTP

    public init(_ address: ServerAddress, over http: ServiceHTTP) {
        self.address = address
        self.http = http
    }

    /// Enters a signature by the key of a certificate, on P-256.
    ///
    /// - Parameter digest: SHA-256 of what was signed.
    /// - Returns: a `TransparencyLogEntry`, as bundles have it. Nothing about it was verified.
    public func enter(
        _ signature: [UInt8], over digest: [UInt8], certificate: [UInt8]
    ) async throws(ServiceFault) -> JSONValue {
        let verifier: JSONValue = [
            "x509Certificate": ["rawBytes": .string(Base64.encode(certificate))],
            "keyDetails": .string(KeyDetails.p256.rawValue),
        ]
        let request: JSONValue = [
            "digest": .string(Base64.encode(digest)),
            "signature": ["content": .string(Base64.encode(signature)), "verifier": verifier],
        ]
        let body: JSONValue = ["hashedRekordRequestV002": request]
        let answer = try await http.post(
            ServiceHTTP.Message(
                body: body.encoded(), contentType: "application/json", accept: "application/json", token: nil,
                answerBytesMax: ServiceAnswer.bytesMax),
            to: address, path: "/api/v2/log/entries")
        guard let entry = ServiceAnswer.logEntry(answer) else {
            throw .nonsense(service: address.description, reason: "it is no entry of a log")
        }
        return entry
    }
}
