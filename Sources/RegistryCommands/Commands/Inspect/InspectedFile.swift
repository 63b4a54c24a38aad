internal import Inspection
internal import ModelFormats

/// What an inspection came to, for one file of a command line.
struct InspectedFile: Sendable {
    /// The path that people are shown: as it was named, or beneath the directory that was.
    let path: String
    /// What the inspection came to, which is what a policy decides by. A file that was not inspected is undecided.
    private(set) var inspectionVerdict: Verdict
    /// The same, and what was found in the weights if they were looked at.
    private(set) var verdict: Verdict
    /// Why it was not inspected: nothing is known about it then.
    let refusal: String?
    /// How the program ends because the file could not be opened or read.
    let fault: ExitStatus?
    let format: FileFormat?
    let sizeBytes: UInt64?
    /// The worst first.
    private(set) var findings: [Finding]
    private(set) var facts: [Fact]
    /// Findings that are not kept, beyond those that the inspection itself did not keep.
    private(set) var findingsOmitted = 0
    let license: String?
    let formatClass: FileFormat.Class?
    private(set) var weights: WeightReport?
    /// As policies group formats.
    let formatGroups: Set<String>
    /// Ids of all that the inspection found, kept or not.
    private(set) var found: Set<RuleID>
    /// What it is to the files beside it; `nil` for a file that was named by itself.
    let shard: ShardFile?

    /// - Parameter name: its path beneath the directory that was named.
    init(_ path: String, _ report: InspectionReport, beneath name: String? = nil) {
        self.path = path
        inspectionVerdict = report.verdict
        verdict = report.verdict
        refusal = nil
        fault = nil
        format = report.format
        formatClass = report.formatClass
        formatGroups = report.formatGroups
        sizeBytes = report.sizeBytes
        findings = Self.worstFirst(report.findings)
        facts = report.facts
        license = report[.license]
        found = Set(report.findings.map(\.rule))
        shard = name.map { ShardFile(path: $0, report) }
    }

    /// - Parameter fault: `nil` where the file could be opened and the inspection came to nothing.
    init(_ path: String, refusal: String, fault: ExitStatus? = nil) {
        self.path = path
        inspectionVerdict = .undecided
        verdict = .undecided
        self.refusal = refusal
        self.fault = fault
        format = nil
        formatClass = nil
        formatGroups = []
        sizeBytes = nil
        findings = []
        facts = []
        license = nil
        found = []
        shard = nil
    }

    /// Stable: among equals the order of the file.
    private static func worstFirst(_ findings: [Finding]) -> [Finding] {
        Verdict.allCases.sorted(by: >).flatMap { verdict in
            Severity.allCases.reversed().flatMap { severity in
                findings.filter { $0.verdict == verdict && $0.severity == severity }
            }
        }
    }

    var findingsCount: Int { findings.count + findingsOmitted }

    /// Bytes that findings and facts take, about.
    var detailBytes: Int {
        let findings = findings.reduce(0) { $0 + 96 + $1.detail.utf8.count + ($1.place.member?.utf8.count ?? 0) }
        return facts.reduce(findings + (weights?.detailBytes ?? 0)) { $0 + 48 + $1.value.utf8.count }
    }

    /// Adds what was found in the numbers of its tensors.
    mutating func add(_ report: WeightReport) {
        weights = report
        findings = Self.worstFirst(findings + report.findings)
        verdict = max(verdict, Verdict.worst(of: report.findings.map(\.verdict)))
    }

    /// Adds what a comparison with the files beside it found.
    mutating func add(_ finding: Finding) {
        findings = Self.worstFirst(findings + [finding])
        found.insert(finding.rule)
        inspectionVerdict = max(inspectionVerdict, finding.verdict)
        verdict = max(verdict, finding.verdict)
    }

    /// Keeps the worst finding alone, and no statistics.
    mutating func omitDetails() {
        findingsOmitted += max(0, findings.count - 1)
        findings = Array(findings.prefix(1))
        facts = []
        weights = nil
    }
}
