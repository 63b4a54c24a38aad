internal import Inspection
internal import ModelFormats

/// What an inspection came to, for one file of a command line.
struct InspectedFile: Sendable {
    /// The path that people are shown: as it was named, or beneath the directory that was.
    let path: String
    /// A file that was not inspected is undecided.
    let verdict: Verdict
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
    /// Ids of all that was found, kept or not.
    let found: Set<RuleID>

    init(_ path: String, _ report: InspectionReport) {
        self.path = path
        verdict = report.verdict
        refusal = nil
        fault = nil
        format = report.format
        formatClass = report.formatClass
        sizeBytes = report.sizeBytes
        findings = Self.worstFirst(report.findings)
        facts = report.facts
        license = report[.license]
        found = Set(report.findings.map(\.rule))
    }

    /// - Parameter fault: `nil` where the file could be opened and the inspection came to nothing.
    init(_ path: String, refusal: String, fault: ExitStatus? = nil) {
        self.path = path
        verdict = .undecided
        self.refusal = refusal
        self.fault = fault
        format = nil
        formatClass = nil
        sizeBytes = nil
        findings = []
        facts = []
        license = nil
        found = []
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
        return facts.reduce(findings) { $0 + 48 + $1.value.utf8.count }
    }

    /// Keeps the worst finding alone.
    mutating func omitDetails() {
        findingsOmitted += max(0, findings.count - 1)
        findings = Array(findings.prefix(1))
        facts = []
    }
}
