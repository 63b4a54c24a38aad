internal import SignatureKeys
package import StrictJSON

/// Documents of services, which nobody vouches for. What is read out of them is verified later, or not at all.
package enum ServiceAnswer {
    private static let depthMax = 32
    private static let nodesMax = 1 << 14
    private static let certificatesMax = 10

    /// Longest answer of an authority or a log.
    package static let bytesMax = 1 << 20

    /// - Returns: `nil` for anything but one JSON object in which every name stands once.
    static func object(_ bytes: some Collection<UInt8>, bytesMax: Int = bytesMax) -> JSONObject? {
        let limits = JSONLimits(
            bytesMax: bytesMax, depthMax: depthMax, nodesMax: nodesMax, stringBytesMax: bytesMax)
        return (try? StrictJSON.parse(Array(bytes), limits: limits))?.asObject
    }

    /// The leaf, in DER, of what an authority answers (Fulcio, version 2).
    ///
    /// - Returns: `nil` for an answer without a certificate that a log promised to take.
    package static func certificate(_ bytes: [UInt8]) -> [UInt8]? {
        guard let chain = object(bytes)?["signedCertificateEmbeddedSct"]?.asObject?["chain"]?.asObject,
            let texts = chain["certificates"]?.asArray, texts.count <= certificatesMax,
            let leaf = texts.first?.asString,
            let block = PEM.blocks(in: Array(leaf.utf8), max: 1)?.first, block.label == "CERTIFICATE"
        else { return nil }
        return block.bytes
    }

    /// What a log answers (Rekor, version 2): a `TransparencyLogEntry`, as bundles have it.
    ///
    /// - Returns: `nil` for an answer without a proof that the entry is in the log.
    package static func logEntry(_ bytes: [UInt8]) -> JSONValue? {
        guard let entry = object(bytes), entry["inclusionProof"]?.asObject != nil else { return nil }
        return .object(entry)
    }
}
