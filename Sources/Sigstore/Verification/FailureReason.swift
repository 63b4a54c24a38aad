/// Why a bundle does not verify: a closed list, by names that stay.
///
/// The order follows the steps. `docs/reference/signatures.md` has the same list; a test compares them.
public enum FailureReason: String, Sendable, Hashable, CaseIterable {
    // The bundle.
    case bundleTooLarge = "bundle_too_large"
    case bundleMalformed = "bundle_malformed"
    case bundleVersionUnknown = "bundle_version_unknown"
    case limitExceeded = "limit_exceeded"
    case contentMissing = "content_missing"
    case contentAmbiguous = "content_ambiguous"
    case materialMissing = "material_missing"
    case materialAmbiguous = "material_ambiguous"
    case rootInBundle = "root_in_bundle"
    case signatureCount = "signature_count"
    // What it is verified with.
    case trustedRootMalformed = "trusted_root_malformed"
    case trustedRootMissing = "trusted_root_missing"
    case keyExpected = "key_expected"
    case certificateExpected = "certificate_expected"
    case artifactUnavailable = "artifact_unavailable"
    case signatureUnavailable = "signature_unavailable"
    // The certificate.
    case certificateMalformed = "certificate_malformed"
    case certificateUsage = "certificate_usage"
    case certificateExtension = "certificate_extension"
    case certificateUntrusted = "certificate_untrusted"
    case certificateOutsideValidity = "certificate_outside_validity"
    case authorityOutsideWindow = "authority_outside_window"
    // The certificate's log.
    case sctMissing = "sct_missing"
    case sctMalformed = "sct_malformed"
    case sctLogUnknown = "sct_log_unknown"
    case sctSignatureInvalid = "sct_signature_invalid"
    case sctOutsideWindow = "sct_outside_window"
    // Timestamps.
    case timestampMalformed = "timestamp_malformed"
    case timestampRejected = "timestamp_rejected"
    case timestampDuplicate = "timestamp_duplicate"
    case timestampAuthorityUnknown = "timestamp_authority_unknown"
    case timestampSignatureInvalid = "timestamp_signature_invalid"
    case timestampMessageMismatch = "timestamp_message_mismatch"
    case timestampOutsideWindow = "timestamp_outside_window"
    case timeMissing = "time_missing"
    // The log of signatures.
    case logEntryMissing = "log_entry_missing"
    case logEntryDuplicate = "log_entry_duplicate"
    case logEntryMalformed = "log_entry_malformed"
    case logEntryKindUnsupported = "log_entry_kind_unsupported"
    case logEntryMismatch = "log_entry_mismatch"
    case logUnknown = "log_unknown"
    case logOutsideWindow = "log_outside_window"
    case inclusionPromiseMissing = "inclusion_promise_missing"
    case inclusionPromiseInvalid = "inclusion_promise_invalid"
    case inclusionProofMissing = "inclusion_proof_missing"
    case inclusionProofInvalid = "inclusion_proof_invalid"
    case checkpointMissing = "checkpoint_missing"
    case checkpointMalformed = "checkpoint_malformed"
    case checkpointSignatureInvalid = "checkpoint_signature_invalid"
    case checkpointMismatch = "checkpoint_mismatch"
    // Who signed.
    case identityMissing = "identity_missing"
    case identityMismatch = "identity_mismatch"
    case issuerMissing = "issuer_missing"
    case issuerConflict = "issuer_conflict"
    case issuerMismatch = "issuer_mismatch"
    case signedBeforeCutoff = "signed_before_cutoff"
    // What was signed.
    case signatureInvalid = "signature_invalid"
    case digestMismatch = "digest_mismatch"
    case payloadTypeUnsupported = "payload_type_unsupported"
    case statementMalformed = "statement_malformed"
    case statementUnsupported = "statement_unsupported"
    case subjectMismatch = "subject_mismatch"
    case predicateTypeMismatch = "predicate_type_mismatch"
    case filesDiffer = "files_differ"

    /// Whether something was missing to decide with, rather than the bundle being bad. It is not accepted either way.
    public var isUndecided: Bool {
        switch self {
        case .trustedRootMalformed, .trustedRootMissing, .artifactUnavailable, .signatureUnavailable,
            .statementUnsupported:
            true
        default: false
        }
    }
}

/// A bundle that does not verify: for programs by `reason`, for people by `detail`.
public struct VerificationFailure: Error, Sendable, Hashable {
    public let reason: FailureReason

    /// One sentence without a full stop. May quote the bundle: neutralise it before it is shown.
    public let detail: String

    public init(_ reason: FailureReason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

extension VerificationFailure: CustomStringConvertible {
    public var description: String { "\(detail) (\(reason.rawValue))" }
}
