internal import Attestation
internal import SignatureKeys
internal import StrictJSON

/// Whether an entry of a log is about this signature, this signer and what they signed (client specification, section
/// "Transparency log entry"). Without this, any entry of the log would do.
enum EntryBody {
    /// The kinds of entries that are understood.
    enum Kind: Sendable {
        /// Rekor v1.
        case hashedRekord, dsse, intoto
        /// Rekor v2, whose entries have no time of their own.
        case hashedRekordV2
    }

    static func kind(of entry: UnverifiedLogEntry) throws(VerificationFailure) -> Kind {
        switch (entry.kind, entry.version) {
        case ("hashedrekord", "0.0.1"): .hashedRekord
        case ("dsse", "0.0.1"): .dsse
        case ("intoto", "0.0.2"): .intoto
        case ("hashedrekord", "0.0.2"): .hashedRekordV2
        default:
            throw VerificationFailure(
                .logEntryKindUnsupported, "an entry is a \(entry.kind.prefix(40)) \(entry.version.prefix(20))")
        }
    }

    /// The bytes that are a leaf of the log, after they have been found to be about `claim`.
    static func checked(
        _ entry: UnverifiedLogEntry, _ kind: Kind, _ claim: SignatureClaim
    ) throws(VerificationFailure) -> [UInt8] {
        if case .hashedRekordV2 = kind { return try rebuilt(entry, claim) }
        guard let body = entry.body else {
            throw VerificationFailure(.logEntryMalformed, "an entry has no body")
        }
        let value: JSONValue
        do {
            value = try StrictJSON.parse(body, limits: BundleLimits.entryBody)
        } catch {
            throw VerificationFailure(.logEntryMalformed, "the body of an entry cannot be read: \(error)")
        }
        let message = try MessageReader(value, path: "entry", reason: .logEntryMalformed)
        guard try message.string("kind") == entry.kind, try message.string("apiVersion") == entry.version else {
            throw VerificationFailure(.logEntryMismatch, "the body of an entry is of another kind than the entry says")
        }
        let spec = try message.requiredMessage("spec")
        switch (kind, claim.bundle.content) {
        case (.hashedRekord, .message): try checkHashedRekord(spec, claim)
        case (.dsse, .envelope(let envelope)): try checkDSSE(spec, envelope, claim)
        case (.intoto, .envelope(let envelope)): try checkInToto(spec, envelope, claim)
        default:
            throw VerificationFailure(.logEntryMismatch, "a \(entry.kind) is no entry for what the bundle holds")
        }
        return body
    }

    private static func mismatch(_ what: String) -> VerificationFailure {
        VerificationFailure(.logEntryMismatch, "an entry is about another \(what)")
    }

    private static func checkHashedRekord(
        _ spec: MessageReader, _ claim: SignatureClaim
    ) throws(VerificationFailure) {
        let hash = try spec.requiredMessage("data").requiredMessage("hash")
        guard let algorithm = HashAlgorithm(rawValue: try hash.requiredString("algorithm")),
            claim.scheme.hashAlgorithm ?? algorithm == algorithm
        else { throw mismatch("kind of digest") }
        guard let digest = Hexadecimal.decode(try hash.requiredString("value")),
            digest == (try claim.digest(algorithm))
        else { throw mismatch("artifact") }
        let signature = try spec.requiredMessage("signature")
        guard try signature.requiredBytes("content", max: BundleLimits.signatureBytesMax) == claim.bundle.signature
        else {
            throw mismatch("signature")
        }
        try checkSigner(try signature.requiredMessage("publicKey"), "content", claim)
    }

    private static func checkDSSE(
        _ spec: MessageReader, _ envelope: Envelope, _ claim: SignatureClaim
    ) throws(VerificationFailure) {
        // The hash of the envelope is over spaces and an order that nobody keeps: it cannot be compared.
        try checkPayload(try spec.requiredMessage("payloadHash"), envelope)
        let signatures = try spec.messages("signatures", max: 1)
        guard let signature = signatures.first,
            try signature.requiredBytes("signature", max: BundleLimits.signatureBytesMax) == claim.bundle.signature
        else { throw mismatch("signature") }
        try checkSigner(signature, "verifier", claim)
    }

    private static func checkInToto(
        _ spec: MessageReader, _ envelope: Envelope, _ claim: SignatureClaim
    ) throws(VerificationFailure) {
        let content = try spec.requiredMessage("content")
        try checkPayload(try content.requiredMessage("payloadHash"), envelope)
        let logged = try content.requiredMessage("envelope")
        guard try logged.string("payloadType") == envelope.payloadType else { throw mismatch("type of payload") }
        let signatures = try logged.messages("signatures", max: 1)
        // The log keeps the base64 of the envelope as bytes, and writes those in base64 again.
        guard let signature = signatures.first,
            let bytes = Base64.decode(try signature.requiredBytes("sig", max: 2 * BundleLimits.signatureBytesMax)),
            bytes == claim.bundle.signature
        else { throw mismatch("signature") }
        try checkSigner(signature, "publicKey", claim)
    }

    private static func checkPayload(_ hash: MessageReader, _ envelope: Envelope) throws(VerificationFailure) {
        guard try hash.string("algorithm") == "sha256",
            Hexadecimal.decode(try hash.requiredString("value")) == HashAlgorithm.sha256.hash(envelope.payload)
        else { throw mismatch("payload") }
    }

    private static func checkSigner(
        _ message: MessageReader, _ field: String, _ claim: SignatureClaim
    ) throws(VerificationFailure) {
        let text = try message.requiredBytes(field, max: 2 * BundleLimits.certificateBytesMax)
        guard claim.signer.isWritten(inPEM: text) else { throw mismatch("certificate or key") }
    }
}
