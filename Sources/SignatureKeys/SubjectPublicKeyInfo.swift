internal import DER

/// What a key says about itself: its algorithm, and the bits of the key (RFC 5280 section 4.1.2.7).
struct SubjectPublicKeyInfo {
    enum Kind { case p256, p384, p521, ed25519, rsa }

    let kind: Kind

    /// A point with both coordinates (RFC 5480), 32 bytes (RFC 8410) or an RSAPublicKey.
    let key: [UInt8]

    init(_ bytes: [UInt8]) throws(KeyFault) {
        guard bytes.count <= VerificationKey.bytesMax else { throw .tooLarge }
        let algorithm: ObjectIdentifier
        let parameters: DERElement?
        do throws(DERFault) {
            var fields = try DERReader.document(bytes[...])
            var identifier = try fields.sequence()
            algorithm = try identifier.objectIdentifier()
            parameters = identifier.isAtEnd ? nil : try identifier.next()
            try identifier.finish()
            key = Array(try fields.bitString())
            try fields.finish()
        } catch {
            throw .malformed
        }
        kind = try Self.kind(algorithm, parameters)
        guard kind == .rsa || key.count == Self.byteCount(kind) else { throw .malformed }
    }

    private static func kind(_ algorithm: ObjectIdentifier, _ parameters: DERElement?) throws(KeyFault) -> Kind {
        switch algorithm {
        case .ecPublicKey:
            guard let parameters, parameters.tag == .objectIdentifier else { throw .unsupportedAlgorithm }
            var reader = DERReader(parameters.encoded)
            switch try? reader.objectIdentifier() {
            case .some(.p256Curve): return .p256
            case .some(.p384Curve): return .p384
            case .some(.p521Curve): return .p521
            default: throw .unsupportedAlgorithm
            }
        case .ed25519:
            guard parameters == nil else { throw .malformed }
            return .ed25519
        case .rsaEncryption:
            // RFC 3279 section 2.3.1 demands NULL.
            guard parameters.map({ $0.tag == .null && $0.content.isEmpty }) == true else { throw .malformed }
            return .rsa
        default: throw .unsupportedAlgorithm
        }
    }

    private static func byteCount(_ kind: Kind) -> Int {
        switch kind {
        case .p256: 65
        case .p384: 97
        case .p521: 133
        case .ed25519: 32
        case .rsa: 0
        }
    }

    static func encode(_ algorithm: ObjectIdentifier, parameters: [UInt8], key: [UInt8]) -> [UInt8] {
        let identifier = DERWriter.element(.sequence, algorithm.encoded + parameters)
        return DERWriter.element(.sequence, identifier + DERWriter.element(.bitString, [0] + key))
    }
}

extension ObjectIdentifier {
    static let ecPublicKey = ObjectIdentifier(1, 2, 840, 10045, 2, 1)
    static let p256Curve = ObjectIdentifier(1, 2, 840, 10045, 3, 1, 7)
    static let p384Curve = ObjectIdentifier(1, 3, 132, 0, 34)
    static let p521Curve = ObjectIdentifier(1, 3, 132, 0, 35)
    static let ed25519 = ObjectIdentifier(1, 3, 101, 112)
    static let rsaEncryption = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 1)
}
