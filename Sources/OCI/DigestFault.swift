/// Why text or bytes are no digest.
public enum DigestFault: Error, Sendable, Hashable, CaseIterable {
    /// No algorithm and colon.
    case malformed
    case unsupportedAlgorithm
    case wrongLength
    /// The registered algorithms are written in lowercase hexadecimal only; two spellings would be two names of one
    /// blob.
    case notLowercaseHex
}

extension DigestFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed: "a digest is an algorithm, a colon and hexadecimal digits"
        case .unsupportedAlgorithm: "the digest algorithm is neither sha256 nor sha512"
        case .wrongLength: "the digest has not the length of its algorithm"
        case .notLowercaseHex: "the digest is not in lowercase hexadecimal"
        }
    }
}
