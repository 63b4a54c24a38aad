public import SignatureKeys

/// What a signature is said to be about: bytes, or digests that the caller has computed or that name it.
public struct Artifact: Sendable {
    private let known: [HashAlgorithm: [UInt8]]
    private let bytes: [UInt8]?

    public init(bytes: [UInt8]) {
        self.bytes = bytes
        known = [.sha256: HashAlgorithm.sha256.hash(bytes)]
    }

    /// Digests of another length than their function's are left out.
    public init(digests: [HashAlgorithm: [UInt8]]) {
        bytes = nil
        known = digests.filter { $0.value.count == $0.key.byteCount }
    }

    /// `nil` if it is neither known nor can be computed.
    func digest(_ algorithm: HashAlgorithm) -> [UInt8]? {
        known[algorithm] ?? bytes.map(algorithm.hash)
    }

    func requiredDigest(_ algorithm: HashAlgorithm) throws(VerificationFailure) -> [UInt8] {
        guard let digest = digest(algorithm) else {
            throw VerificationFailure(
                .artifactUnavailable, "this needs the artifact's \(algorithm.rawValue), which is not known")
        }
        return digest
    }

    func requiredBytes() throws(VerificationFailure) -> [UInt8] {
        guard let bytes else {
            throw VerificationFailure(.artifactUnavailable, "this kind of signature needs the artifact's bytes")
        }
        return bytes
    }
}

/// What has to be known of an artifact to verify a bundle with it.
public struct ArtifactNeeds: Sendable, Hashable {
    public var digests: Set<HashAlgorithm>

    /// Whether only the bytes themselves will do.
    public var bytes: Bool

    public init(digests: Set<HashAlgorithm>, bytes: Bool) {
        self.digests = digests
        self.bytes = bytes
    }
}
