/// Kind of key and scheme under the names of Sigstore's registry of algorithms (`PublicKeyDetails`).
public enum KeyDetails: String, Sendable, Hashable, CaseIterable {
    case pkcs1RSA = "PKCS1_RSA_PKCS1V5"
    case pkcs1RSAPSS = "PKCS1_RSA_PSS"
    case rsaPKCS1v15 = "PKIX_RSA_PKCS1V5"
    case rsaPSS = "PKIX_RSA_PSS"
    case rsa2048 = "PKIX_RSA_PKCS1V15_2048_SHA256"
    case rsa3072 = "PKIX_RSA_PKCS1V15_3072_SHA256"
    case rsa4096 = "PKIX_RSA_PKCS1V15_4096_SHA256"
    case rsaPSS2048 = "PKIX_RSA_PSS_2048_SHA256"
    case rsaPSS3072 = "PKIX_RSA_PSS_3072_SHA256"
    case rsaPSS4096 = "PKIX_RSA_PSS_4096_SHA256"
    case p256 = "PKIX_ECDSA_P256_SHA_256"
    case p384 = "PKIX_ECDSA_P384_SHA_384"
    case p521 = "PKIX_ECDSA_P521_SHA_512"
    case ed25519 = "PKIX_ED25519"

    public var scheme: SignatureScheme {
        switch self {
        case .pkcs1RSA, .rsaPKCS1v15, .rsa2048, .rsa3072, .rsa4096: .rsaPKCS1v15(.sha256)
        case .pkcs1RSAPSS, .rsaPSS, .rsaPSS2048, .rsaPSS3072, .rsaPSS4096: .rsaPSS(.sha256)
        case .p256: .ecdsa(.sha256)
        case .p384: .ecdsa(.sha384)
        case .p521: .ecdsa(.sha512)
        case .ed25519: .ed25519
        }
    }

    /// Whether a key is of the kind that this names.
    public func describes(_ key: VerificationKey) -> Bool {
        switch (self, key.kind) {
        case (.p256, .p256), (.p384, .p384), (.p521, .p521), (.ed25519, .ed25519): true
        case (.rsa2048, .rsa(2_048)), (.rsaPSS2048, .rsa(2_048)): true
        case (.rsa3072, .rsa(3_072)), (.rsaPSS3072, .rsa(3_072)): true
        case (.rsa4096, .rsa(4_096)), (.rsaPSS4096, .rsa(4_096)): true
        case (.pkcs1RSA, .rsa), (.pkcs1RSAPSS, .rsa), (.rsaPKCS1v15, .rsa), (.rsaPSS, .rsa): true
        default: false
        }
    }

    /// Reads a key in the encoding that the name says: RSAPublicKey for `PKCS1_…`, SubjectPublicKeyInfo otherwise.
    ///
    /// - Throws: `.unsupportedAlgorithm` if it is a key of another kind.
    public func key(_ bytes: [UInt8]) throws(KeyFault) -> VerificationKey {
        let key: VerificationKey
        switch self {
        case .pkcs1RSA, .pkcs1RSAPSS: key = try VerificationKey(pkcs1: bytes)
        default: key = try VerificationKey(subjectPublicKeyInfo: bytes)
        }
        guard describes(key) else { throw .unsupportedAlgorithm }
        return key
    }
}

extension VerificationKey {
    /// What the registry pairs with this kind of key; RSA is PKCS#1 v1.5 with SHA-256, and `nil` if it has a size that
    /// the registry does not name.
    public var details: KeyDetails? {
        switch kind {
        case .p256: .p256
        case .p384: .p384
        case .p521: .p521
        case .ed25519: .ed25519
        case .rsa(2_048): .rsa2048
        case .rsa(3_072): .rsa3072
        case .rsa(4_096): .rsa4096
        case .rsa: nil
        }
    }

    /// The scheme that keys of this kind sign with where nothing else is said.
    public var defaultScheme: SignatureScheme {
        switch kind {
        case .p256: .ecdsa(.sha256)
        case .p384: .ecdsa(.sha384)
        case .p521: .ecdsa(.sha512)
        case .ed25519: .ed25519
        case .rsa: .rsaPKCS1v15(.sha256)
        }
    }
}
