internal import DER

/// A content with one signer (RFC 5652 section 5.1), as timestamps have it. Read, not verified.
struct SignedData {
    /// The encoding of a TSTInfo.
    let content: [UInt8]
    let info: TimestampInfo

    /// Encodings of certificates that came with it: hints.
    let certificates: [[UInt8]]
    let signer: SignerInfo

    static let certificatesMax = 10

    init(_ reader: inout DERReader) throws(DERFault) {
        var fields = try reader.sequence()
        _ = try fields.smallInteger()
        // What the signers hash with; each says it again.
        _ = try fields.next(.set)

        var encapsulated = try fields.sequence()
        guard try encapsulated.objectIdentifier() == .timestampInfo else { throw encapsulated.fault(.invalidContent) }
        var wrapper = try encapsulated.next(.contextConstructed(0)).reader
        try encapsulated.finish()
        let octets = try wrapper.octetString()
        try wrapper.finish()
        content = Array(octets)
        info = try TimestampInfo(octets)

        certificates = try Self.certificates(try fields.optional(.contextConstructed(0)))
        // Revocation lists.
        _ = try fields.optional(.contextConstructed(1))
        var signers = try fields.next(.set).reader
        try fields.finish()
        signer = try SignerInfo(&signers)
        // RFC 3161 section 2.4.2: the signature of the authority and no other.
        try signers.finish()
    }

    private static func certificates(_ set: DERElement?) throws(DERFault) -> [[UInt8]] {
        guard var reader = set?.reader else { return [] }
        var certificates: [[UInt8]] = []
        while !reader.isAtEnd {
            guard certificates.count < certificatesMax else { throw reader.fault(.invalidContent) }
            certificates.append(Array(try reader.next(.sequence).encoded))
        }
        return certificates
    }
}
