internal import Attestation
internal import SignatureKeys
internal import StrictJSON

/// A signature in the older form of cosign: a payload that names a manifest, and annotations with the signature.
///
/// It has the parts of a bundle, and becomes one of version 0.1: what a log says of it is a promise, never a proof.
public struct UnverifiedSimpleSignature: Sendable {
    let payload: [UInt8]
    let bundle: UnverifiedBundle

    /// - Parameters:
    ///   - payload: the blob of the layer.
    ///   - annotations: those of the layer.
    /// - Throws: the reason why this is no such signature.
    public init(payload: [UInt8], annotations: [String: String]) throws(VerificationFailure) {
        guard payload.count <= CarrierLimits.payloadBytesMax else {
            throw VerificationFailure(
                .limitExceeded, "its payload has more than \(CarrierLimits.payloadBytesMax) bytes")
        }
        let text = annotations["dev.cosignproject.cosign/signature"] ?? ""
        guard let signature = Base64.decode(text.utf8), !signature.isEmpty else {
            throw VerificationFailure(.contentMissing, "it has no signature that can be read")
        }
        guard signature.count <= BundleLimits.signatureBytesMax else {
            throw VerificationFailure(
                .limitExceeded, "a signature has more than \(BundleLimits.signatureBytesMax) bytes")
        }
        self.payload = payload
        bundle = UnverifiedBundle(
            version: .v01,
            content: .message(
                UnverifiedBundle.MessageSignature(bytes: signature, digestAlgorithm: nil, digest: nil)),
            material: try Self.material(annotations), logEntries: try Self.entries(annotations),
            timestamps: try Self.timestamps(annotations))
    }

    /// Whether it has a certificate, rather than a key that nobody names.
    public var isCertified: Bool {
        if case .certificates = bundle.material { true } else { false }
    }

    /// Whether it brings what logs or timestamp authorities said of it.
    public var isLoggedOrDated: Bool { !bundle.logEntries.isEmpty || !bundle.timestamps.isEmpty }

    private static func material(
        _ annotations: [String: String]
    ) throws(VerificationFailure) -> UnverifiedBundle.Material {
        guard let leaf = annotations["dev.sigstore.cosign/certificate"], !leaf.isEmpty else {
            return .publicKey(hint: "")
        }
        var certificates = try blocks(leaf, max: 1)
        guard !certificates.isEmpty else { throw VerificationFailure(.certificateMalformed, "its certificate is none") }
        for certificate in try blocks(annotations["dev.sigstore.cosign/chain"] ?? "", max: BundleLimits.certificatesMax)
        {
            // Unlike bundles these bring the root along; anchors come from the trusted root and from nowhere else.
            if let known = try? Certificate(der: certificate), known.isSelfIssued { continue }
            certificates.append(certificate)
        }
        return .certificates(certificates)
    }

    private static func blocks(_ text: String, max: Int) throws(VerificationFailure) -> [[UInt8]] {
        guard text.utf8.count <= CarrierLimits.certificateTextBytesMax else {
            throw VerificationFailure(
                .limitExceeded, "certificates have more than \(CarrierLimits.certificateTextBytesMax) bytes of text")
        }
        guard let blocks = PEM.blocks(in: Array(text.utf8), max: max), blocks.allSatisfy({ $0.label == "CERTIFICATE" })
        else {
            throw VerificationFailure(.certificateMalformed, "it has more than \(max) certificates, or something else")
        }
        guard blocks.allSatisfy({ $0.bytes.count <= BundleLimits.certificateBytesMax }) else {
            throw VerificationFailure(
                .limitExceeded, "a certificate has more than \(BundleLimits.certificateBytesMax) bytes")
        }
        return blocks.map(\.bytes)
    }

    private static func document(
        _ name: String, _ annotations: [String: String]
    ) throws(VerificationFailure) -> MessageReader? {
        guard let text = annotations[name], !text.isEmpty else { return nil }
        let value: JSONValue
        do {
            value = try StrictJSON.parse(Array(text.utf8), limits: CarrierLimits.annotation)
        } catch {
            throw VerificationFailure(error.isLimit ? .limitExceeded : .bundleMalformed, "\(name): \(error)")
        }
        return try MessageReader(value, path: name, reason: .bundleMalformed)
    }

    private static func entries(
        _ annotations: [String: String]
    ) throws(VerificationFailure) -> [UnverifiedLogEntry] {
        guard let document = try document("dev.sigstore.cosign/bundle", annotations) else { return [] }
        return [try UnverifiedLogEntry(promise: document)]
    }

    private static func timestamps(_ annotations: [String: String]) throws(VerificationFailure) -> [[UInt8]] {
        guard let document = try document("dev.sigstore.cosign/rfc3161timestamp", annotations) else { return [] }
        return [try document.requiredBytes("SignedRFC3161Timestamp", max: BundleLimits.timestampBytesMax)]
    }
}

extension UnverifiedLogEntry {
    /// What cosign keeps of an entry: what a log promised, and its promise.
    fileprivate init(promise document: MessageReader) throws(VerificationFailure) {
        let fields = try document.requiredMessage("Payload")
        let body = try fields.requiredBytes("body", max: BundleLimits.entryBodyBytesMax)
        let value: JSONValue
        do {
            value = try StrictJSON.parse(body, limits: BundleLimits.entryBody)
        } catch {
            throw VerificationFailure(.logEntryMalformed, "the body of an entry cannot be read: \(error)")
        }
        let entry = try MessageReader(value, path: "entry", reason: .logEntryMalformed)
        guard let logID = Hexadecimal.decode(try fields.requiredString("logID")) else {
            throw fields.failure("logID", "is no hexadecimal number")
        }
        self.init(
            logIndex: try fields.count("logIndex"), logID: logID, kind: try entry.requiredString("kind"),
            version: try entry.requiredString("apiVersion"), integratedTime: try fields.count("integratedTime"),
            inclusionPromise: try document.requiredBytes("SignedEntryTimestamp", max: BundleLimits.signatureBytesMax),
            inclusionProof: nil, body: body)
    }
}
