internal import DER
internal import SignatureKeys

/// What a timestamp authority says: at this time these bytes existed (RFC 3161 section 2.4.2).
struct TimestampInfo {
    let imprintAlgorithm: AlgorithmIdentifier
    let imprint: [UInt8]
    let time: UnixTime

    init(_ content: ArraySlice<UInt8>) throws(DERFault) {
        var fields = try DERReader.document(content)
        guard try fields.smallInteger() == 1 else { throw fields.fault(.invalidContent) }
        _ = try fields.objectIdentifier()
        var imprint = try fields.sequence()
        imprintAlgorithm = try AlgorithmIdentifier(&imprint)
        self.imprint = Array(try imprint.octetString())
        try imprint.finish()
        _ = try fields.integer()
        guard fields.nextTag == .generalizedTime else { throw fields.fault(.unexpectedTag) }
        time = try fields.time()
        // Accuracy, order, nonce and name say nothing that is used; extensions, which could, are not understood.
        _ = try fields.optional(.sequence)
        _ = try fields.optional(.boolean)
        _ = try fields.optional(.integer)
        _ = try fields.optional(.contextConstructed(0))
        try fields.finish()
    }
}
