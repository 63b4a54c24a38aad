public import StrictJSON

/// What a registry answers instead of what was asked for (distribution-spec 1.1, "Error Codes").
///
/// The specification's codes, and `TOOMANYREQUESTS`, `UNSUPPORTED` and `UNKNOWN` as clients know them.
public struct DistributionError: Sendable, Hashable {
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case blobUnknown = "BLOB_UNKNOWN"
        case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
        case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
        case digestInvalid = "DIGEST_INVALID"
        case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
        case manifestInvalid = "MANIFEST_INVALID"
        case manifestUnknown = "MANIFEST_UNKNOWN"
        case nameInvalid = "NAME_INVALID"
        case nameUnknown = "NAME_UNKNOWN"
        case sizeInvalid = "SIZE_INVALID"
        case unauthorized = "UNAUTHORIZED"
        case denied = "DENIED"
        case unsupported = "UNSUPPORTED"
        case tooManyRequests = "TOOMANYREQUESTS"
        /// What a registry says that has no better word; docker and containerd know it.
        case unknown = "UNKNOWN"
    }

    public var code: Code
    /// One sentence, which docker and podman print.
    public var message: String
    public var detail: JSONObject

    public init(_ code: Code, _ message: String, detail: JSONObject) {
        self.code = code
        self.message = message
        self.detail = detail
    }

    public var json: JSONValue {
        let error: JSONValue = .object(
            JSONObject([
                ("code", .string(code.rawValue)), ("message", .string(message)), ("detail", .object(detail)),
            ]))
        return .object(JSONObject([("errors", .array([error]))]))
    }
}
