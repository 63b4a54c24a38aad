internal import DistributionClient
internal import OCI
internal import Sigstore

/// One question about who signed, and its answers.
struct SignatureRun {
    private let options: SignatureOptions
    private let policies: [VerificationPolicy]
    private let root: TrustedRoot?
    private let platform: PlatformChoice?

    init(_ options: SignatureOptions) throws(CommandFailure) {
        self.options = options
        policies = try options.policies()
        root = try SignatureOptions.root(at: options.trustedRoot)
        platform = try options.platformChoice()
    }

    /// What `subject` names that has its signatures beside it.
    ///
    /// - Returns: `nil` for files, directories and digests, whose signatures are in files.
    /// - Throws: `CommandFailure` when nothing says where the signatures are.
    static func reference(_ subject: String, _ options: SignatureOptions) throws -> CarriedReference? {
        guard options.bundle.isEmpty else {
            guard options.platform == nil else {
                throw CommandFailure(.usage, "A --platform is chosen in an index, whose signatures lie beside it.")
            }
            return nil
        }
        guard let reference = try CarriedReference(subject) else {
            throw CommandFailure(
                .usage, "\(subject) is neither an oci:// reference nor an OCI layout.",
                hint: "Say which --bundle is to be verified.")
        }
        return reference
    }

    /// On bundles in files.
    func report(on subject: String, _ context: CommandContext) async throws -> SignatureReport {
        var check = SignatureCheck(
            try SignedSubject(subject), by: policies, root: root, followsLinks: options.allowSymlinks)
        var report = SignatureReport(subject: subject, threshold: options.threshold)
        for bundle in options.bundle {
            report.add(bundle, try await check.check(bundle, in: context))
        }
        return report
    }

    /// On signatures that lie beside a manifest.
    func report(
        on reference: CarriedReference, named name: String, _ client: DistributionClient
    ) async throws -> SignatureReport {
        let subject = try await CarriedSubject(reference, platform: platform, client)
        let found = try await CarriedSignatures(of: subject, CarriedCheck(policies: policies, root: root))
        var report = SignatureReport(subject: name, threshold: options.threshold)
        report.manifests = subject.manifests.map(\.digest.description)
        report.unreadable = found.unreadable
        for row in found.rows { report.add(row.place, about: row.manifest.description, row.verdict) }
        return report
    }
}
