public import RegistryClient
internal import SignatureKeys
public import Signing
public import StrictJSON

/// A log that signatures are entered into: the interface of Rekor.
public struct SignatureLog: Sendable {
    private let address: ServerAddress
    private let version: RekorVersion
    private let http: ServiceHTTP

    private static let path = "/api/v1/log/entries"
    private static let pathV2 = "/api/v2/log/entries"

    public init(_ address: ServerAddress, _ version: RekorVersion, over http: ServiceHTTP) {
        self.address = address
        self.version = version
        self.http = http
    }

    /// Enters a signature by the key of a certificate, on P-256.
    ///
    /// - Returns: a `TransparencyLogEntry`, as bundles have it. Nothing about it was verified, but that it is of the
    ///   kind that was sent.
    public func enter(
        _ content: BundleDraft.Content, certificate: [UInt8]
    ) async throws(ServiceFault) -> JSONValue {
        switch version {
        case .v1: try await propose(ProposedEntry(content, certificate: certificate))
        case .v2: try await request(content, certificate)
        }
    }

    private func request(
        _ content: BundleDraft.Content, _ certificate: [UInt8]
    ) async throws(ServiceFault) -> JSONValue {
        let verifier: JSONValue = [
            "x509Certificate": ["rawBytes": .string(Base64.encode(certificate))],
            "keyDetails": .string(KeyDetails.p256.rawValue),
        ]
        let request: JSONValue = [
            "digest": .string(Base64.encode(content.signedDigest)),
            "signature": ["content": .string(Base64.encode(content.signature)), "verifier": verifier],
        ]
        let answer = try await http.post(
            message(["hashedRekordRequestV002": request]), to: address, path: Self.pathV2)
        guard let entry = ServiceAnswer.logEntry(answer) else { throw nonsense("it is no entry of a log") }
        return entry
    }

    private func propose(_ proposed: ProposedEntry) async throws(ServiceFault) -> JSONValue {
        let answer: [UInt8]
        switch try await http.postOnce(message(proposed.document), to: address, path: Self.path) {
        case .taken(let body): answer = body
        case .there(let location):
            // Only its name counts: nobody leads us to another host or path.
            guard let name = location.flatMap(ProposedEntry.name(in:)) else {
                throw nonsense("it has the same entry already, and does not say which")
            }
            answer = try await http.get(
                "\(Self.path)/\(name)", from: address, accept: "application/json", bytesMax: ServiceAnswer.bytesMax)
        }
        guard let entry = ServiceAnswer.promisedEntry(answer) else {
            throw nonsense("it is no entry of a log with its promise and proof")
        }
        guard proposed.isTheSubject(of: entry) else {
            throw nonsense("its entry is another than the one that was sent")
        }
        return entry.encoded
    }

    private func message(_ body: JSONValue) -> ServiceHTTP.Message {
        ServiceHTTP.Message(
            body: body.encoded(), contentType: "application/json", accept: "application/json", token: nil,
            answerBytesMax: ServiceAnswer.bytesMax)
    }

    private func nonsense(_ reason: String) -> ServiceFault {
        .nonsense(service: address.description, reason: reason)
    }
}
