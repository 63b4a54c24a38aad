internal import DER

/// The fields of a certificate as they stand there (RFC 5280 section 4.1).
struct CertificateFields {
    let tbs: DERElement
    let outerAlgorithm: AlgorithmIdentifier
    let signature: [UInt8]
    /// Counted from 0.
    let version: Int
    let serialNumber: ArraySlice<UInt8>
    let algorithm: AlgorithmIdentifier
    let issuer: ArraySlice<UInt8>
    let notBefore: UnixTime
    let notAfter: UnixTime
    let subject: ArraySlice<UInt8>
    let keyInfo: ArraySlice<UInt8>
    let extensions: [Certificate.Extension]

    init(der: [UInt8]) throws(DERFault) {
        var outer = try DERReader.document(der[...])
        tbs = try outer.next(.sequence)
        outerAlgorithm = try AlgorithmIdentifier(&outer)
        signature = Array(try outer.bitString())
        try outer.finish()

        var fields = tbs.reader
        version = try Self.version(try fields.optional(.contextConstructed(0)))
        serialNumber = try fields.integer()
        algorithm = try AlgorithmIdentifier(&fields)
        issuer = try fields.next(.sequence).encoded
        var validity = try fields.sequence()
        notBefore = try validity.time()
        notAfter = try validity.time()
        try validity.finish()
        subject = try fields.next(.sequence).encoded
        keyInfo = try fields.next(.sequence).encoded
        // Unique identifiers, which nobody writes any more.
        _ = try fields.optional(.contextPrimitive(1))
        _ = try fields.optional(.contextPrimitive(2))
        extensions = try Self.extensions(try fields.optional(.contextConstructed(3)))
        try fields.finish()
    }

    private static func version(_ wrapper: DERElement?) throws(DERFault) -> Int {
        guard var reader = wrapper?.reader else { return 0 }
        let version = try reader.smallInteger()
        try reader.finish()
        return version
    }

    private static func extensions(_ wrapper: DERElement?) throws(DERFault) -> [Certificate.Extension] {
        guard var reader = wrapper?.reader else { return [] }
        var list = try reader.sequence()
        try reader.finish()
        var extensions: [Certificate.Extension] = []
        while !list.isAtEnd {
            guard extensions.count < Certificate.extensionsMax else { throw list.fault(.invalidContent) }
            let element = try list.next(.sequence)
            var fields = element.reader
            let identifier = try fields.objectIdentifier()
            let isCritical = fields.nextTag == .boolean ? try fields.boolean() : false
            let value = try fields.octetString()
            try fields.finish()
            extensions.append(
                Certificate.Extension(
                    identifier: identifier, isCritical: isCritical, value: value, encoded: element.encoded))
        }
        return extensions
    }
}
