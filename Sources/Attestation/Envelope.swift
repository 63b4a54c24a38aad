internal import SignatureKeys
public import StrictJSON

/// A payload with signatures over it and its type (DSSE 1.0, envelope). Reading one verifies nothing.
public struct Envelope: Sendable, Hashable {
    /// A signature over the pre-authentication encoding.
    public struct Signature: Sendable, Hashable {
        /// A hint that nobody vouches for; empty if there is none.
        public let keyID: String
        public let bytes: [UInt8]

        public init(keyID: String, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    public let payload: [UInt8]
    public let payloadType: String
    public let signatures: [Signature]

    /// Most signatures that are read.
    public static let signaturesMax = 32

    /// Media type of in-toto statements.
    public static let inTotoType = "application/vnd.in-toto+json"

    public init(payload: [UInt8], payloadType: String, signatures: [Signature]) {
        self.payload = payload
        self.payloadType = payloadType
        self.signatures = signatures
    }

    /// Reads `payload` and `sig` as standard base64 with padding; unknown members are ignored.
    public init(_ object: JSONObject) throws(AttestationFault) {
        guard let text = object["payload"]?.asString, let payload = Base64.decode(text.utf8) else {
            throw .malformed("payload")
        }
        guard let type = object["payloadType"]?.asString, !type.isEmpty else { throw .malformed("payloadType") }
        guard let elements = object["signatures"]?.asArray else { throw .malformed("signatures") }
        guard elements.count <= Self.signaturesMax else { throw .limitExceeded("signatures") }
        var signatures: [Signature] = []
        for element in elements {
            guard let fields = element.asObject, let sig = fields["sig"]?.asString,
                let bytes = Base64.decode(sig.utf8), !bytes.isEmpty
            else { throw .malformed("signatures") }
            let hint = fields["keyid"] ?? .null
            guard hint.isNull || hint.asString != nil else { throw .malformed("keyid") }
            signatures.append(Signature(keyID: hint.asString ?? "", bytes: bytes))
        }
        self.init(payload: payload, payloadType: type, signatures: signatures)
    }

    /// What is signed (DSSE 1.0, protocol, "PAE"): lengths are of bytes, in decimal.
    public var preAuthenticationEncoding: [UInt8] {
        var bytes = Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8)
        bytes.append(contentsOf: payload)
        return bytes
    }

    /// The envelope as a document.
    public var json: JSONValue {
        let signatures: [JSONValue] = signatures.map { signature in
            ["keyid": .string(signature.keyID), "sig": .string(Base64.encode(signature.bytes))]
        }
        return [
            "payload": .string(Base64.encode(payload)), "payloadType": .string(payloadType),
            "signatures": .array(signatures),
        ]
    }
}
