internal import DER

/// What a timestamp authority answered (RFC 3161 section 2.4.2).
struct TimestampResponse {
    /// 0 is granted, 1 granted with modifications; anything else is no.
    let status: Int

    /// `nil` if there is none.
    let token: SignedData?

    /// Reads a TimeStampResp in DER, with nothing behind it.
    init(der: [UInt8]) throws(DERFault) {
        var fields = try DERReader.document(der[...])
        // Texts and details about a failure may follow the number.
        var statusInfo = try fields.sequence()
        status = try statusInfo.smallInteger()
        guard !fields.isAtEnd else {
            token = nil
            return
        }
        var info = try fields.sequence()
        try fields.finish()
        guard try info.objectIdentifier() == .signedData else { throw info.fault(.invalidContent) }
        var wrapper = try info.next(.contextConstructed(0)).reader
        try info.finish()
        token = try SignedData(&wrapper)
        try wrapper.finish()
    }
}
