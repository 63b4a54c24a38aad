internal import DistributionClient
internal import OCI
internal import Signing
internal import StrictJSON

/// Signs artifacts where they are, and leaves the bundles beside them.
struct ArtifactSigning: Sendable {
    let artifact: SignableArtifact
    let isRecursive: Bool
    let registry: RegistryOptions

    /// - Parameter statement: what is to be stated about a manifest with this SHA-256.
    func run(
        by signer: ContentSigner, _ format: OutputOptions.Format, _ context: CommandContext,
        _ statement: (_ name: String, _ sha256: [UInt8]) -> StatementDraft
    ) async throws {
        var reports: [SigningReport] = []
        func carrier(of manifest: StoredManifest) async throws -> BundleCarrier {
            let digest = manifest.digest.bytes
            let draft = statement(artifact.subjectName(of: manifest), digest)
            let bundle = try await signer.bundle(of: .statement(draft, about: digest), in: context)
            let carrier = try BundleCarrier(bundle, of: manifest)
            reports.append(
                SigningReport(
                    artifact: artifact.name(of: manifest), signed: bundle, bundle: artifact.name(of: carrier.manifest)))
            return carrier
        }
        switch artifact.place {
        case .registry(let reference):
            try await registry.withClient(context) { client in
                let repository = client.repository(of: reference)
                let named = try await repository.manifest(reference.reference)
                for manifest in try await artifact.manifests(named, isRecursive: isRecursive, from: repository) {
                    try await carrier(of: manifest).push(to: repository)
                }
            }
        case .layout(let layout, let name):
            try layout.requireWritable()
            let named = try layout.manifest(named: name)
            var carriers: [BundleCarrier] = []
            for manifest in try await artifact.manifests(named, isRecursive: isRecursive, from: layout) {
                carriers.append(try await carrier(of: manifest))
            }
            try layout.add(carriers.map(\.referrer))
        }
        write(reports, format, context)
    }

    private func write(_ reports: [SigningReport], _ format: OutputOptions.Format, _ context: CommandContext) {
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
