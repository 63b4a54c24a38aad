internal import DER

extension ObjectIdentifier {
    // Attributes of names (RFC 5280 section 4.1.2.4).
    static let commonName = ObjectIdentifier(2, 5, 4, 3)

    // Extensions (RFC 5280 section 4.2.1).
    static let keyUsage = ObjectIdentifier(2, 5, 29, 15)
    static let subjectAltName = ObjectIdentifier(2, 5, 29, 17)
    static let basicConstraints = ObjectIdentifier(2, 5, 29, 19)
    static let nameConstraints = ObjectIdentifier(2, 5, 29, 30)
    static let extendedKeyUsage = ObjectIdentifier(2, 5, 29, 37)

    // Purposes of keys (RFC 5280 section 4.2.1.12).
    static let anyPurpose = ObjectIdentifier(2, 5, 29, 37, 0)
    static let codeSigning = ObjectIdentifier(1, 3, 6, 1, 5, 5, 7, 3, 3)
    static let timeStamping = ObjectIdentifier(1, 3, 6, 1, 5, 5, 7, 3, 8)

    // Certificate transparency (RFC 6962 section 3.3).
    static let timestampList = ObjectIdentifier(1, 3, 6, 1, 4, 1, 11129, 2, 4, 2)

    // Fulcio's claims (its document oid-info).
    static let fulcioIssuerV1 = ObjectIdentifier(1, 3, 6, 1, 4, 1, 57264, 1, 1)
    static let fulcioOtherName = ObjectIdentifier(1, 3, 6, 1, 4, 1, 57264, 1, 7)
    static let fulcioIssuerV2 = ObjectIdentifier(1, 3, 6, 1, 4, 1, 57264, 1, 8)

    // Signatures (RFC 5758, RFC 8410, RFC 4055).
    static let ecdsaWithSHA256 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 2)
    static let ecdsaWithSHA384 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 3)
    static let ecdsaWithSHA512 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 4)
    static let ed25519Signature = ObjectIdentifier(1, 3, 101, 112)
    static let rsaWithSHA256 = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 11)
    static let rsaWithSHA384 = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 12)
    static let rsaWithSHA512 = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 13)
    static let rsaKey = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 1)
    static let ecKey = ObjectIdentifier(1, 2, 840, 10045, 2, 1)

    // Hash functions (RFC 5754).
    static let sha256 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 1)
    static let sha384 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 2)
    static let sha512 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 3)

    // Timestamps (RFC 3161, RFC 5652, RFC 5035).
    static let signedData = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 2)
    static let timestampInfo = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 1, 4)
    static let contentType = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 3)
    static let messageDigest = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 4)
    static let signingCertificate = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 2, 12)
    static let signingCertificateV2 = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 2, 47)
}
