internal import DER
internal import SignatureKeys

/// Who signed a timestamp, and how (RFC 5652 section 5.3).
struct SignerInfo {
    /// Issuer and serial number of the signer's certificate.
    let issuer: ArraySlice<UInt8>
    let serialNumber: ArraySlice<UInt8>
    let digestAlgorithm: AlgorithmIdentifier
    let signatureAlgorithm: AlgorithmIdentifier
    let signature: [UInt8]

    /// The attributes as they were signed: under the tag of a SET instead of their own.
    let signedBytes: [UInt8]

    /// Digest of the content, that the signer signed.
    let messageDigest: [UInt8]

    /// Digest of the signer's certificate, that the signer signed (RFC 5035 section 4).
    let certificateHashAlgorithm: AlgorithmIdentifier?
    let certificateHash: [UInt8]

    init(_ reader: inout DERReader) throws(DERFault) {
        var fields = try reader.sequence()
        _ = try fields.smallInteger()
        var identifier = try fields.sequence()
        issuer = try identifier.next(.sequence).encoded
        serialNumber = try identifier.integer()
        try identifier.finish()
        digestAlgorithm = try AlgorithmIdentifier(&fields)
        let attributes = try fields.next(.contextConstructed(0))
        signedBytes = [DERTag.set.rawValue] + attributes.encoded.dropFirst()
        signatureAlgorithm = try AlgorithmIdentifier(&fields)
        signature = Array(try fields.octetString())
        // Attributes that are not signed.
        _ = try fields.optional(.contextConstructed(1))
        try fields.finish()

        var values: [ObjectIdentifier: DERReader] = [:]
        var list = attributes.reader
        while !list.isAtEnd {
            var attribute = try list.sequence()
            let name = try attribute.objectIdentifier()
            let value = try attribute.next(.set).reader
            try attribute.finish()
            guard values.updateValue(value, forKey: name) == nil else { throw list.fault(.invalidContent) }
        }
        guard var type = values[.contentType], var digest = values[.messageDigest],
            var certificate = values[.signingCertificateV2]
        else { throw list.fault(.invalidContent) }
        guard try type.objectIdentifier() == .timestampInfo else { throw type.fault(.invalidContent) }
        try type.finish()
        messageDigest = Array(try digest.octetString())
        try digest.finish()
        (certificateHashAlgorithm, certificateHash) = try Self.signingCertificate(&certificate)
    }

    /// The first certificate of SigningCertificateV2 is the signer's; without an algorithm the hash is SHA-256.
    private static func signingCertificate(
        _ reader: inout DERReader
    ) throws(DERFault) -> (AlgorithmIdentifier?, [UInt8]) {
        var fields = try reader.sequence()
        try reader.finish()
        var certificates = try fields.sequence()
        var first = try certificates.sequence()
        let algorithm = first.nextTag == .sequence ? try AlgorithmIdentifier(&first) : nil
        return (algorithm, Array(try first.octetString()))
    }

    /// Whether a certificate is the one that the signer says is its own.
    func isSigner(_ certificate: Certificate) -> Bool {
        guard certificate.issuer.elementsEqual(issuer), certificate.serialNumber.elementsEqual(serialNumber) else {
            return false
        }
        let algorithm = certificateHashAlgorithm.map(\.hashAlgorithm) ?? .sha256
        return algorithm?.hash(certificate.der) == certificateHash
    }

    /// How the signer signed with a key of this kind; `nil` if it says something else.
    func scheme(for key: VerificationKey) -> SignatureScheme? {
        guard let hash = digestAlgorithm.hashAlgorithm else { return nil }
        let scheme: SignatureScheme =
            switch key.kind {
            case .p256, .p384, .p521: .ecdsa(hash)
            case .rsa: .rsaPKCS1v15(hash)
            case .ed25519: .ed25519
            }
        switch signatureAlgorithm.algorithm {
        // Some name the kind of the key only.
        case .ecKey, .rsaKey: return scheme
        default: return signatureAlgorithm.signatureScheme == scheme ? scheme : nil
        }
    }
}
