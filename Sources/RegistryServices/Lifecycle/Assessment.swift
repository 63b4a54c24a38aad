import Inspection
import ModelFormats
import OCI
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
        let files = try await files(of: record)
        let examined = try await examination.examineUnchanged(record, files, progress)
        progress?.begin(.deciding)
        let evidence = InspectionEvidence(examined)
        let decision = policies.current.decide(PolicyFacts(record, examined, evidence))
        return Assessment(
            decision: decision, inspection: evidence.document.encoded(), verdict: evidence.verdict.rawValue,
            structure: TensorIdentity(examined), findings: evidence.findings)
    }
}

extension Assessor {
    /// Most manifests that an index may lead to, itself included.
    private static let manifestsMax = 1_000

    /// The files of a version; of an index those of everything that it leads to, because whoever pulls it pulls that.
    ///
    /// - Throws: `.stateConflict` for an index that leads to too much.
    private func files(of record: ArtifactRecord) async throws(RegistryError) -> [ArtifactFile] {
        var files: [ArtifactFile] = []
        var seen: Set<Digest> = []
        var waiting = [record.key.version]
        while let version = waiting.popLast() {
            guard seen.insert(version).inserted else { continue }
            guard seen.count <= Self.manifestsMax else {
                throw RegistryError(.stateConflict, "\(record.name) leads to more than \(Self.manifestsMax) manifests.")
            }
            let contents = try await manifests.contents(
                of: ArtifactKey(tenant: record.key.tenant, version: version))
            files += contents.files
            waiting += contents.children.map(\.digest)
        }
        return files
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
        // What an inspection that came to no result did not recognise is not a fact: it may be anything. Of no files at
        // all, anything would be true.
        let isKnown = files.allSatisfy { $0.report.verdict != .undecided || $0.report.formatClass != .unknown }
        if !files.isEmpty, isKnown {
            self[.format] = .members(files.map(\.report.format.rawValue))
            self[.formatClass] = .members(files.map(\.report.formatClass.rawValue))
        }
        if let source = record.acquisition.source { self[.source] = .text(source) }
        if let license = evidence.license { self[.license] = .text(license) }
    }
}
