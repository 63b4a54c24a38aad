/// What of the inspection's findings a person may answer for, and for how long.
public struct WaiverRules: Sendable, Hashable {
    /// Verdicts whose findings may be waived. Never `block`: such a rule has to be named.
    public var verdicts: [String]
    /// Rules that may be waived whatever their verdict.
    public var rules: [String]
    /// Rules that may not, although their verdict may.
    public var except: [String]
    /// Longest time that a waiver may last, in days.
    public var daysMax: UInt64

    /// Verdicts that a policy may name.
    public static let verdictsAllowed = ["review", "undecided"]
    public static let daysBound: ClosedRange<UInt64> = 1...3_650
    public static let rulesMax = 1_000

    /// Nothing may be waived: what holds where a policy says nothing.
    public static let none = WaiverRules(verdicts: [], rules: [], except: [], daysMax: 1)

    public init(verdicts: [String], rules: [String], except: [String], daysMax: UInt64) {
        self.verdicts = verdicts
        self.rules = rules
        self.except = except
        self.daysMax = daysMax
    }

    /// Whether what a rule found may be waived.
    ///
    /// - Parameter verdict: of the rule.
    public func allows(rule: String, verdict: String) -> Bool {
        guard !Self.isAboutAttempt(rule), !except.contains(rule) else { return false }
        return rules.contains(rule) || verdicts.contains(verdict)
    }

    /// Whether a rule speaks of one attempt to look, and not of the file: nobody can answer for what was not looked at.
    public static func isAboutAttempt(_ rule: String) -> Bool {
        rule.hasPrefix("inspection.") || rule.hasPrefix("report.") || rule == "scanner.failed"
            || rule == "file.unreadable"
    }
}

/// What happens to something trusted that is looked at again and is not admitted any more.
public enum RecheckFailureAction: String, Sendable, Hashable, CaseIterable {
    /// It stays in service, and people are told.
    case report
    /// It goes to quarantine.
    case quarantine
}
