/// Why something could not be signed, or a private key not be read.
public enum SigningFault: Error, Sendable, Hashable {
    /// Not one PEM block of a private key.
    case malformedPEM
    /// Not the encoding of a private key, or one whose public part is that of another.
    case malformedKey
    /// A key of a kind that is not signed with.
    case unsupportedKey
    /// A way of encrypting keys that is not read; says which part.
    case unsupportedEncryption(String)
    /// Deriving the key would take more time or memory than is spent on it.
    case derivationTooCostly
    /// The key is encrypted, and no password was given.
    case passwordMissing
    /// The password is another one, or the file was changed: the two cannot be told apart.
    case passwordWrong
    /// The library refused to do it.
    case libraryFailure
    /// Ed25519 signs bytes, not a digest.
    case bytesNeeded
}

extension SigningFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformedPEM: "it is not one PEM block of a private key"
        case .malformedKey: "it is not the encoding of a private key"
        case .unsupportedKey: "it is a key of a kind that is not signed with: P-256 and Ed25519 are"
        case .unsupportedEncryption(let part): "it is encrypted with \(part) that is not read"
        case .derivationTooCostly: "deriving its key from the password would cost more than is spent on it"
        case .passwordMissing: "it is encrypted, and there is no password"
        case .passwordWrong: "the password is wrong, or the file was changed"
        case .libraryFailure: "the cryptographic library failed"
        case .bytesNeeded: "Ed25519 signs bytes and not a digest"
        }
    }
}
