/// Why a verification summary is not believed: a closed list, by names that stay.
///
/// The order follows the steps. `docs/guides/summaries.md` has the same list; a test compares them.
public enum SummaryReason: String, Sendable, Hashable, CaseIterable {
    // The envelope.
    case envelopeMalformed = "envelope_malformed"
    case payloadTypeMismatch = "payload_type_mismatch"
    case signatureInvalid = "signature_invalid"
    // What is stated.
    case statementMalformed = "statement_malformed"
    case predicateTypeMismatch = "predicate_type_mismatch"
    case summaryMalformed = "summary_malformed"
    case resultFailed = "result_failed"
    // The decision that it tells of.
    case decisionMissing = "decision_missing"
    case decisionMismatch = "decision_mismatch"
    case originMismatch = "origin_mismatch"
    // What is asked for.
    case subjectMismatch = "subject_mismatch"
    case verifierMismatch = "verifier_mismatch"
    case resourceMismatch = "resource_mismatch"
    case policyMismatch = "policy_mismatch"
    case levelMissing = "level_missing"
    case tooOld = "too_old"
    case timeInFuture = "time_in_future"
    case expired
    // The log.
    case logMissing = "log_missing"
    case logTooShort = "log_too_short"
    case logInvalid = "log_invalid"
    case notInLog = "not_in_log"
    case logEntryUnknown = "log_entry_unknown"
    case withdrawnSince = "withdrawn_since"
    case notAdmittedSince = "not_admitted_since"

    /// Whether something is missing to tell: the summary may be good, and is not believed all the same.
    public var isUndecided: Bool {
        switch self {
        case .logMissing, .logTooShort, .logEntryUnknown: true
        default: false
        }
    }
}

/// A summary that is not believed, and why.
public struct SummaryRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public var reason: SummaryReason
    /// For people.
    public var detail: String

    public init(_ reason: SummaryReason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    public var description: String { "\(detail) (\(reason.rawValue))" }
}
