/// How a signature is made with a key: what is hashed, and how it is padded.
public enum SignatureScheme: Sendable, Hashable {
    /// On the curve of the key; the signature in DER (RFC 3279 section 2.2.3).
    case ecdsa(HashAlgorithm)

    /// Over the message itself (RFC 8032 section 5.1).
    case ed25519

    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    case rsaPKCS1v15(HashAlgorithm)

    /// RSASSA-PSS with MGF1 over the same hash and a salt of its length (RFC 8017 section 8.1).
    case rsaPSS(HashAlgorithm)

    /// What is hashed before it is signed; `nil` where the message itself goes in.
    public var hashAlgorithm: HashAlgorithm? {
        switch self {
        case .ecdsa(let hash), .rsaPKCS1v15(let hash), .rsaPSS(let hash): hash
        case .ed25519: nil
        }
    }
}
