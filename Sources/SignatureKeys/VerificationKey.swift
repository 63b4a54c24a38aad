internal import Crypto
internal import CryptoExtras
internal import DER

/// A public key that signatures are verified with.
///
/// Whatever bytes it is made of, nothing traps: sizes are compared with limits and points with their curve before a
/// signature is looked at. Two keys are equal if their `subjectPublicKeyInfo` is.
public struct VerificationKey: Sendable {
    /// What kind of key it is.
    public enum Kind: Sendable, Hashable {
        case p256
        case p384
        case p521
        case ed25519
        case rsa(bits: Int)
    }

    enum Material: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    /// The key as a SubjectPublicKeyInfo in DER (RFC 5280 section 4.1.2.7).
    public let subjectPublicKeyInfo: [UInt8]

    let material: Material

    /// Largest encoding of a key that is read: RSA with 4096 bits and a large exponent fits.
    public static let bytesMax = 1_200

    public static let rsaBits = 2_048...4_096

    /// Reads a SubjectPublicKeyInfo in DER, with nothing behind it.
    public init(subjectPublicKeyInfo bytes: [UInt8]) throws(KeyFault) {
        let info = try SubjectPublicKeyInfo(bytes)
        material = try Self.material(of: info)
        subjectPublicKeyInfo = bytes
    }

    /// Reads an RSAPublicKey in DER (RFC 8017 appendix A.1.1).
    public init(pkcs1 bytes: [UInt8]) throws(KeyFault) {
        guard bytes.count <= Self.bytesMax else { throw .tooLarge }
        material = .rsa(try Self.rsaKey(bytes[...]))
        subjectPublicKeyInfo = SubjectPublicKeyInfo.encode(.rsaEncryption, parameters: [0x05, 0x00], key: bytes)
    }

    /// Takes the 32 bytes of RFC 8032 section 5.1.5.
    public init(ed25519 bytes: [UInt8]) throws(KeyFault) {
        guard bytes.count == 32 else { throw .malformed }
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { throw .invalidKey }
        material = .ed25519(key)
        subjectPublicKeyInfo = SubjectPublicKeyInfo.encode(.ed25519, parameters: [], key: bytes)
    }

    /// Reads a text with one PEM block, `PUBLIC KEY` or `RSA PUBLIC KEY`.
    public init(pem text: [UInt8]) throws(KeyFault) {
        guard let blocks = PEM.blocks(in: text, max: 1), let block = blocks.first else { throw .malformedPEM }
        switch block.label {
        case "PUBLIC KEY": try self.init(subjectPublicKeyInfo: block.bytes)
        case "RSA PUBLIC KEY": try self.init(pkcs1: block.bytes)
        default: throw .malformedPEM
        }
    }

    public var kind: Kind {
        switch material {
        case .p256: .p256
        case .p384: .p384
        case .p521: .p521
        case .ed25519: .ed25519
        case .rsa(let key): .rsa(bits: key.keySizeInBits)
        }
    }

    /// SHA-256 of `subjectPublicKeyInfo`, 32 bytes.
    public var keyID: [UInt8] { HashAlgorithm.sha256.hash(subjectPublicKeyInfo) }

    /// The 32 bytes of an Ed25519 key; `nil` for another.
    public var ed25519Bytes: [UInt8]? {
        guard case .ed25519(let key) = material else { return nil }
        return Array(key.rawRepresentation)
    }
}

extension VerificationKey: Hashable {
    public static func == (left: VerificationKey, right: VerificationKey) -> Bool {
        left.subjectPublicKeyInfo == right.subjectPublicKeyInfo
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(subjectPublicKeyInfo)
    }
}

extension VerificationKey {
    private static func material(of info: SubjectPublicKeyInfo) throws(KeyFault) -> Material {
        switch info.kind {
        case .p256:
            guard let key = try? P256.Signing.PublicKey(x963Representation: info.key) else { throw .invalidKey }
            return .p256(key)
        case .p384:
            guard let key = try? P384.Signing.PublicKey(x963Representation: info.key) else { throw .invalidKey }
            return .p384(key)
        case .p521:
            guard let key = try? P521.Signing.PublicKey(x963Representation: info.key) else { throw .invalidKey }
            return .p521(key)
        case .ed25519:
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: info.key) else { throw .invalidKey }
            return .ed25519(key)
        case .rsa:
            return .rsa(try rsaKey(info.key[...]))
        }
    }

    /// The two numbers are read here, so that the library is asked only for sizes that it is meant for.
    private static func rsaKey(_ bytes: ArraySlice<UInt8>) throws(KeyFault) -> _RSA.Signing.PublicKey {
        let modulus, exponent: ArraySlice<UInt8>
        do throws(DERFault) {
            var fields = try DERReader.document(bytes)
            modulus = try fields.integer()
            exponent = try fields.integer()
            try fields.finish()
        } catch {
            throw .malformed
        }
        guard let first = modulus.first, first & 0x80 == 0, exponent.first.map({ $0 & 0x80 == 0 }) == true else {
            throw .invalidKey
        }
        let magnitude = modulus.drop { $0 == 0 }
        guard let top = magnitude.first else { throw .invalidKey }
        let bits = magnitude.count * 8 - top.leadingZeroBitCount
        guard rsaBits.contains(bits) else { throw .unsupportedSize }
        guard let key = try? _RSA.Signing.PublicKey(n: Array(magnitude), e: Array(exponent)) else {
            throw .invalidKey
        }
        return key
    }
}
