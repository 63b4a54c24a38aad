internal import DistributionClient
internal import OCI
internal import Sigstore

/// The verification of signatures that lie beside a manifest.
struct CarriedCheck {
    /// Any of them will do for a signature.
    let policies: [VerificationPolicy]
    let root: TrustedRoot?

    func verdict(on signature: CarriedSignature, of manifest: StoredManifest) -> SignatureCheck.Verdict {
        var verdict = SignatureCheck.Verdict.refused(VerificationFailure(.keyExpected, "no key is given"))
        for policy in policies {
            do throws(VerificationFailure) {
                return .verified(try verify(signature, manifest, by: policy), by: policy.signer)
            } catch {
                verdict = .refused(error)
            }
        }
        return verdict
    }

    private func verify(
        _ signature: CarriedSignature, _ manifest: StoredManifest, by policy: VerificationPolicy
    ) throws(VerificationFailure) -> VerifiedBundle {
        let verifier = BundleVerifier(root: root ?? .none)
        do throws(VerificationFailure) {
            switch signature {
            case .bundle(let bundle):
                return try verifier.verify(bundle, of: Artifact(bytes: manifest.bytes), by: policy)
            case .simple(let signature):
                return try verifier.verify(signature, ofManifest: manifest.digest.description, by: policy)
            }
        } catch {
            guard root == nil, Self.needsRoot(error.reason, policy) else { throw error }
            throw VerificationFailure(.trustedRootMissing, "it cannot be checked without a trusted root")
        }
    }

    /// Through nobody nothing can be told of logs and authorities, unless the caller names the authorities.
    private static func needsRoot(_ reason: FailureReason, _ policy: VerificationPolicy) -> Bool {
        switch (reason, policy.signer) {
        case (.logUnknown, _), (.timestampAuthorityUnknown, _), (.certificateUntrusted, .identity): true
        default: false
        }
    }
}
