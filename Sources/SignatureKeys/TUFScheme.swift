/// Key type and scheme under the names of The Update Framework (specification 4.2).
public enum TUFScheme: String, Sendable, Hashable, CaseIterable {
    case ecdsaP256 = "ecdsa-sha2-nistp256"
    case ecdsaP384 = "ecdsa-sha2-nistp384"
    case ed25519
    case rsaPSS256 = "rsassa-pss-sha256"
    case rsaPSS384 = "rsassa-pss-sha384"
    case rsaPSS512 = "rsassa-pss-sha512"
    case rsaPKCS1v15 = "rsa-pkcs1v15-sha256"

    public var scheme: SignatureScheme {
        switch self {
        case .ecdsaP256: .ecdsa(.sha256)
        case .ecdsaP384: .ecdsa(.sha384)
        case .ed25519: .ed25519
        case .rsaPSS256: .rsaPSS(.sha256)
        case .rsaPSS384: .rsaPSS(.sha384)
        case .rsaPSS512: .rsaPSS(.sha512)
        case .rsaPKCS1v15: .rsaPKCS1v15(.sha256)
        }
    }

    /// Whether a key is of the kind that the scheme is for.
    public func describes(_ key: VerificationKey) -> Bool {
        switch (self, key.kind) {
        case (.ecdsaP256, .p256), (.ecdsaP384, .p384), (.ed25519, .ed25519): true
        case (.rsaPSS256, .rsa), (.rsaPSS384, .rsa), (.rsaPSS512, .rsa), (.rsaPKCS1v15, .rsa): true
        default: false
        }
    }
}
