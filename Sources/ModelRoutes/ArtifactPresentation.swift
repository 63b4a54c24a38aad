import OCI
import RegistryCore
import RegistryServices
import RegistryWire

extension ModelFactsDocument {
    init(_ facts: ModelFacts) {
        self.init(
            kind: facts.kind.rawValue, format: facts.format, architecture: facts.architecture,
            quantization: facts.quantization, parameters: facts.parameterCount, contextLength: facts.contextLength,
            license: facts.license)
    }
}

extension ArtifactDocument {
    /// A record as the API shows it. The path is there while it is trusted, and only then.
    init(_ record: ArtifactRecord, _ paths: RuntimePaths) {
        let content = record.acquisition.content
        self.init(
            name: record.name.description, format: record.acquisition.format, filename: content.filename,
            path: paths.listedPath(of: record), sha256: content.sha256.hex, sizeBytes: content.sizeBytes,
            layout: content.layout.rawValue, source: record.acquisition.source,
            sourceRevision: record.acquisition.sourceRevision, state: record.state.rawValue,
            acquiredAt: record.acquiredAt.description, promotedAt: record.promotedAt?.description,
            stateSince: record.stateSince.description, reason: record.reason, verdict: record.inspection?.verdict,
            policyVersion: record.admittance?.policyVersion, digest: record.key.version.description,
            evidenceCount: record.evidenceCount, headIndex: record.headIndex)
        ggufGuardFingerprint = record.inspection?.structure?.hex
        ggufGuardManifest = record.inspection?.tensorManifest?.description
        if let admittance = record.admittance, record.state == .trusted, !admittance.waivers.isEmpty {
            waivers = admittance.waivers
            validUntil = admittance.validUntil?.description
        }
        recheck = record.recheck?.json
    }
}
