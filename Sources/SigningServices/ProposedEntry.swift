internal import SignatureKeys
internal import Signing
internal import StrictJSON

/// What a log of Rekor v1 is asked to take: a `hashedrekord` for an artifact, a `dsse` for a statement, both 0.0.1.
struct ProposedEntry {
    /// What is sent.
    let document: JSONValue

    private let kind: String
    /// SHA-256 of the envelope as it is sent, which the log keeps in place of it.
    private let envelopeDigest: [UInt8]?

    private static let version = "0.0.1"

    init(_ content: BundleDraft.Content, certificate: [UInt8]) {
        let verifier = JSONValue.string(Base64.encode(PEMText.encode("CERTIFICATE", certificate)))
        let spec: JSONValue
        if let envelope = content.envelope?.encoded() {
            kind = "dsse"
            envelopeDigest = HashAlgorithm.sha256.hash(envelope)
            let text = JSONValue.string(String(decoding: envelope, as: UTF8.self))
            spec = ["proposedContent": ["envelope": text, "verifiers": [verifier]]]
        } else {
            kind = "hashedrekord"
            envelopeDigest = nil
            let digest = JSONValue.string(Hexadecimal.encode(content.signedDigest))
            let signature = JSONValue.string(Base64.encode(content.signature))
            spec = [
                "data": ["hash": ["algorithm": "sha256", "value": digest]],
                "signature": ["content": signature, "publicKey": ["content": verifier]],
            ]
        }
        document = ["apiVersion": .string(Self.version), "kind": .string(kind), "spec": spec]
    }

    /// Whether an entry can be the one that was sent, as far as a bundle does not tell: its kind, and the envelope with
    /// everything that surrounds the statement. Signature, digest and certificate are compared where bundles are
    /// verified.
    func isTheSubject(of entry: PromisedEntry) -> Bool {
        guard entry.kind == kind, entry.version == Self.version else { return false }
        guard let envelopeDigest else { return true }
        let hash = entry.spec["envelopeHash"]?.asObject
        return hash?["algorithm"]?.asString == "sha256"
            && hash?["value"]?.asString.flatMap(Hexadecimal.decode) == envelopeDigest
    }

    /// The name of an entry in the address that a log says it has: 32 bytes in hexadecimal, or 40 with its tree before.
    static func name(in location: String) -> String? {
        guard let name = location.split(separator: "/").last, let bytes = Hexadecimal.decode(name),
            bytes.count == 32 || bytes.count == 40
        else { return nil }
        return String(name)
    }
}
