internal import StrictJSON

/// A manifest of a registry that carries signatures, read for that alone.
///
/// More types are read than descriptors may have: those of bundles of the versions 0.1 and 0.2 have a parameter.
public struct SignatureManifest: Sendable, Hashable {
    /// In which form a layer is a signature.
    public enum Form: Sendable, Hashable {
        /// A Sigstore bundle.
        case bundle
        /// A payload; the signature and what belongs to it are annotations of the layer (cosign's `simplesigning`).
        case simpleSigning
    }

    /// A layer that is a signature.
    public struct Layer: Sendable, Hashable {
        public let form: Form
        /// As it stands there; whoever fetches the blob reads it.
        public let digest: String
        public let sizeBytes: UInt64
        public let annotations: [String: String]
    }

    /// Digest of the manifest that this one says it is about, as it stands there.
    public let subject: String?

    /// Signatures, in their order; other layers are left out.
    public let layers: [Layer]

    /// - Throws: `.bundleMalformed` for what is no manifest; `.limitExceeded` by name.
    public init(parsing bytes: [UInt8]) throws(VerificationFailure) {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: CarrierLimits.manifest)
        } catch {
            throw VerificationFailure(error.isLimit ? .limitExceeded : .bundleMalformed, "its manifest: \(error)")
        }
        let manifest = try MessageReader(value, path: "manifest", reason: .bundleMalformed)
        subject = try manifest.message("subject")?.requiredString("digest")
        var layers: [Layer] = []
        for layer in try manifest.messages("layers", max: CarrierLimits.signaturesMax) {
            guard let form = Form(mediaType: try layer.requiredString("mediaType")) else { continue }
            var annotations: [String: String] = [:]
            for member in try layer.message("annotations")?.object.members ?? [] {
                guard let text = member.value.asString else { throw layer.failure("annotations", "are no texts") }
                annotations[member.name] = text
            }
            layers.append(
                Layer(
                    form: form, digest: try layer.requiredString("digest"), sizeBytes: try layer.count("size"),
                    annotations: annotations))
        }
        self.layers = layers
    }

    /// Whether a list of referrers with this type of artifact leads to signatures.
    public static func mayCarry(artifactType: String) -> Bool {
        artifactType == "application/vnd.dev.cosign.artifact.sig.v1+json" || Form(mediaType: artifactType) == .bundle
    }
}

extension SignatureManifest.Form {
    /// `nil` for what is no signature.
    init?(mediaType: String) {
        if mediaType == "application/vnd.dev.cosign.simplesigning.v1+json" {
            self = .simpleSigning
        } else if mediaType.utf8.starts(with: "application/vnd.dev.sigstore.bundle".utf8), mediaType.contains("+json") {
            self = .bundle
        } else {
            return nil
        }
    }

    /// Largest blob of this form that is read.
    public var bytesMax: Int {
        switch self {
        case .bundle: BundleLimits.bundleBytesMax
        case .simpleSigning: CarrierLimits.payloadBytesMax
        }
    }
}
