internal import DER
internal import SignatureKeys

/// Step 5: a trusted log of certificates has promised to show the certificate (RFC 6962 section 3).
///
/// Promises of logs that the root does not have are left out; those of logs that it has all have to verify.
struct RecordedCertificate: Sendable {
    let certified: CertifiedSigner

    /// Hosts of the logs.
    let logs: [String]

    init(_ certified: CertifiedSigner, root: TrustedRoot) throws(VerificationFailure) {
        let certificate = certified.certificate
        guard let field = certificate[.timestampList] else {
            throw VerificationFailure(.sctMissing, "the certificate has no promise of a certificate log")
        }
        guard let promises = SignedCertificateTimestamp.list(field.value) else {
            throw VerificationFailure(.sctMalformed, "the promises of certificate logs cannot be read")
        }
        guard !promises.isEmpty else {
            throw VerificationFailure(.sctMissing, "the certificate has no promise of a certificate log")
        }
        var logs: [String] = []
        for promise in promises {
            let known = root.certificateLogs.filter { $0.logID.elementsEqual(promise.logID) }
            guard !known.isEmpty else { continue }
            logs.append(try Self.check(promise, certified, known).host)
        }
        guard !logs.isEmpty else {
            throw VerificationFailure(
                .sctLogUnknown, "the certificate is in no certificate log that the trusted root has")
        }
        self.certified = certified
        self.logs = logs
    }

    private static func check(
        _ promise: SignedCertificateTimestamp, _ certified: CertifiedSigner, _ logs: [TrustedLog]
    ) throws(VerificationFailure) -> TrustedLog {
        let message = promise.signedBytes(for: certified.certificate, issuer: certified.issuer)
        let signers = logs.filter { log in
            guard let scheme = promise.scheme else { return false }
            return log.key.isValid(promise.signature, over: message, by: scheme)
        }
        guard !signers.isEmpty else {
            throw VerificationFailure(.sctSignatureInvalid, "the promise of a certificate log does not verify")
        }
        guard let time = UnixTime(milliseconds: promise.timestamp),
            let log = signers.first(where: { $0.window.contains(time) })
        else {
            throw VerificationFailure(.sctOutsideWindow, "a certificate log promised when its key was not in use")
        }
        return log
    }
}
