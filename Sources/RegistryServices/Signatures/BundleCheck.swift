import Attestation
import OCI
import RegistryCore
import RegistryPorts
import SignatureKeys
import Sigstore
import StrictJSON

/// Verifies signatures about one version, whoever signed them. What counts is for the policy to say.
struct BundleCheck: Sendable {
    let subject: SignedVersion
    let record: ArtifactRecord
    /// Its keys are all that are tried: a signature by another key is by nobody.
    let policy: Policy
    /// `nil` when there is none that may be used.
    let root: TrustedRoot?
    let parts: ListedParts

    /// - Parameter digest: of the bundle, or of the payload of a simple signature.
    /// - Throws: whatever keeps the files from being compared with the parts that were signed.
    func fact(
        of content: CarriedContent, digest: Digest, referrer: Digest? = nil
    ) async throws(RegistryError) -> SignatureFact {
        let verified: VerifiedBundle
        let signer: VerifiedSigner
        let parted: [PartedFile]
        do throws(BundleRefusal) {
            (verified, signer, parted) = try verify(content)
        } catch {
            return SignatureFact(bundle: digest, referrer: referrer, finding: .refused(error.refusal))
        }
        if !parted.isEmpty {
            // Files are read for nobody but those whom the policy names.
            if let reason = policy.objection(to: signer) {
                return SignatureFact(
                    bundle: digest, referrer: referrer, finding: .refused(SignatureRefusal(reason)))
            }
            for file in parted where try await !parts.match(file, in: record) {
                return SignatureFact(
                    bundle: digest, referrer: referrer, finding: .refused(SignatureRefusal(.filesDiffer)))
            }
        }
        let claims = verified.statement.map(ProvenanceClaims.init)
        return SignatureFact(
            bundle: digest, referrer: referrer, predicateType: verified.statement?.predicateType,
            builder: claims?.builder, sources: claims?.sources ?? [], finding: .verified(signer))
    }

    private func verify(
        _ content: CarriedContent
    ) throws(BundleRefusal) -> (VerifiedBundle, VerifiedSigner, [PartedFile]) {
        do throws(VerificationFailure) {
            switch content {
            case .bundle(let bytes): return try verify(bundle: bytes)
            case .simple(let payload, let annotations): return try verify(simple: payload, annotations)
            }
        } catch {
            throw BundleRefusal(error)
        }
    }

    private func verify(
        bundle bytes: [UInt8]
    ) throws(VerificationFailure) -> (VerifiedBundle, VerifiedSigner, [PartedFile]) {
        let bundle = try UnverifiedBundle(parsing: bytes)
        var isCertified = false
        if case .certificates = bundle.material { isCertified = true }
        let needsRoot = isCertified || !bundle.logEntries.isEmpty || !bundle.timestamps.isEmpty
        let verifier = BundleVerifier(root: try root(isNeeded: needsRoot))
        let artifact = try subject.artifact(of: bundle)
        return try bySomebody(isCertified) { policy throws(VerificationFailure) in
            let verified = try verifier.verify(bundle, of: artifact, by: policy)
            return (verified, try subject.compare(with: verified))
        }
    }

    private func verify(
        simple payload: [UInt8], _ annotations: [String: String]
    ) throws(VerificationFailure) -> (VerifiedBundle, VerifiedSigner, [PartedFile]) {
        let signature = try UnverifiedSimpleSignature(payload: payload, annotations: annotations)
        let verifier = BundleVerifier(root: try root(isNeeded: signature.isCertified || signature.isLoggedOrDated))
        let name = subject.version.description
        return try bySomebody(signature.isCertified) { policy throws(VerificationFailure) in
            (try verifier.verify(signature, ofManifest: name, by: policy), [])
        }
    }

    /// Verifies by whoever a certificate names, or else by each key of the policy.
    private func bySomebody(
        _ isCertified: Bool,
        _ verify: (VerificationPolicy) throws(VerificationFailure) -> (VerifiedBundle, [PartedFile])
    ) throws(VerificationFailure) -> (VerifiedBundle, VerifiedSigner, [PartedFile]) {
        let signers: [VerificationPolicy.Signer] =
            isCertified ? [.identity(.anything, issuer: .anything)] : policy.keys.map { .key($0) }
        var failure = VerificationFailure(.certificateExpected, "the policy names no key")
        for signer in signers {
            do throws(VerificationFailure) {
                let (verified, parted) = try verify(VerificationPolicy(signer: signer))
                return (verified, try VerifiedSigner(verified, signer), parted)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// A signature by a key that is in no log needs none.
    private func root(isNeeded: Bool) throws(VerificationFailure) -> TrustedRoot {
        if let root { return root }
        guard !isNeeded else {
            throw VerificationFailure(.trustedRootMissing, "there is no trusted root that can be used")
        }
        return .none
    }
}

extension Policy {
    /// Every key that some rule names, each once.
    fileprivate var keys: [VerificationKey] {
        var seen: Set<VerificationKey> = []
        return signers.flatMap(\.keys).filter { seen.insert($0).inserted }
    }

    private var signers: [SignerRule] {
        verification.flatMap { [$0.signer] + $0.attestations.map(\.signer) }
    }

    /// Why a signer counts for no rule; `nil` when they do for some.
    fileprivate func objection(to signer: VerifiedSigner) -> FailureReason? {
        let objections = signers.map { $0.objection(to: signer) }
        return objections.contains(nil) ? nil : objections.compactMap { $0 }.first ?? .identityMismatch
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
