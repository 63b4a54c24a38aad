public import OCI

extension ErrorCode {
    /// What the OCI door calls it (distribution-spec 1.1, "Error Codes"). The code itself goes along as
    /// `detail.code`, because clients of that protocol know fifteen words and we have more reasons.
    public var distributionCode: DistributionError.Code {
        switch self {
        case .artifactNotFound: .nameUnknown
        case .manifestNotFound: .manifestUnknown
        case .invalidManifest: .manifestInvalid
        case .manifestBlobUnknown: .manifestBlobUnknown
        case .blobNotFound: .blobUnknown
        case .invalidName, .nameConflict: .nameInvalid
        case .invalidDigest, .digestMismatch: .digestInvalid
        case .sizeMismatch: .sizeInvalid
        case .uploadNotFound: .blobUploadUnknown
        case .uploadOffsetMismatch, .lengthRequired: .blobUploadInvalid
        case .unauthorized, .insufficientScope: .unauthorized
        case .accessDenied, .notTrusted, .integrityFailed, .recordTampered, .policyRefused, .inspectionUndecided,
            .mutationsDisabled, .hostNotAllowed, .originNotAllowed, .artifactExists, .otherRepository, .stateConflict,
            .concurrentChange,
            .preconditionFailed, .tagImmutable, .quotaExceeded, .waiverNotAllowed, .bundleInvalid, .tooManyBundles,
            .integrityRequired:
            .denied
        case .tooManyAttempts, .overloaded: .tooManyRequests
        case .invalidRequest, .invalidJSON, .unknownField, .missingField, .invalidField, .invalidPath, .bodyTooLarge,
            .unsupportedMediaType, .notAcceptable, .routeNotFound, .methodNotAllowed, .rangeNotSatisfiable,
            .evidenceNotFound, .waiverNotFound, .sourceNotFound, .sourceRefused, .sourceChanged:
            .unsupported
        case .storageFull, .linkLimitReached, .storageUnavailable, .storeNotFound, .internalError: .unknown
        }
    }

    /// The status of the answer there. Clients of that protocol know a digest that does not fit as a bad request.
    public var distributionStatus: Int {
        switch self {
        case .digestMismatch, .sizeMismatch: 400
        case .uploadOffsetMismatch: 416
        default: httpStatus
        }
    }
}
