internal import DistributionClient
internal import OCI
internal import Signing
internal import StrictJSON

/// Signs artifacts where they are, and leaves the bundles beside them.
struct RemoteSigning: Sendable {
    let artifact: RemoteArtifact
    let isRecursive: Bool
    let registry: RegistryOptions

    /// - Parameter statement: what is to be stated about a manifest with this SHA-256.
    func run(
        by signer: ContentSigner, _ format: OutputOptions.Format, _ context: CommandContext,
        _ statement: (_ name: String, _ sha256: [UInt8]) -> StatementDraft
    ) async throws {
        let reports = try await registry.withClient(context) { client in
            var reports: [SigningReport] = []
            for manifest in try await artifact.manifests(isRecursive: isRecursive, client) {
                let name = artifact.name(of: manifest)
                let digest = manifest.digest.bytes
                let bundle = try await signer.bundle(
                    of: .statement(statement(name, digest), about: digest), in: context)
                let carrier = try await artifact.attach(bundle, to: manifest, client)
                reports.append(SigningReport(artifact: name, signed: bundle, bundle: artifact.name(of: carrier)))
            }
            return reports
        }
        switch format {
        case .json:
            context.console.write(json: ["status": "signed", "signatures": .array(reports.map(\.json))])
        case .table:
            for (index, report) in reports.enumerated() {
                if index > 0 { context.console.write("\n") }
                report.write(format, to: context.console)
            }
        }
    }
}
