internal import Attestation
public import SignatureKeys
public import StrictJSON

/// A Sigstore bundle that is being made, version 0.3.
///
/// Nothing has been verified of it. Whoever writes one down verifies it first.
public struct BundleDraft: Sendable {
    public enum Content: Sendable {
        /// A signature over an artifact with this SHA-256.
        case message(sha256: [UInt8], signature: [UInt8])
        /// A signature over the pre-authentication encoding of a statement.
        case statement(payload: [UInt8], signature: [UInt8])

        public var signature: [UInt8] {
            switch self {
            case .message(_, let signature), .statement(_, let signature): signature
            }
        }

        /// SHA-256 of what the key signed: the artifact, or the encoding of the statement.
        public var signedDigest: [UInt8] {
            switch self {
            case .message(let digest, _): digest
            case .statement(let payload, _):
                HashAlgorithm.sha256.hash(BundleDraft.signedBytes(ofStatement: payload))
            }
        }

        /// What a statement is signed in (DSSE 1.0); `nil` for an artifact, which is signed without one.
        public var envelope: JSONValue? {
            guard case .statement(let payload, let signature) = self else { return nil }
            return [
                "payload": .string(Base64.encode(payload)), "payloadType": .string(Envelope.inTotoType),
                "signatures": [["sig": .string(Base64.encode(signature)), "keyid": ""]],
            ]
        }
    }

    public enum Material: Sendable {
        case publicKey(hint: String)
        /// DER of the leaf alone.
        case certificate([UInt8])
    }

    public var content: Content
    public var material: Material

    /// As logs answer with them, `TransparencyLogEntry`.
    public var logEntries: [JSONValue] = []

    /// RFC 3161 responses in DER.
    public var timestamps: [[UInt8]] = []

    public static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

    public init(_ content: Content, by material: Material) {
        self.content = content
        self.material = material
    }

    /// What a signature over a statement is made over.
    public static func signedBytes(ofStatement payload: [UInt8]) -> [UInt8] {
        Envelope(payload: payload, payloadType: Envelope.inTotoType, signatures: []).preAuthenticationEncoding
    }

    public func encoded() -> [UInt8] {
        var verification = JSONObject()
        switch material {
        case .publicKey(let hint): verification["publicKey"] = ["hint": .string(hint)]
        case .certificate(let bytes): verification["certificate"] = ["rawBytes": .string(Base64.encode(bytes))]
        }
        verification["tlogEntries"] = .array(logEntries)
        let stamps = timestamps.map { JSONValue.object(["signedTimestamp": .string(Base64.encode($0))]) }
        verification["timestampVerificationData"] = ["rfc3161Timestamps": .array(stamps)]
        var bundle: JSONObject = [
            "mediaType": .string(Self.mediaType), "verificationMaterial": .object(verification),
        ]
        switch content {
        case .message(let digest, let signature):
            bundle["messageSignature"] = [
                "messageDigest": ["algorithm": "SHA2_256", "digest": .string(Base64.encode(digest))],
                "signature": .string(Base64.encode(signature)),
            ]
        case .statement:
            bundle["dsseEnvelope"] = content.envelope
        }
        return JSONValue.object(bundle).encoded()
    }
}

extension VerificationKey {
    /// How cosign hints at a key: SHA-256 of its SubjectPublicKeyInfo, base64.
    public var bundleHint: String { Base64.encode(keyID) }

    /// How model signing hints at one: SHA-256 of its PEM text, in hexadecimal.
    public var modelSigningHint: String { Hexadecimal.encode(HashAlgorithm.sha256.hash(pem)) }
}
