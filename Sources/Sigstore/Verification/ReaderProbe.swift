internal import DER

/// The readers of encodings, by themselves: for programs that try them with arbitrary bytes.
package enum ReaderProbe {
    /// Reads a certificate with all that is read of one.
    ///
    /// - Returns: `nil` if it is none; else whether what was signed can be put together from its parts again.
    package static func certificate(_ der: [UInt8]) -> Bool? {
        guard let certificate = try? Certificate(der: der) else { return nil }
        _ = try? CertificateIdentity(certificate)
        guard let field = certificate[.timestampList] else {
            return certificate.tbsWithoutTimestamps.elementsEqual(certificate.tbs.encoded)
        }
        _ = SignedCertificateTimestamp.list(field.value)
        return certificate.tbsWithoutTimestamps.count < certificate.tbs.encoded.count
    }

    /// Reads the content of the extension with promises of certificate logs.
    package static func timestampList(_ value: [UInt8]) -> Int? {
        SignedCertificateTimestamp.list(value[...])?.count
    }

    /// Reads an answer of a timestamp authority.
    package static func timestampResponse(_ der: [UInt8]) -> Bool {
        guard let response = try? TimestampResponse(der: der) else { return false }
        return response.status <= 1 && response.token != nil
    }
}
