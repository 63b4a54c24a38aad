internal import DER
internal import SignatureKeys

/// A time at which an authority of the trusted root has seen a signature.
///
/// RFC 3161 section 2.4.2 and RFC 5652 section 5.6: the content is about the signature, the attributes are about the
/// content and the certificate, and the authority signed the attributes.
struct VerifiedTimestamp {
    let time: UnixTime

    init(response: [UInt8], over signature: [UInt8], root: TrustedRoot) throws(VerificationFailure) {
        let token = try Self.token(response)
        guard let imprint = token.info.imprintAlgorithm.hashAlgorithm,
            imprint.hash(signature) == token.info.imprint
        else {
            throw VerificationFailure(.timestampMessageMismatch, "a timestamp is about other bytes than the signature")
        }
        guard let digest = token.signer.digestAlgorithm.hashAlgorithm,
            digest.hash(token.content) == token.signer.messageDigest
        else {
            throw VerificationFailure(
                .timestampSignatureInvalid, "the attributes of a timestamp are about another content")
        }
        let paths = Self.paths(of: token, root)
        guard let signer = paths.first?.certificates.first else {
            throw VerificationFailure(.timestampAuthorityUnknown, "no trusted authority signed a timestamp")
        }
        guard let scheme = token.signer.scheme(for: signer.key),
            signer.key.isValid(token.signer.signature, over: token.signer.signedBytes, by: scheme)
        else {
            throw VerificationFailure(.timestampSignatureInvalid, "the signature of a timestamp does not verify")
        }
        guard paths.contains(where: { $0.certificates.first == signer && $0.isValid(at: token.info.time) }) else {
            throw VerificationFailure(
                .timestampOutsideWindow, "at \(token.info.time) the timestamp's authority was not valid")
        }
        time = token.info.time
    }

    private static func token(_ response: [UInt8]) throws(VerificationFailure) -> SignedData {
        let answer: TimestampResponse
        do {
            answer = try TimestampResponse(der: response)
        } catch {
            throw VerificationFailure(.timestampMalformed, "a timestamp cannot be read: \(error)")
        }
        guard answer.status <= 1 else {
            throw VerificationFailure(.timestampRejected, "the authority rejected a timestamp: status \(answer.status)")
        }
        guard let token = answer.token else {
            throw VerificationFailure(.timestampMalformed, "a timestamp has no token")
        }
        return token
    }

    /// Ways from the signer of a token to anchors that are trusted with timestamps.
    ///
    /// The signer is the first of an authority's chain that is no authority itself. Only where the root lists nothing
    /// but authorities the certificate may come with the token.
    private static func paths(of token: SignedData, _ root: TrustedRoot) -> [CertificatePath] {
        var paths: [CertificatePath] = []
        for authority in root.timestampAuthorities where authority.isIntact {
            var signers = authority.certificates.prefix(1).filter { !$0.constraints.isAuthority }
            if signers.isEmpty { signers = token.certificates.compactMap { try? Certificate(der: $0) } }
            for signer in signers where token.signer.isSigner(signer) && Self.mayTimestamp(signer) {
                if authority.certificates == [signer] {
                    paths.append(CertificatePath(certificates: [signer], authority: authority))
                } else {
                    paths += CertificatePath.paths(from: [signer], to: [authority], for: .timeStamping)
                }
            }
        }
        return paths
    }

    /// RFC 3161 section 2.3: for timestamps and nothing else, and critical.
    private static func mayTimestamp(_ certificate: Certificate) -> Bool {
        let constraints = certificate.constraints
        return constraints.purposes == [.timeStamping] && constraints.purposesAreCritical
            && constraints.unhandled == nil && !constraints.isAuthority
    }
}
