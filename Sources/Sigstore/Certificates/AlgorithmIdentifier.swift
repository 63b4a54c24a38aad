internal import DER
internal import SignatureKeys

/// An algorithm with its parameters (RFC 5280 section 4.1.1.2).
struct AlgorithmIdentifier: Hashable {
    let algorithm: ObjectIdentifier

    /// The encoding of the parameters; empty if there are none.
    let parameters: [UInt8]

    init(_ reader: inout DERReader) throws(DERFault) {
        var fields = try reader.sequence()
        algorithm = try fields.objectIdentifier()
        parameters = fields.isAtEnd ? [] : Array(try fields.next().encoded)
        try fields.finish()
    }

    private var hasNoParameters: Bool { parameters.isEmpty }
    private var hasNullOrNoParameters: Bool { parameters.isEmpty || parameters == [0x05, 0x00] }

    /// What a certificate or log is signed by; `nil` if it is not supported.
    var signatureScheme: SignatureScheme? {
        switch algorithm {
        case .ecdsaWithSHA256 where hasNoParameters: .ecdsa(.sha256)
        case .ecdsaWithSHA384 where hasNoParameters: .ecdsa(.sha384)
        case .ecdsaWithSHA512 where hasNoParameters: .ecdsa(.sha512)
        case .ed25519Signature where hasNoParameters: .ed25519
        case .rsaWithSHA256 where hasNullOrNoParameters: .rsaPKCS1v15(.sha256)
        case .rsaWithSHA384 where hasNullOrNoParameters: .rsaPKCS1v15(.sha384)
        case .rsaWithSHA512 where hasNullOrNoParameters: .rsaPKCS1v15(.sha512)
        default: nil
        }
    }

    var hashAlgorithm: HashAlgorithm? {
        switch algorithm {
        case .sha256 where hasNullOrNoParameters: .sha256
        case .sha384 where hasNullOrNoParameters: .sha384
        case .sha512 where hasNullOrNoParameters: .sha512
        default: nil
        }
    }
}
