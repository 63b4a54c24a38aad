internal import Crypto
internal import DER

/// A private key as PKCS #8 has it (RFC 5958 section 2, OneAsymmetricKey).
enum PrivateKeyInfo {
    /// Largest encoding that is read; a key of P-256 with its public part has 138 bytes.
    static let bytesMax = 4 << 10

    static func read(_ bytes: [UInt8]) throws(SigningFault) -> SigningKey {
        guard bytes.count <= bytesMax else { throw .malformedKey }
        let algorithm: ObjectIdentifier
        let curve: ObjectIdentifier?
        let privateKey: ArraySlice<UInt8>
        do throws(DERFault) {
            var fields = try DERReader.document(bytes[...])
            // 1 where the public part follows; it follows from the private one.
            guard try fields.smallInteger() <= 1 else { throw fields.fault(.invalidContent) }
            var identifier = try fields.sequence()
            algorithm = try identifier.objectIdentifier()
            curve = identifier.nextTag == .objectIdentifier ? try identifier.objectIdentifier() : nil
            privateKey = try fields.octetString()
        } catch {
            throw .malformedKey
        }
        switch (algorithm, curve) {
        case (.ecPublicKey, .p256Curve): return try SigningKey(.p256, secret: try ecSecret(privateKey))
        case (.ed25519, nil): return try SigningKey(.ed25519, secret: try edwardsSecret(privateKey))
        default: throw .unsupportedKey
        }
    }

    static func write(_ key: SigningKey) -> [UInt8] {
        let secret = DERWriter.element(.octetString, key.secret)
        let algorithm: [UInt8]
        let privateKey: [UInt8]
        switch key.kind {
        case .p256:
            algorithm = ObjectIdentifier.ecPublicKey.encoded + ObjectIdentifier.p256Curve.encoded
            privateKey = DERWriter.element(.sequence, DERWriter.integer(1) + secret + publicPart(key))
        case .ed25519:
            algorithm = ObjectIdentifier.ed25519.encoded
            privateKey = secret
        }
        return DERWriter.element(
            .sequence,
            DERWriter.integer(0) + DERWriter.element(.sequence, algorithm)
                + DERWriter.element(.octetString, privateKey))
    }

    /// ECPrivateKey (RFC 5915 section 3).
    private static func ecSecret(_ bytes: ArraySlice<UInt8>) throws(SigningFault) -> [UInt8] {
        do throws(DERFault) {
            var fields = try DERReader.document(bytes)
            guard try fields.smallInteger() == 1 else { throw fields.fault(.invalidContent) }
            return Array(try fields.octetString())
        } catch {
            throw .malformedKey
        }
    }

    /// CurvePrivateKey (RFC 8410 section 7).
    private static func edwardsSecret(_ bytes: ArraySlice<UInt8>) throws(SigningFault) -> [UInt8] {
        do throws(DERFault) {
            var reader = DERReader(bytes)
            let secret = Array(try reader.octetString())
            try reader.finish()
            return secret
        } catch {
            throw .malformedKey
        }
    }

    /// `[1] BIT STRING`, which older readers need to know the public part by.
    private static func publicPart(_ key: SigningKey) -> [UInt8] {
        guard case .p256(let material) = key.material else { return [] }
        let point = Array(material.publicKey.x963Representation)
        return DERWriter.element(.contextConstructed(1), DERWriter.element(.bitString, [0] + point))
    }
}

extension DERWriter {
    /// An INTEGER that is not negative.
    static func integer(_ value: UInt32) -> [UInt8] {
        var octets = withUnsafeBytes(of: value.bigEndian) { Array($0) }
        while octets.count > 1, octets[0] == 0, octets[1] & 0x80 == 0 { octets.removeFirst() }
        if octets[0] & 0x80 != 0 { octets.insert(0, at: 0) }
        return element(.integer, octets)
    }
}

extension ObjectIdentifier {
    static let ecPublicKey = ObjectIdentifier(1, 2, 840, 10045, 2, 1)
    static let p256Curve = ObjectIdentifier(1, 2, 840, 10045, 3, 1, 7)
    static let ed25519 = ObjectIdentifier(1, 3, 101, 112)
}
