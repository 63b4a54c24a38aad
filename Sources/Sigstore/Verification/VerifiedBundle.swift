public import Attestation
internal import SignatureKeys

/// Step 7, the last: the signature is the signer's, over this artifact or over a statement about it.
///
/// Only `BundleVerifier` makes one, after every step.
public struct VerifiedBundle: Sendable, Hashable {
    /// Who signed; `nil` for a key.
    public let identity: CertificateIdentity?

    /// Hosts of the certificate logs that have the certificate; empty only for a key or a root of the caller's.
    public let certificateLogs: [String]

    /// Empty only for a key or a root of the caller's.
    public let logEntries: [VerifiedLogEntry]

    /// Empty only for a key or a root of the caller's.
    public let times: [VerifiedTime]

    /// What was said about the artifact; `nil` if the artifact itself was signed.
    public let statement: Statement?

    init(_ signer: IdentifiedSigner, predicateType: String?) throws(VerificationFailure) {
        let timed = signer.recorded.certified.timed
        statement = try timed.claim.verifiedStatement(predicateType)
        identity = signer.identity
        certificateLogs = signer.recorded.logs
        logEntries = timed.logged.entries
        times = timed.times
    }

    init(_ signer: ChainedSigner, predicateType: String?) throws(VerificationFailure) {
        statement = try signer.timed.claim.verifiedStatement(predicateType)
        identity = signer.identity
        certificateLogs = []
        logEntries = signer.timed.logged.entries
        times = signer.timed.times
    }

    init(_ signer: KeyedSigner, predicateType: String?) throws(VerificationFailure) {
        statement = try signer.timed.claim.verifiedStatement(predicateType)
        identity = nil
        certificateLogs = []
        logEntries = signer.timed.logged.entries
        times = signer.timed.times
    }
}

extension SignatureClaim {
    /// - Returns: `nil` if the artifact itself is signed.
    fileprivate func verifiedStatement(_ predicateType: String?) throws(VerificationFailure) -> Statement? {
        switch bundle.content {
        case .message(let message):
            try checkMessage(message)
            guard predicateType == nil else {
                throw VerificationFailure(.predicateTypeMismatch, "it signs the artifact and states nothing about it")
            }
            return nil
        case .envelope(let envelope):
            return try checkEnvelope(envelope, predicateType)
        }
    }

    private func checkMessage(_ message: UnverifiedBundle.MessageSignature) throws(VerificationFailure) {
        // What the bundle says the digest is: to tell that it is about another artifact, never to verify with.
        if let claimed = message.digest {
            guard let algorithm = message.digestAlgorithm.flatMap(HashAlgorithm.init(registryName:)),
                try artifact.requiredDigest(algorithm) == claimed
            else {
                throw VerificationFailure(.digestMismatch, "it says that it is about an artifact with another digest")
            }
        }
        let key = signer.key
        let isValid: Bool
        if let hash = scheme.hashAlgorithm {
            isValid = key.isValid(message.bytes, overDigest: try artifact.requiredDigest(hash), by: scheme)
        } else {
            isValid = key.isValid(message.bytes, over: try artifact.requiredBytes(), by: scheme)
        }
        guard isValid else { throw VerificationFailure(.signatureInvalid, "the signature is not over this artifact") }
    }

    private func checkEnvelope(_ envelope: Envelope, _ predicateType: String?) throws(VerificationFailure) -> Statement
    {
        guard envelope.payloadType.utf8.elementsEqual(Envelope.inTotoType.utf8) else {
            throw VerificationFailure(.payloadTypeUnsupported, "it signs something else than a statement")
        }
        guard signer.key.isValid(bundle.signature, over: envelope.preAuthenticationEncoding, by: scheme) else {
            throw VerificationFailure(.signatureInvalid, "the signature is not over this statement")
        }
        let statement: Statement
        do throws(AttestationFault) {
            statement = try Statement(parsing: envelope.payload)
        } catch {
            throw VerificationFailure(.statementMalformed, "the statement cannot be read: \(error)")
        }
        var known: [HashAlgorithm: [UInt8]] = [:]
        for algorithm in HashAlgorithm.allCases { known[algorithm] = artifact.digest(algorithm) }
        guard statement.subjects.contains(where: { $0.names(known) }) else {
            throw VerificationFailure(.subjectMismatch, "the statement is about other artifacts")
        }
        if let predicateType, !predicateType.utf8.elementsEqual(statement.predicateType.utf8) {
            throw VerificationFailure(.predicateTypeMismatch, "the statement is a \(statement.predicateType)")
        }
        return statement
    }
}
