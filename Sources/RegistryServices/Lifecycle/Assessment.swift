import Inspection
import ModelFormats
public import RegistryCore
public import StrictJSON

/// What an inspection found and what the policy says to it, before anything is written.
public struct Assessment: Sendable {
    public var decision: PolicyDecision
    /// The report over all files, as it is kept as evidence.
    public var inspection: [UInt8]
    public var verdict: String
    public var structure: TensorIdentity?
    /// Findings of all files, for whoever is refused.
    public var findings: JSONValue
}

/// Judges an artifact: inspection, facts, policy. Changes nothing.
public struct Assessor: Sendable {
    private let manifests: ArtifactManifests
    private let examination: Examination
    private let policies: PolicyBook

    public init(manifests: ArtifactManifests, examination: Examination, policies: PolicyBook) {
        self.manifests = manifests
        self.examination = examination
        self.policies = policies
    }

    /// - Throws: `.integrityFailed` when the stored bytes are not the ones that were taken in; storage faults.
    public func assess(
        _ record: ArtifactRecord, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> Assessment {
        let files = try await manifests.files(of: record.key)
        let examined = try await examination.examineUnchanged(record, files, progress)
        progress?.begin(.deciding)
        let evidence = InspectionEvidence(examined)
        let decision = policies.current.decide(PolicyFacts(record, examined, evidence))
        return Assessment(
            decision: decision, inspection: evidence.document.encoded(), verdict: evidence.verdict.rawValue,
            structure: TensorIdentity(examined), findings: evidence.findings)
    }
}

extension PolicyFacts {
    init(_ record: ArtifactRecord, _ files: [ExaminedFile], _ evidence: InspectionEvidence) {
        self.init([
            .name: .text(record.name.description),
            .verdict: .text(evidence.verdict.rawValue),
            .findings: .members(files.flatMap { $0.report.findings.map(\.rule.rawValue) }),
            .sizeBytes: .number(record.acquisition.content.sizeBytes),
            .files: .number(UInt64(files.count)),
            .state: .text(record.state.rawValue),
        ])
        // What an inspection that came to no result did not recognise is not a fact: it may be anything.
        if !files.contains(where: { $0.report.verdict == .undecided && $0.report.formatClass == .unknown }) {
            self[.format] = .members(files.map(\.report.format.rawValue))
            self[.formatClass] = .members(files.map(\.report.formatClass.rawValue))
        }
        if let source = record.acquisition.source { self[.source] = .text(source) }
        if let license = evidence.license { self[.license] = .text(license) }
    }
}
