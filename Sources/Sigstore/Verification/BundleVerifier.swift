internal import Attestation
internal import SignatureKeys

/// Verifies bundles through one trusted root, without network, files or clock.
public struct BundleVerifier: Sendable {
    public let root: TrustedRoot

    public init(root: TrustedRoot) {
        self.root = root
    }

    /// All that the client specification asks for, in its order.
    ///
    /// - Throws: the first thing that does not hold. There is no partial result.
    public func verify(
        _ bundle: UnverifiedBundle, of artifact: Artifact, by policy: VerificationPolicy
    ) throws(VerificationFailure) -> VerifiedBundle {
        let claim = try SignatureClaim(bundle, artifact, policy.signer)
        let logged = try LoggedSignature(claim, root: root)
        let timed = try TimedSignature(logged, root: root)
        switch policy.signer {
        case .identity(let identity, let issuer):
            let certified = try CertifiedSigner(timed, root: root)
            let recorded = try RecordedCertificate(certified, root: root)
            let identified = try IdentifiedSigner(
                recorded, identity: identity, issuer: issuer, notBefore: policy.notBefore)
            return try VerifiedBundle(identified, predicateType: policy.predicateType)
        case .certificate(let rule):
            let chained = try ChainedSigner(timed, rule, notBefore: policy.notBefore)
            return try VerifiedBundle(chained, predicateType: policy.predicateType)
        case .key:
            let keyed = try KeyedSigner(timed, notBefore: policy.notBefore)
            return try VerifiedBundle(keyed, predicateType: policy.predicateType)
        }
    }

    /// What has to be known of the artifact for that; so that a large one is read once, and kept only if it must be.
    public static func needs(
        of bundle: UnverifiedBundle, by policy: VerificationPolicy
    ) throws(VerificationFailure) -> ArtifactNeeds {
        let claim = try SignatureClaim(bundle, Artifact(digests: [:]), policy.signer)
        switch bundle.content {
        case .message(let message):
            var digests: Set<HashAlgorithm> = [.sha256]
            if let hash = claim.scheme.hashAlgorithm { digests.insert(hash) }
            if let hash = message.digestAlgorithm.flatMap(HashAlgorithm.init(registryName:)) { digests.insert(hash) }
            return ArtifactNeeds(digests: digests, bytes: claim.scheme.hashAlgorithm == nil)
        case .envelope(let envelope):
            let subjects = (try? Statement(parsing: envelope.payload))?.subjects ?? []
            let used = Set(subjects.flatMap(\.digests.keys))
            return ArtifactNeeds(digests: used.union([.sha256]), bytes: false)
        }
    }
}
