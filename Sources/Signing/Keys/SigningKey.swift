internal import Crypto
public import SignatureKeys

/// A private key that signs.
public struct SigningKey: Sendable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case p256
        case ed25519
    }

    enum Material: Sendable {
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    let material: Material

    /// The public part.
    public let verificationKey: VerificationKey

    /// A new key, from the library's own random numbers.
    public init(generating kind: Kind) throws(SigningFault) {
        switch kind {
        case .p256: try self.init(.p256(P256.Signing.PrivateKey()))
        case .ed25519: try self.init(.ed25519(Curve25519.Signing.PrivateKey()))
        }
    }

    /// - Parameter secret: the 32 bytes of the number (RFC 5915) or of the seed (RFC 8032).
    init(_ kind: Kind, secret: [UInt8]) throws(SigningFault) {
        guard secret.count == 32 else { throw .malformedKey }
        switch kind {
        case .p256:
            guard let key = try? P256.Signing.PrivateKey(rawRepresentation: secret) else { throw .malformedKey }
            try self.init(.p256(key))
        case .ed25519:
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret) else { throw .malformedKey }
            try self.init(.ed25519(key))
        }
    }

    private init(_ material: Material) throws(SigningFault) {
        self.material = material
        do throws(KeyFault) {
            switch material {
            case .p256(let key):
                verificationKey = try VerificationKey(subjectPublicKeyInfo: Array(key.publicKey.derRepresentation))
            case .ed25519(let key):
                verificationKey = try VerificationKey(ed25519: Array(key.publicKey.rawRepresentation))
            }
        } catch {
            throw .libraryFailure
        }
    }

    public var kind: Kind {
        switch material {
        case .p256: .p256
        case .ed25519: .ed25519
        }
    }

    var secret: [UInt8] {
        switch material {
        case .p256(let key): Array(key.rawRepresentation)
        case .ed25519(let key): Array(key.rawRepresentation)
        }
    }

    /// ECDSA over its SHA-256 in DER, or Ed25519 over the message itself.
    public func signature(over message: [UInt8]) throws(SigningFault) -> [UInt8] {
        switch material {
        case .p256(let key):
            guard let signature = try? key.signature(for: SHA256.hash(data: message)) else { throw .libraryFailure }
            return Array(signature.derRepresentation)
        case .ed25519(let key):
            guard let signature = try? key.signature(for: message) else { throw .libraryFailure }
            return Array(signature)
        }
    }

    /// ECDSA in DER over a message whose SHA-256 the caller has computed.
    ///
    /// - Throws: `.bytesNeeded` for Ed25519.
    public func signature(overSHA256 digest: [UInt8]) throws(SigningFault) -> [UInt8] {
        guard case .p256(let key) = material else { throw .bytesNeeded }
        guard let digest = ComputedDigest(digest), let signature = try? key.signature(for: digest) else {
            throw .libraryFailure
        }
        return Array(signature.derRepresentation)
    }
}

/// A SHA-256 that was computed elsewhere, as the library takes digests.
private struct ComputedDigest: Digest {
    static let byteCount = 32

    private let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes(body)
    }

    func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }

    var description: String { Hexadecimal.encode(bytes) }
}
