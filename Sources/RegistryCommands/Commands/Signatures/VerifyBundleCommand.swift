internal import ArgumentParser
internal import Sigstore

/// The protocol of the conformance suite of Sigstore; `Tools/conformance/sigstore-client` leads here.
struct VerifyBundleCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-bundle", abstract: "Verify a Sigstore bundle by the protocol of the conformance suite.",
        shouldDisplay: false)

    @Option(help: "Bundle.", completion: .file())
    var bundle: String

    @Option(help: "Identity that has to have signed.")
    var certificateIdentity: String?

    @Option(name: .customLong("certificate-oidc-issuer"), help: "Who has to have vouched for it.")
    var certificateIssuer: String?

    @Option(help: "Public key, PEM, instead.", completion: .file())
    var key: String?

    @Option(name: .customLong("trusted-root"), help: "trusted_root.json.", completion: .file())
    var trustedRoot: String?

    @Flag(help: "The trusted root is that of the staging instance; nothing else changes.")
    var staging = false

    @Argument(help: "File, or sha256: with its digest.")
    var subject: String

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard key == nil ? certificateIdentity != nil && certificateIssuer != nil : certificateIdentity == nil else {
            throw ValidationError("Name an identity and its issuer, or a key.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let signer: VerificationPolicy.Signer
        if let key {
            signer = .key(try SignatureOptions.key(at: key))
        } else {
            signer = .identity(.exactly(certificateIdentity ?? ""), issuer: .exactly(certificateIssuer ?? ""))
        }
        var check = SignatureCheck(
            try SignedSubject(subject), by: [VerificationPolicy(signer: signer)],
            root: try SignatureOptions.root(at: trustedRoot))
        switch try await check.check(bundle, in: context) {
        case .verified: return .done
        case .refused(let failure):
            context.console.note("\(failure)")
            return failure.reason.isUndecided ? .unchecked : .bad
        }
    }
}
