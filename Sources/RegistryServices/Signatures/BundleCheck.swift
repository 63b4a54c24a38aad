import Attestation
import OCI
import RegistryCore
import RegistryPorts
import SignatureKeys
import Sigstore
import StrictJSON

/// Verifies bundles about one version, whoever signed them. What counts is for the policy to say.
struct BundleCheck: Sendable {
    let subject: SignedVersion
    /// All keys of the policy: a bundle by another key is by nobody.
    let keys: [VerificationKey]
    /// `nil` when there is none that may be used.
    let root: TrustedRoot?

    func fact(of bytes: [UInt8], digest: Digest, referrer: Digest? = nil) -> SignatureFact {
        do throws(BundleRefusal) {
            let (verified, signer) = try verify(bytes)
            let claims = verified.statement.map(ProvenanceClaims.init)
            return SignatureFact(
                bundle: digest, referrer: referrer, predicateType: verified.statement?.predicateType,
                builder: claims?.builder, sources: claims?.sources ?? [], finding: .verified(signer))
        } catch {
            return SignatureFact(bundle: digest, referrer: referrer, finding: .refused(error.refusal))
        }
    }

    private func verify(_ bytes: [UInt8]) throws(BundleRefusal) -> (VerifiedBundle, VerifiedSigner) {
        do throws(VerificationFailure) {
            let bundle = try UnverifiedBundle(parsing: bytes)
            let verifier = BundleVerifier(root: try root(for: bundle))
            let artifact = try subject.artifact(of: bundle)
            var failure = VerificationFailure(.certificateExpected, "the policy names no key")
            for signer in signers(of: bundle) {
                do throws(VerificationFailure) {
                    let verified = try verifier.verify(bundle, of: artifact, by: VerificationPolicy(signer: signer))
                    try subject.compare(with: verified)
                    return (verified, try VerifiedSigner(verified, signer))
                } catch {
                    failure = error
                }
            }
            throw failure
        } catch {
            throw BundleRefusal(error)
        }
    }

    private func signers(of bundle: UnverifiedBundle) -> [VerificationPolicy.Signer] {
        switch bundle.material {
        case .certificates: [.identity(.anything, issuer: .anything)]
        case .publicKey: keys.map { .key($0) }
        }
    }

    /// A signature by a key that is in no log needs none.
    private func root(for bundle: UnverifiedBundle) throws(VerificationFailure) -> TrustedRoot {
        if let root { return root }
        guard case .publicKey = bundle.material, bundle.logEntries.isEmpty, bundle.timestamps.isEmpty else {
            throw VerificationFailure(.trustedRootMissing, "there is no trusted root that can be used")
        }
        return .none
    }
}

/// Why a bundle is not verified.
private struct BundleRefusal: Error {
    var refusal: SignatureRefusal

    init(_ failure: VerificationFailure) {
        refusal = failure.reason == .trustedRootMissing ? .rootUnavailable : SignatureRefusal(failure.reason)
    }
}

extension VerifiedSigner {
    fileprivate init(
        _ bundle: VerifiedBundle, _ signer: VerificationPolicy.Signer
    ) throws(VerificationFailure) {
        let name: Name
        switch (signer, bundle.identity) {
        case (_, let identity?): name = .identity(identity.name, issuer: identity.issuer)
        case (.key(let key), nil): name = .key(key.keyID)
        case (.identity, nil), (.certificate, nil): throw VerificationFailure(.identityMissing, "nobody is named")
        }
        self.init(
            name: name,
            times: bundle.times.map { signed in
                switch signed.source {
                case .log(let host): SignedTime(time: signed.time, source: host)
                case .timestampAuthority: SignedTime(time: signed.time, source: "timestamp-authority")
                }
            },
            logPlaces: bundle.logEntries.map { entry in
                LogPlace(host: entry.log.host, index: entry.logIndex, isIncluded: entry.isIncluded)
            })
    }
}

/// Who built something and from where, as provenance says it (SLSA 0.2 and 1).
struct ProvenanceClaims: Sendable {
    private(set) var builder: String?
    /// As written, and without the scheme's prefix and the revision.
    private(set) var sources: [String] = []

    init(_ statement: Statement) {
        let predicate = statement.predicate
        switch statement.predicateType {
        case "https://slsa.dev/provenance/v1":
            builder = predicate["runDetails"]?.asObject?["builder"]?.asObject?["id"]?.asString
            let parameters = predicate["buildDefinition"]?.asObject?["externalParameters"]?.asObject
            // One place alone says what was built: dependencies are whatever else came in.
            add(parameters?["workflow"]?.asObject?["repository"]?.asString)
            add(parameters?["buildConfigSource"]?.asObject?["repository"]?.asString)
            add(parameters?["source"]?.asObject?["uri"]?.asString ?? parameters?["source"]?.asString)
        case "https://slsa.dev/provenance/v0.2":
            builder = predicate["builder"]?.asObject?["id"]?.asString
            add(predicate["invocation"]?.asObject?["configSource"]?.asObject?["uri"]?.asString)
        default: break
        }
    }

    private mutating func add(_ uri: String?) {
        guard let uri, !uri.isEmpty else { return }
        sources.append(uri)
        var bare = uri.hasPrefix("git+") ? String(uri.dropFirst(4)) : uri
        if let at = bare.lastIndex(of: "@"), bare[at...].contains("refs/") { bare = String(bare[..<at]) }
        if bare != uri { sources.append(bare) }
    }
}
