internal import Attestation
internal import StrictJSON

extension UnverifiedBundle {
    /// Reads a bundle in JSON, version 0.1, 0.2 or 0.3.
    ///
    /// - Throws: the reason why it has not the shape of a bundle; every limit by its name.
    public init(parsing bytes: [UInt8]) throws(VerificationFailure) {
        guard bytes.count <= BundleLimits.bundleBytesMax else {
            throw VerificationFailure(.bundleTooLarge, "it has more than \(BundleLimits.bundleBytesMax) bytes")
        }
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: BundleLimits.bundle)
        } catch {
            throw VerificationFailure(error.isLimit ? .limitExceeded : .bundleMalformed, "\(error)")
        }
        let bundle = try MessageReader(value, path: "bundle", reason: .bundleMalformed)
        version = try Self.version(bundle.requiredString("mediaType"))
        let material = try bundle.requiredMessage("verificationMaterial")
        var entries: [UnverifiedLogEntry] = []
        for entry in try material.messages("tlogEntries", max: BundleLimits.logEntriesMax) {
            entries.append(try UnverifiedLogEntry(entry))
        }
        logEntries = entries
        timestamps = try Self.timestamps(material)
        self.material = try Self.material(material, version)
        content = try Self.content(bundle)
    }

    private static func version(_ mediaType: String) throws(VerificationFailure) -> Version {
        switch mediaType {
        case "application/vnd.dev.sigstore.bundle+json;version=0.1": .v01
        case "application/vnd.dev.sigstore.bundle+json;version=0.2": .v02
        case "application/vnd.dev.sigstore.bundle+json;version=0.3": .v03
        case "application/vnd.dev.sigstore.bundle.v0.3+json": .v03
        default: throw VerificationFailure(.bundleVersionUnknown, "its media type is \(mediaType.prefix(80))")
        }
    }

    private static func timestamps(_ material: MessageReader) throws(VerificationFailure) -> [[UInt8]] {
        guard let data = try material.message("timestampVerificationData") else { return [] }
        var timestamps: [[UInt8]] = []
        for message in try data.messages("rfc3161Timestamps", max: BundleLimits.timestampsMax) {
            timestamps.append(try message.requiredBytes("signedTimestamp", max: BundleLimits.timestampBytesMax))
        }
        return timestamps
    }

    private static func material(
        _ message: MessageReader, _ version: Version
    ) throws(VerificationFailure) -> Material {
        let present = ["certificate", "x509CertificateChain", "publicKey"].filter(message.has)
        guard present.count <= 1 else {
            throw VerificationFailure(.materialAmbiguous, "it has \(present.joined(separator: " and ")) at once")
        }
        if let certificate = try message.message("certificate") {
            return .certificates([try certificate.requiredBytes("rawBytes", max: BundleLimits.certificateBytesMax)])
        }
        if let chain = try message.message("x509CertificateChain") {
            var certificates: [[UInt8]] = []
            for certificate in try chain.messages("certificates", max: BundleLimits.certificatesMax) {
                certificates.append(try certificate.requiredBytes("rawBytes", max: BundleLimits.certificateBytesMax))
            }
            guard !certificates.isEmpty else {
                throw VerificationFailure(.materialMissing, "its certificate chain is empty")
            }
            return .certificates(certificates)
        }
        if let key = try message.message("publicKey") {
            return .publicKey(hint: try key.string("hint") ?? "")
        }
        throw VerificationFailure(.materialMissing, "it has neither certificate nor key")
    }

    private static func content(_ bundle: MessageReader) throws(VerificationFailure) -> Content {
        switch (try bundle.message("messageSignature"), try bundle.message("dsseEnvelope")) {
        case (nil, nil): throw VerificationFailure(.contentMissing, "it has neither a signature nor an envelope")
        case (_?, _?): throw VerificationFailure(.contentAmbiguous, "it has a signature and an envelope at once")
        case (let message?, nil):
            let digest = try message.message("messageDigest")
            return .message(
                MessageSignature(
                    bytes: try message.requiredBytes("signature", max: BundleLimits.signatureBytesMax),
                    digestAlgorithm: try digest?.string("algorithm"), digest: try digest?.bytes("digest", max: 64)))
        case (nil, let message?):
            return .envelope(try envelope(message))
        }
    }

    private static func envelope(_ message: MessageReader) throws(VerificationFailure) -> Envelope {
        // Counted first: whoever sends a thousand is told what is wrong, not that one of them is malformed.
        let count = message.object["signatures"]?.asArray?.count ?? 0
        guard count == 1 else {
            throw VerificationFailure(.signatureCount, "its envelope has \(count) signatures instead of one")
        }
        let envelope: Envelope
        do {
            envelope = try Envelope(message.object)
        } catch {
            throw VerificationFailure(.bundleMalformed, "bundle.dsseEnvelope: \(error)")
        }
        guard envelope.signatures.allSatisfy({ $0.bytes.count <= BundleLimits.signatureBytesMax }) else {
            throw VerificationFailure(
                .limitExceeded, "a signature has more than \(BundleLimits.signatureBytesMax) bytes")
        }
        return envelope
    }
}

extension UnverifiedLogEntry {
    init(_ entry: MessageReader) throws(VerificationFailure) {
        let kindVersion = try entry.requiredMessage("kindVersion")
        logIndex = try entry.count("logIndex")
        logID = try entry.requiredMessage("logId").requiredBytes("keyId", max: 32)
        kind = try kindVersion.requiredString("kind")
        version = try kindVersion.requiredString("version")
        integratedTime = try entry.count("integratedTime")
        inclusionPromise = try entry.message("inclusionPromise")?
            .requiredBytes("signedEntryTimestamp", max: BundleLimits.signatureBytesMax)
        if let proof = try entry.message("inclusionProof") {
            inclusionProof = try UnverifiedInclusionProof(proof)
        } else {
            inclusionProof = nil
        }
        body = try entry.bytes("canonicalizedBody", max: BundleLimits.entryBodyBytesMax)
    }
}

extension UnverifiedInclusionProof {
    init(_ proof: MessageReader) throws(VerificationFailure) {
        logIndex = try proof.count("logIndex")
        rootHash = try proof.requiredBytes("rootHash", max: 32)
        treeSize = try proof.count("treeSize")
        let elements = proof.object["hashes"]?.asArray ?? []
        guard elements.count <= BundleLimits.proofHashesMax else {
            throw VerificationFailure(.limitExceeded, "a proof has more than \(BundleLimits.proofHashesMax) hashes")
        }
        hashes = try proof.byteStrings("hashes")
        let envelope = try proof.message("checkpoint")?.string("envelope") ?? ""
        guard envelope.utf8.count <= BundleLimits.checkpointBytesMax else {
            throw VerificationFailure(
                .limitExceeded, "a checkpoint has more than \(BundleLimits.checkpointBytesMax) bytes")
        }
        checkpoint = envelope.isEmpty ? nil : Array(envelope.utf8)
    }
}

extension JSONFault {
    /// Whether a limit was reached, rather than a rule of JSON broken.
    var isLimit: Bool {
        switch reason {
        case .documentTooLarge, .tooDeep, .tooManyValues, .tooManyNames, .stringTooLong, .numberTooLong: true
        default: false
        }
    }
}
