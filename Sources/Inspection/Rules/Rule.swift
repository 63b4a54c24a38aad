/// A rule of the inspection: what is looked for, what it means and what follows from it.
public struct Rule: Sendable, Hashable {
    public let id: RuleID
    public let severity: Severity
    /// What an artifact comes to in which this is the worst that was found.
    public let verdict: Verdict
    public let title: String
    public let meaning: String
    /// What a person should do about it.
    public let remedy: String

    init(_ id: RuleID, _ severity: Severity, _ verdict: Verdict, _ title: String, meaning: String, remedy: String) {
        self.id = id
        self.severity = severity
        self.verdict = verdict
        self.title = title
        self.meaning = meaning
        self.remedy = remedy
    }
}
