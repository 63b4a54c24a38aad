/// Why bytes are no key that signatures are verified with.
public enum KeyFault: Error, Sendable, Hashable, CaseIterable {
    /// More bytes than any key has.
    case tooLarge
    /// Not the encoding of a key.
    case malformed
    /// Not exactly one PEM block of a public key.
    case malformedPEM
    /// A key of a kind that is not verified with, or on another curve.
    case unsupportedAlgorithm
    /// RSA with fewer than 2048 bits or more than 4096.
    case unsupportedSize
    /// A point that is not on its curve, or numbers that are no RSA key.
    case invalidKey
}

extension KeyFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge: "it is larger than any public key"
        case .malformed: "it is not the encoding of a public key"
        case .malformedPEM: "it is not one PEM block of a public key"
        case .unsupportedAlgorithm: "it is a key of a kind that is not supported"
        case .unsupportedSize: "RSA keys have 2048 to 4096 bits"
        case .invalidKey: "its numbers are no valid key"
        }
    }
}
