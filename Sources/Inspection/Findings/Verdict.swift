/// What an inspection comes to, from best to worst.
public enum Verdict: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Every part was read and nothing was found.
    case clean
    /// A person should look: code, irregularities, things that are rarely right.
    case review
    /// Some part could not be checked. This is never the same as clean.
    case undecided
    /// Known to be bad, or malformed in a way that readers disagree about or that attacks use.
    case block

    private var rank: Int {
        switch self {
        case .clean: 0
        case .review: 1
        case .undecided: 2
        case .block: 3
        }
    }

    public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

    /// `.clean` for nothing at all: callers that must see evidence ask for it themselves.
    public static func worst(of verdicts: some Sequence<Verdict>) -> Verdict { verdicts.max() ?? .clean }
}

/// How much a finding matters to somebody who reads it. The verdict does not follow from it.
public enum Severity: String, Sendable, Hashable, CaseIterable {
    case info
    case low
    case medium
    case high
    case critical
}
