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
    /// The version of the rules that it was inspected by, and of what signatures were verified by.
    public var rules: String
    public var structure: TensorIdentity?
    /// Findings of all files, for whoever is refused.
    public var findings: JSONValue
    /// Whether it says of a repository what the decision that the version is trusted by does not.
    var saysMore: Bool
    /// What was found in files and goes into the store with the decision.
    var unwritten: [KeptInspection]
}

/// Judges an artifact: inspection, facts, policy. Changes nothing.
public struct Assessor: Sendable {
    private let manifests: ArtifactManifests
    private let examination: Examination
    private let policies: PolicyBook
    private let scanning: Scanning
    private let signatures: SignatureReading
    private let rules: RepositoryRules
    /// Knows the time: waivers end.
    private let ledger: Ledger

    public init(
        manifests: ArtifactManifests, examination: Examination, policies: PolicyBook, scanning: Scanning,
        signatures: SignatureReading, rules: RepositoryRules, ledger: Ledger
    ) {
        self.rules = rules
        self.manifests = manifests
        self.examination = examination
        self.policies = policies
        self.scanning = scanning
        self.signatures = signatures
        self.ledger = ledger
    }

    /// - Throws: `.integrityFailed` when the stored bytes are not the ones that were taken in; storage faults.
    public func assess(
        _ record: ArtifactRecord, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> Assessment {
        let assessed = try await files(of: record)
        let all = try await examination.examineUnchanged(record, assessed.files, progress)
        let (scanned, scans) = try await scanning.scan(all.files, progress)
        let examined = scanned.compared(within: assessed.counts)
        progress?.begin(.deciding)
        let rules = scanning.rules
        let evidence = InspectionEvidence(examined, rules: rules)
        let policy = policies.current
        let waived = AppliedWaivers(record, examined, policy.waivers, at: ledger.now())
        let repositories = try await self.rules.repositories(of: record)
        let signed = try await signatures.facts(about: record, in: repositories, for: policy)
        var facts = PolicyFacts(record, examined, evidence, waived, hasForeignParts: assessed.hasForeignParts)
        facts.signatures = signed.facts
        facts.repositories = repositories
        let decision = policy.decide(facts, waivers: waived.used)
        return Assessment(
            decision: decision, inspection: evidence.document.encoded(), verdict: evidence.verdict.rawValue,
            rules: rules + signed.standard,
            structure: TensorIdentity(examined), findings: evidence.findings,
            saysMore: try await self.rules.saysMore(decision, than: record),
            unwritten: all.unwritten + scans)
    }
}

extension Assessor {
    /// What decisions are made by now.
    ///
    /// - Throws: `.inspectionUndecided` when signatures cannot be verified now.
    func standard() async throws(RegistryError) -> DecisionStandard {
        let policy = policies.current
        return DecisionStandard(
            rules: scanning.rules + (try await signatures.standard(of: policy)), policy: policy.digest)
    }

    var policy: Policy { policies.current }

    /// The same, once the scanners were asked what they scan by.
    ///
    /// - Throws: `.inspectionUndecided` when one does not answer, too.
    func renewedStandard() async throws(RegistryError) -> DecisionStandard {
        _ = try await scanning.renewedRules()
        return try await standard()
    }

    /// Most manifests that an index may lead to, itself included.
    private static let manifestsMax = 1_000

    /// The files of a version; of an index those of everything that it leads to, because whoever pulls it pulls that.
    ///
    /// - Throws: `.stateConflict` for an index that leads to too much.
    private func files(of record: ArtifactRecord) async throws(RegistryError) -> AssessedFiles {
        var assessed = AssessedFiles()
        var seen: Set<Digest> = []
        var waiting = [record.key.version]
        while let version = waiting.popLast() {
            guard seen.insert(version).inserted else { continue }
            guard seen.count <= Self.manifestsMax else {
                throw RegistryError(.stateConflict, "\(record.name) leads to more than \(Self.manifestsMax) manifests.")
            }
            let contents = try await manifests.contents(
                of: ArtifactKey(tenant: record.key.tenant, version: version))
            assessed.files += contents.files
            assessed.counts.append(contents.files.count)
            assessed.hasForeignParts = assessed.hasForeignParts || contents.hasForeignParts
            waiting += contents.children.map(\.digest)
        }
        return assessed
    }
}

/// The files of a version.
private struct AssessedFiles {
    /// Those of one manifest after the other.
    var files: [ArtifactFile] = []
    /// How many each manifest has.
    var counts: [Int] = []
    /// Whether a part of it is fetched from elsewhere.
    var hasForeignParts = false
}

extension PolicyFacts {
    init(
        _ record: ArtifactRecord, _ files: [ExaminedFile], _ evidence: InspectionEvidence, _ waived: AppliedWaivers,
        hasForeignParts: Bool
    ) {
        self.init([
            .name: .text(record.name.description),
            .verdict: .text(waived.verdict.rawValue),
            .findings: .members(waived.findings),
            .sizeBytes: .number(record.acquisition.content.sizeBytes),
            .files: .number(UInt64(files.count)),
            .state: .text(record.state.rawValue),
        ])
        // What an inspection that came to no result did not recognise is not a fact: it may be anything. Of no files at
        // all, anything would be true.
        let isKnown = files.allSatisfy { $0.report.verdict != .undecided || $0.report.formatClass != .unknown }
        if !files.isEmpty, isKnown {
            // What is fetched from elsewhere may be anything, too.
            let unseen = hasForeignParts ? [FileFormat.unknown.rawValue] : []
            self[.format] = .members(files.map(\.report.format.rawValue) + unseen)
            self[.formatClass] = .members(files.map(\.report.formatClass.rawValue) + unseen)
            var groups: [FormatGroup: FormatGroupFacts] = [:]
            for (file, verdict) in zip(files, waived.verdicts) {
                groups.add(
                    file.report.formatGroups, verdict: verdict.rawValue, sizeBytes: file.file.sizeBytes,
                    scanners: file.scannedBy)
            }
            if hasForeignParts {
                groups.add(
                    [FormatGroup.unknown.rawValue], verdict: Verdict.undecided.rawValue, sizeBytes: .max, scanners: [])
            }
            self[.formatGroup] = .members(groups.keys.map(\.rawValue))
            self.groups = groups
        }
        if !waived.rules.isEmpty { self[.waived] = .members(waived.rules) }
        if let first = files.first?.scannedBy {
            let all = first.filter { name in files.allSatisfy { $0.scannedBy.contains(name) } }
            if !all.isEmpty { self[.scanners] = .members(all) }
        }
        if let source = record.acquisition.source { self[.source] = .text(source) }
        if let license = evidence.license { self[.license] = .text(license) }
    }
}
