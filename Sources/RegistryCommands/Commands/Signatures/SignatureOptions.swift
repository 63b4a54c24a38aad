internal import ArgumentParser
internal import DER
internal import DistributionClient
internal import Glibc
internal import LinuxFiles
internal import SignatureKeys
internal import Sigstore

/// Who has to have signed, and through whom that is believed.
struct SignatureOptions: ParsableArguments {
    @Option(help: "File with a Sigstore bundle about the artifact; may be repeated.", completion: .file())
    var bundle: [String] = []

    @Option(help: "Identity that the certificate has to name, such as an address or the URL of a workflow.")
    var certificateIdentity: String?

    @Option(help: "Regular expression that the whole identity has to match.")
    var certificateIdentityRegexp: String?

    @Option(name: .customLong("certificate-oidc-issuer"), help: "Who has to have vouched for the identity.")
    var certificateIssuer: String?

    @Option(
        name: .customLong("certificate-oidc-issuer-regexp"),
        help: "Regular expression that the whole of who vouched has to match.")
    var certificateIssuerRegexp: String?

    @Option(
        help: """
            File with a public key, PEM, instead of an identity; may be repeated. With --vsa: the key of the \
            registry's log, VKEY, or a file with it.
            """, completion: .file())
    var key: [String] = []

    @Option(
        name: .customLong("certificate-chain"),
        help: """
            File with certificates, PEM, that vouch for whoever signed instead of a log; with --certificate-identity. \
            May be repeated.
            """, completion: .file())
    var certificateChain: [String] = []

    @Flag(
        name: .customLong("allow-symlinks"),
        help: "In a signed directory, let links count as the files that they lead to.")
    var allowSymlinks = false

    @Option(
        name: .customLong("trusted-root"),
        help: "File with the logs and authorities that are trusted, trusted_root.json.", completion: .file())
    var trustedRoot: String?

    @Option(name: .customLong("not-before"), help: "Refuse what was signed before this time, RFC 3339.")
    var notBefore: String?

    @Option(help: "Type of predicate that has to be stated about the artifact.")
    var type: String?

    @Option(
        help: "Of an index in a registry or layout the manifest for this platform, such as linux/amd64.")
    var platform: String?

    @Option(help: "How many different signers there have to be.")
    var threshold = 1

    func validate() throws {
        guard isAsked else { return }
        guard (1...Self.signersMax).contains(threshold) else {
            throw ValidationError("--threshold is from 1 to \(Self.signersMax).")
        }
        guard bundle.count <= Self.bundlesMax else {
            throw ValidationError("At most \(Self.bundlesMax) bundles are verified at one time.")
        }
        let identities = [certificateIdentity, certificateIdentityRegexp].compactMap { $0 }.count
        let issuers = [certificateIssuer, certificateIssuerRegexp].compactMap { $0 }.count
        let expected =
            switch (key.isEmpty, certificateChain.isEmpty) {
            case (true, true): (1, 1)
            case (true, false): (1, 0)
            case (false, _): (0, 0)
            }
        guard (identities, issuers) == expected, key.isEmpty || certificateChain.isEmpty else {
            throw ValidationError(
                """
                Say who has to have signed: one of --certificate-identity and --certificate-identity-regexp with one \
                of --certificate-oidc-issuer and --certificate-oidc-issuer-regexp, or with --certificate-chain; or \
                else --key.
                """)
        }
    }

    /// Whether it is asked who signed.
    var isAsked: Bool {
        !bundle.isEmpty || !key.isEmpty || !certificateChain.isEmpty || allowSymlinks || threshold != 1
            || [
                certificateIdentity, certificateIdentityRegexp, certificateIssuer, certificateIssuerRegexp, trustedRoot,
                notBefore, type, platform,
            ].contains { $0 != nil }
    }

    /// Whether nothing but a key is named, if that.
    var isKeyAlone: Bool {
        var others = self
        others.key = []
        return !others.isAsked
    }

    /// `nil` if none is named.
    func platformChoice() throws(CommandFailure) -> PlatformChoice? {
        guard let platform else { return nil }
        guard let choice = PlatformChoice(parsing: platform) else {
            throw CommandFailure(.usage, "--platform is os/architecture, such as linux/amd64 or linux/arm64/v8.")
        }
        return choice
    }

    private static let signersMax = 32
    private static let bundlesMax = 64
    private static let keyBytesMax = 64 << 10
    private static let chainBytesMax = 256 << 10

    /// One policy for each key, or one for the identity.
    func policies() throws(CommandFailure) -> [VerificationPolicy] {
        var cutoff: UnixTime?
        if let notBefore {
            guard let time = UnixTime(rfc3339: notBefore) else {
                throw CommandFailure(.usage, "--not-before is a time by RFC 3339, such as 2026-05-01T00:00:00Z.")
            }
            cutoff = time
        }
        var signers: [VerificationPolicy.Signer] = []
        for path in key { signers.append(.key(try Self.key(at: path))) }
        if signers.isEmpty {
            let identity = try rule(certificateIdentity, certificateIdentityRegexp, "--certificate-identity-regexp")
            if !certificateChain.isEmpty {
                return [try certificatePolicy(identity, cutoff)]
            }
            let issuer = try rule(certificateIssuer, certificateIssuerRegexp, "--certificate-oidc-issuer-regexp")
            signers = [.identity(identity, issuer: issuer)]
        }
        return signers.map { VerificationPolicy(signer: $0, notBefore: cutoff, predicateType: type) }
    }

    private func certificatePolicy(
        _ subject: TextRule, _ cutoff: UnixTime?
    ) throws(CommandFailure) -> VerificationPolicy {
        var text: [UInt8] = []
        for path in certificateChain { text += try LocalFile(path).readAll(bytesMax: Self.chainBytesMax) + [0x0A] }
        guard let now = UnixTime(seconds: Int64(time(nil))) else {
            throw CommandFailure(.unchecked, "This machine's clock has no time.")
        }
        let anchors: CertificateAnchors
        do {
            anchors = try CertificateAnchors(pem: text)
        } catch {
            throw CommandFailure(.dataError, "--certificate-chain: \(error.detail).")
        }
        let rule = VerificationPolicy.CertificateRule(anchors: anchors, subject: subject, now: now)
        return VerificationPolicy(signer: .certificate(rule), notBefore: cutoff, predicateType: type)
    }

    private func rule(
        _ text: String?, _ expression: String?, _ option: String
    ) throws(CommandFailure) -> TextRule {
        guard let expression else { return .exactly(text ?? "") }
        do {
            return .matching(try IdentityPattern(expression))
        } catch {
            throw CommandFailure(.usage, "\(option): \(error).")
        }
    }

    static func key(at path: String) throws(CommandFailure) -> VerificationKey {
        let text = try LocalFile(path).readAll(bytesMax: keyBytesMax)
        do {
            return try VerificationKey(pem: text)
        } catch {
            throw CommandFailure(.dataError, "\(path) is no public key: \(error).")
        }
    }

    /// - Returns: `nil` if none is named.
    static func root(at path: String?) throws(CommandFailure) -> TrustedRoot? {
        guard let path else { return nil }
        let bytes = try LocalFile(path).readAll(bytesMax: BundleLimits.trustedRootBytesMax)
        do {
            return try TrustedRoot(parsing: bytes)
        } catch {
            throw CommandFailure(.unchecked, "\(path): \(error).")
        }
    }
}
