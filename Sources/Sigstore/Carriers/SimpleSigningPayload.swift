internal import StrictJSON

/// What a simple signature is over: which manifest, and whatever whoever signed added (simple signing, "payload").
struct SimpleSigningPayload {
    /// Digest of the manifest, as it stands there.
    let manifest: String

    static let type = "cosign container image signature"

    /// - Throws: `.statementMalformed` for what cannot be read, `.payloadTypeUnsupported` for another type: signatures
    ///   of other programs by the same key are not about images.
    init(parsing bytes: [UInt8]) throws(VerificationFailure) {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: CarrierLimits.payload)
        } catch {
            throw VerificationFailure(.statementMalformed, "the payload cannot be read: \(error)")
        }
        let critical = try MessageReader(value, path: "payload", reason: .statementMalformed)
            .requiredMessage("critical")
        guard try critical.requiredString("type").utf8.elementsEqual(Self.type.utf8) else {
            throw VerificationFailure(.payloadTypeUnsupported, "it signs something else than an image")
        }
        manifest = try critical.requiredMessage("image").requiredString("docker-manifest-digest")
    }
}

extension BundleVerifier {
    /// Verifies a simple signature of the manifest with `digest`.
    ///
    /// The steps are those of a bundle about the payload; what the payload says is read after them.
    ///
    /// - Parameter digest: such as `sha256:…`.
    /// - Throws: the first thing that does not hold.
    public func verify(
        _ signature: UnverifiedSimpleSignature, ofManifest digest: String, by policy: VerificationPolicy
    ) throws(VerificationFailure) -> VerifiedBundle {
        let verified = try verify(signature.bundle, of: Artifact(bytes: signature.payload), by: policy)
        let payload = try SimpleSigningPayload(parsing: signature.payload)
        guard payload.manifest.utf8.elementsEqual(digest.utf8) else {
            throw VerificationFailure(.subjectMismatch, "the payload is about another manifest")
        }
        return verified
    }
}
