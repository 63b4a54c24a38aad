internal import SignatureKeys
internal import Signing
internal import SigningServices
internal import Sigstore

/// Signs with a key that nobody keeps, certified for whom a token names.
struct KeylessSigner: Sendable {
    let token: IdentityToken
    let certificates: CertificateService
    /// At least one.
    let logs: [SignatureLog]
    /// None where the logs say when something was signed.
    let timestamps: [TimestampService]
    /// What the services answer is believed through.
    let root: TrustedRoot

    /// The order is that of the client specification: certificate, signature, time, log.
    ///
    /// Nothing leaves this machine before the artifact is hashed; nothing is in a log before its signature is dated,
    /// unless the log is who dates it.
    func bundle(of content: SignableContent, in context: CommandContext) async throws -> SignedBundle {
        do {
            let key = try SigningKey(generating: .p256)
            let signed = try await content.signed(with: key, in: context)
            let certificate = try await certificates.certificate(for: key, token)
            var bundle = BundleDraft(signed.content, by: .certificate(certificate))
            for authority in timestamps {
                bundle.timestamps.append(try await authority.timestamp(of: signed.content.signature))
            }
            for log in logs {
                bundle.logEntries.append(try await log.enter(signed.content, certificate: certificate))
            }
            let anybody = TextRule.matching(try IdentityPattern(".+"))
            return try SignedBundle(
                bundle.encoded(), of: signed.artifact,
                by: VerificationPolicy(signer: .identity(anybody, issuer: anybody)), root: root)
        } catch let fault as ServiceFault {
            throw CommandFailure(fault)
        } catch let fault as SigningFault {
            throw CommandFailure(.software, "It could not be signed: \(fault).")
        }
    }
}

extension CommandFailure {
    init(_ fault: ServiceFault) {
        switch fault {
        case .unavailable: self.init(.unavailable, "\(fault). Nothing was written.")
        case .refused(_, let status, _): self.init(ExitStatus(httpStatus: status), "\(fault). Nothing was written.")
        case .nonsense: self.init(.protocolError, "\(fault). Nothing was written.")
        case .cancelled: self.init(.interrupted, "Interrupted.")
        }
    }
}
