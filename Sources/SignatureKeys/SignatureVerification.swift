internal import Crypto
internal import CryptoExtras

extension VerificationKey {
    /// Largest signature that is looked at: that of RSA with 4096 bits has 512 bytes.
    public static let signatureBytesMax = 1_024

    /// Whether a key of this kind can have made a signature by `scheme`.
    public func supports(_ scheme: SignatureScheme) -> Bool {
        switch (kind, scheme) {
        case (.p256, .ecdsa), (.p384, .ecdsa), (.p521, .ecdsa), (.ed25519, .ed25519), (.rsa, .rsaPKCS1v15),
            (.rsa, .rsaPSS):
            true
        default: false
        }
    }

    /// Whether `signature` is this key's over `message`. A scheme of another kind of key makes it false.
    public func isValid(_ signature: [UInt8], over message: [UInt8], by scheme: SignatureScheme) -> Bool {
        guard signature.count <= Self.signatureBytesMax, supports(scheme) else { return false }
        switch scheme.hashAlgorithm {
        case .sha256: return isValid(signature, for: SHA256.hash(data: message), by: scheme)
        case .sha384: return isValid(signature, for: SHA384.hash(data: message), by: scheme)
        case .sha512: return isValid(signature, for: SHA512.hash(data: message), by: scheme)
        case nil:
            guard case .ed25519(let key) = material else { return false }
            return key.isValidSignature(signature, for: message)
        }
    }

    /// Whether `signature` is this key's over the message with this digest.
    ///
    /// Only for a digest that the caller has computed over the message, or that names the message by itself: whoever
    /// can choose a digest can make signatures of no message. Always false for Ed25519, which signs messages.
    ///
    /// - Parameter digest: by the hash of `scheme`; one of another length makes it false.
    public func isValid(_ signature: [UInt8], overDigest digest: [UInt8], by scheme: SignatureScheme) -> Bool {
        guard signature.count <= Self.signatureBytesMax, supports(scheme), let hash = scheme.hashAlgorithm else {
            return false
        }
        switch hash {
        case .sha256: return known(digest, SHA256Digest.self).map { isValid(signature, for: $0, by: scheme) } ?? false
        case .sha384: return known(digest, SHA384Digest.self).map { isValid(signature, for: $0, by: scheme) } ?? false
        case .sha512: return known(digest, SHA512Digest.self).map { isValid(signature, for: $0, by: scheme) } ?? false
        }
    }

    private func isValid(_ signature: [UInt8], for digest: some Digest, by scheme: SignatureScheme) -> Bool {
        switch material {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .p384(let key):
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .p521(let key):
            guard let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .rsa(let key):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            switch scheme {
            case .rsaPKCS1v15: return key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
            case .rsaPSS: return key.isValidSignature(signature, for: digest, padding: .PSS)
            case .ecdsa, .ed25519: return false
            }
        case .ed25519: return false
        }
    }

    /// A digest of the library from its bytes.
    ///
    /// The library makes digests only by hashing, and a type of our own in their place stops the process where RSA asks
    /// which hash it is. Its digests are plain values that consist of their bytes; should that change, the sizes differ
    /// and nothing verifies.
    private func known<D: Digest>(_ bytes: [UInt8], _ type: D.Type) -> D? {
        guard bytes.count == D.byteCount, MemoryLayout<D>.size == D.byteCount, _isPOD(D.self) else { return nil }
        return withUnsafeTemporaryAllocation(of: D.self, capacity: 1) { memory in
            UnsafeMutableRawBufferPointer(memory).copyBytes(from: bytes)
            return memory.baseAddress?.pointee
        }
    }
}
