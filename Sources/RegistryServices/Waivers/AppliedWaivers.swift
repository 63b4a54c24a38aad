import Inspection
import RegistryCore

/// What the findings in an artifact come to once those that are waived are left out.
///
/// A waiver counts where it is of the artifact's own version, its time is not over, and the policy in force lets people
/// answer for the rule: a stricter policy ends what an older one allowed, at the next decision.
struct AppliedWaivers {
    /// Those that something was left out by, in the order of their ids.
    private(set) var used: [Waiver] = []
    /// Rules whose findings were left out.
    private(set) var rules: Set<String> = []
    /// The worst verdict of what is left.
    private(set) var verdict = Verdict.clean
    /// The rules of the findings that are left.
    private(set) var findings: Set<String> = []
    /// The verdict of each file, in their order.
    private(set) var verdicts: [Verdict] = []

    private let waivers: [Waiver]
    private let policy: WaiverRules

    init(_ record: ArtifactRecord, _ files: [ExaminedFile], _ policy: WaiverRules, at time: Timestamp) {
        self.policy = policy
        // What lasts longest is used first; of two that end together, the older one.
        waivers = record.waivers.filter { $0.counts(at: time) }
            .sorted { ($1.terms.expires, $0.id) < ($0.terms.expires, $1.id) }
        for file in files { apply(to: file) }
        verdict = Verdict.worst(of: verdicts)
        used.sort { $0.id < $1.id }
    }

    private mutating func apply(to file: ExaminedFile) {
        let report = file.report
        var left = Verdict.clean
        for finding in report.findings {
            guard finding.verdict != .clean, let waiver = waiver(for: finding, in: file) else {
                left = max(left, finding.verdict)
                findings.insert(finding.rule.rawValue)
                continue
            }
            rules.insert(finding.rule.rawValue)
            if !used.contains(waiver) { used.append(waiver) }
        }
        // A report may come to worse than the findings that it kept: nobody answers for the others.
        let isAccountedFor = report.verdict == Verdict.worst(of: report.findings.map(\.verdict))
        verdicts.append(isAccountedFor ? left : max(left, report.verdict))
    }

    private func waiver(for finding: Finding, in file: ExaminedFile) -> Waiver? {
        let rule = finding.rule.rawValue
        guard policy.allows(rule: rule, verdict: finding.verdict.rawValue) else { return nil }
        return waivers.first {
            $0.terms.covers(rule: rule, in: file.file.digest, at: finding.place.member)
        }
    }

    /// When the first of those that were used ends.
    var validUntil: Timestamp? { used.map(\.terms.expires).min() }
}
