import ModelFormats

/// Why an inspection came to no result.
public enum FailedAttempt: Sendable, Hashable {
    /// The process that inspected was ended by this signal.
    case crashed(signal: Int32)
    case timedOut
    /// Its answer is not a report on the file.
    case unintelligible
    case overloaded
    case unavailable

    var finding: Finding {
        switch self {
        case .crashed(let signal): Finding(.inspectionCrashed, detail: "signal \(signal)")
        case .timedOut: Finding(.inspectionTimedOut)
        case .unintelligible: Finding(.inspectionUnintelligible)
        case .overloaded: Finding(.inspectionOverloaded)
        case .unavailable: Finding(.inspectionUnavailable)
        }
    }
}

extension InspectionReport {
    /// The report on a file that nobody could look into: undecided, and nothing known about it but its size.
    public init(_ attempt: FailedAttempt, sizeBytes: UInt64) {
        let finding = attempt.finding
        self.init(
            format: .unknown, sizeBytes: sizeBytes, verdict: finding.verdict, findings: [finding], facts: [],
            tensors: nil, gguf: nil, weightIndex: nil)
    }
}
