/// Every error that a client can receive, by the name that stays.
///
/// The tables below are the only places where a code becomes something else; `docs/reference/errors.md` is made from
/// them.
public enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    // The request.
    case invalidRequest = "invalid_request"
    case invalidJSON = "invalid_json"
    case unknownField = "unknown_field"
    case missingField = "missing_field"
    case invalidField = "invalid_field"
    case invalidName = "invalid_name"
    case invalidDigest = "invalid_digest"
    case invalidPath = "invalid_path"
    case bodyTooLarge = "body_too_large"
    case lengthRequired = "length_required"
    case unsupportedMediaType = "unsupported_media_type"
    case notAcceptable = "not_acceptable"
    case routeNotFound = "route_not_found"
    case methodNotAllowed = "method_not_allowed"
    case rangeNotSatisfiable = "range_not_satisfiable"
    // Who asks.
    case unauthorized
    case insufficientScope = "insufficient_scope"
    case accessDenied = "access_denied"
    case tooManyAttempts = "too_many_attempts"
    case mutationsDisabled = "mutations_disabled"
    case hostNotAllowed = "host_not_allowed"
    case originNotAllowed = "origin_not_allowed"
    // The artifact.
    case artifactNotFound = "artifact_not_found"
    case evidenceNotFound = "evidence_not_found"
    case manifestNotFound = "manifest_not_found"
    case blobNotFound = "blob_not_found"
    case invalidManifest = "invalid_manifest"
    case manifestBlobUnknown = "manifest_blob_unknown"
    case tagImmutable = "tag_immutable"
    case notTrusted = "not_trusted"
    case artifactExists = "artifact_exists"
    case nameConflict = "name_conflict"
    case otherRepository = "other_repository"
    case stateConflict = "state_conflict"
    case concurrentChange = "concurrent_change"
    case preconditionFailed = "precondition_failed"
    // The bytes.
    case sourceNotFound = "source_not_found"
    case sourceRefused = "source_refused"
    case sourceChanged = "source_changed"
    case digestMismatch = "digest_mismatch"
    case sizeMismatch = "size_mismatch"
    case integrityFailed = "integrity_failed"
    case uploadOffsetMismatch = "upload_offset_mismatch"
    case uploadNotFound = "upload_not_found"
    // The decision.
    case policyRefused = "policy_refused"
    case inspectionUndecided = "inspection_undecided"
    case waiverNotFound = "waiver_not_found"
    case waiverNotAllowed = "waiver_not_allowed"
    case integrityRequired = "integrity_required"
    case bundleInvalid = "bundle_invalid"
    case tooManyBundles = "too_many_bundles"
    // The registry.
    case recordTampered = "record_tampered"
    case overloaded
    case storageFull = "storage_full"
    case quotaExceeded = "quota_exceeded"
    case linkLimitReached = "link_limit_reached"
    case storageUnavailable = "storage_unavailable"
    case internalError = "internal_error"
    /// Said by commands for a stopped registry, never by the server.
    case storeNotFound = "store_not_found"
}

extension ErrorCode {
    /// RFC 9110 status.
    public var httpStatus: Int {
        switch self {
        case .invalidRequest, .invalidJSON, .unknownField, .missingField, .invalidField, .invalidName, .invalidDigest,
            .invalidPath, .invalidManifest:
            400
        case .unauthorized, .insufficientScope: 401
        case .accessDenied, .mutationsDisabled, .originNotAllowed, .notTrusted, .quotaExceeded: 403
        case .routeNotFound, .artifactNotFound, .evidenceNotFound, .manifestNotFound, .blobNotFound, .uploadNotFound,
            .manifestBlobUnknown, .waiverNotFound:
            404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .artifactExists, .nameConflict, .otherRepository, .stateConflict, .concurrentChange, .integrityFailed,
            .recordTampered,
            .uploadOffsetMismatch, .sourceChanged, .tagImmutable, .tooManyBundles:
            409
        case .lengthRequired: 411
        case .preconditionFailed: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .rangeNotSatisfiable: 416
        case .tooManyAttempts: 429
        case .hostNotAllowed: 421
        case .sourceNotFound, .sourceRefused, .digestMismatch, .sizeMismatch, .policyRefused, .inspectionUndecided,
            .waiverNotAllowed, .bundleInvalid, .integrityRequired:
            422
        case .internalError: 500
        case .overloaded, .storageUnavailable, .storeNotFound: 503
        case .storageFull, .linkLimitReached: 507
        }
    }

    /// Exit status of `securectl` and `pratique`: 10 policy says no, 11 checked and bad, 12 could not check, 13 not
    /// allowed in this state, 64–78 as `sysexits.h`.
    public var exitStatus: Int32 {
        switch self {
        case .policyRefused, .waiverNotAllowed, .integrityRequired: 10
        case .digestMismatch, .sizeMismatch, .integrityFailed, .recordTampered: 11
        case .inspectionUndecided: 12
        case .notTrusted, .artifactExists, .nameConflict, .otherRepository, .stateConflict, .concurrentChange,
            .preconditionFailed,
            .tagImmutable, .tooManyBundles:
            13
        case .invalidRequest, .invalidJSON, .unknownField, .missingField, .invalidField, .invalidName, .invalidDigest,
            .invalidPath, .invalidManifest, .bodyTooLarge, .lengthRequired, .rangeNotSatisfiable, .bundleInvalid:
            65
        case .artifactNotFound, .evidenceNotFound, .manifestNotFound, .blobNotFound, .uploadNotFound, .sourceNotFound,
            .sourceRefused, .storeNotFound, .manifestBlobUnknown, .waiverNotFound:
            66
        case .overloaded, .storageUnavailable: 69
        case .internalError: 70
        case .storageFull, .quotaExceeded, .linkLimitReached: 74
        case .sourceChanged, .uploadOffsetMismatch, .tooManyAttempts: 75
        case .routeNotFound, .methodNotAllowed, .unsupportedMediaType, .notAcceptable: 76
        case .unauthorized, .insufficientScope, .accessDenied, .mutationsDisabled, .hostNotAllowed, .originNotAllowed:
            77
        }
    }

    /// What it means and what to do, for the reference of errors.
    public var meaning: String {
        switch self {
        case .invalidRequest: "The request is not understood; the sentence says which part."
        case .invalidJSON: "The body is not one JSON object by RFC 8259, or repeats a key; `detail.offset` is the byte."
        case .unknownField: "The body holds a field that this operation does not have: `detail.field`."
        case .missingField: "A field or parameter is missing: `detail.field`."
        case .invalidField: "A field or parameter has the wrong type or an impossible value: `detail.field`."
        case .invalidName: "The artifact's name breaks a rule of names."
        case .invalidDigest:
            "A digest is not `sha256:` and 64 lower-case hexadecimal digits (the prefix may be absent)."
        case .invalidPath: "A path is absolute, climbs out of its directory, or holds a forbidden character."
        case .bodyTooLarge: "The body is longer than the limit, 1 MiB for JSON."
        case .lengthRequired: "The request needs a `Content-Length` or chunked encoding."
        case .unsupportedMediaType: "The body's `Content-Type` is not what this operation reads."
        case .notAcceptable: "The operation cannot answer in any type that `Accept` names."
        case .routeNotFound: "No operation has this path."
        case .methodNotAllowed: "The path exists, this method of it does not."
        case .rangeNotSatisfiable: "`Range` begins behind the last byte; `Content-Range` says how many there are."
        case .unauthorized:
            "No token, or a wrong one. Send `Authorization: Bearer` with the service token, beneath `/v2` with a "
                + "credential's or one of `/token`."
        case .insufficientScope: "The token of `/token` is for less than this. Ask for one with the challenge's scope."
        case .accessDenied: "The credential is a good one, and its rights do not allow this."
        case .tooManyAttempts:
            "Too many wrong tokens came from this address. Tokens from it are looked at after `Retry-After` seconds."
        case .mutationsDisabled: "The registry has no service token, so nothing can be changed. Configure one."
        case .hostNotAllowed: "The `Host` of the request is not one of this registry's names."
        case .originNotAllowed: "A page of another origin sent this request."
        case .artifactNotFound: "No artifact has this name."
        case .evidenceNotFound: "The artifact has no evidence with this digest."
        case .manifestNotFound: "The repository has no manifest under this tag or digest."
        case .blobNotFound: "No manifest of the repository names a blob with this digest."
        case .invalidManifest:
            "The body is not a manifest as the image specification describes one, or not the one that it is sent as."
        case .manifestBlobUnknown:
            "The manifest names blobs or manifests that the repository does not have: `detail.digests`."
        case .tagImmutable: "The tag points elsewhere, and `immutable_tags` lets nobody move or delete it."
        case .notTrusted: "The artifact exists and is not trusted now; `detail.state` says where it stands."
        case .artifactExists: "The name is taken by other bytes, or by ones that were revoked or deleted."
        case .nameConflict: "One of the two names would be a folder of the other."
        case .otherRepository:
            "The reference names a repository that holds another one's version: `detail.name` is its own name."
        case .stateConflict: "The artifact's state does not allow this; `detail.state` says where it stands."
        case .concurrentChange: "Somebody else changed the artifact meanwhile. Look again, then repeat."
        case .preconditionFailed: "`If-Match` names another version of the record than the present one."
        case .sourceNotFound:
            "No such file or directory beneath the registry's directory; of a set, `detail.files` were not uploaded."
        case .sourceRefused: "The source is a link, has several links, is no regular file, or exceeds a limit."
        case .sourceChanged: "The source changed while it was read."
        case .digestMismatch: "The bytes do not hash to the digest that was given: `detail.expected`, `detail.actual`."
        case .sizeMismatch: "There are more or fewer bytes than were announced."
        case .integrityFailed: "The stored bytes are not the admitted ones any more. The artifact is in quarantine."
        case .uploadOffsetMismatch: "The upload continues at another offset: `detail.offset`."
        case .uploadNotFound: "There is no such upload, or it expired."
        case .policyRefused: "The policy does not admit the artifact; `detail.reasons` says why."
        case .inspectionUndecided:
            "The inspection came to no result, which is not a pass. Try again, or see the reasons."
        case .waiverNotFound: "There is no such waiver, or it has ended."
        case .waiverNotAllowed:
            "The policy does not let anybody waive this, or not for so long; `detail.reasons` says what it allows."
        case .integrityRequired:
            "The policy takes in only what comes with its digest, or what it asks signatures of. State the digest."
        case .bundleInvalid: "The body is no Sigstore bundle; `detail.reason` says why."
        case .tooManyBundles:
            "The artifact has as many bundles as it can have: `detail.count_max`, or `detail.bytes_max` together."
        case .recordTampered:
            "A stored record is not the newest one that this registry sealed: somebody edited it. It is refused, and "
                + "nothing is served under its name; `pratique fsck` says more, `pratique rebuild-index` mends it."
        case .overloaded: "Too much work at once. Repeat after `Retry-After` seconds."
        case .storageFull:
            "The disk is full, or has no room besides `detail.kept_free_bytes`. Nothing was changed; reading goes on."
        case .quotaExceeded:
            "The repository has no room for it within its quota: `detail.quota_bytes`, `detail.held_bytes`."
        case .linkLimitReached:
            "Too many trusted artifacts share a file: its file system gives it no further name. Nothing was changed."
        case .storageUnavailable: "The store does not answer. Nothing was changed."
        case .internalError: "A fault of the registry. Its log has the cause under the request's id."
        case .storeNotFound:
            "There is no store in the registry's directory. Only commands of `pratique` for a stopped registry say so."
        }
    }
}
