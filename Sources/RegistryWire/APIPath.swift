/// The paths of the API, written down once for both ends.
public enum APIPath {
    public static let health = "/health"
    public static let live = "/livez"
    public static let ready = "/readyz"
    public static let metrics = "/metrics"
    public static let models = "/v1/models"
    public static let model = "/v1/model"
    public static let modelPath = "/v1/model/path"
    public static let verify = "/v1/model/verify"
    public static let verifyAll = "/v1/models/verify-all"
    public static let verifyManifest = "/v1/model/verify-manifest"
    public static let integrityStatus = "/v1/integrity/status"
    public static let collection = "/v1/collection"
    public static let acquire = "/v1/model/acquire"
    public static let quarantine = "/v1/model/quarantine"
    public static let promote = "/v1/model/promote"
    public static let promoteShort = "/v1/promote"
    public static let revoke = "/v1/model/revoke"
    public static let delete = "/v1/model/delete"
    public static let stats = "/v1/stats"
    public static let audit = "/v1/audit"
    public static let policy = "/v1/policy"
    public static let reinspection = "/v1/reinspection"
    public static let waivers = "/v1/waivers"
    public static let logCheckpoint = "/log/checkpoint"
    public static let logKey = "/log/key"

    public static func waiver(_ id: UInt64) -> String { "\(waivers)/\(id)" }
    /// `/v1/model/{name}`; the slashes of a name stay slashes.
    public static func model(_ name: String) -> String { "\(model)/\(name)" }
    /// Streaming upload: `PUT`, `HEAD`, `DELETE`.
    public static func content(of name: String) -> String { "\(model)/\(name)/content" }
    public static func events(of name: String) -> String { "\(model)/\(name)/events" }
    public static func evidence(of name: String) -> String { "\(model)/\(name)/evidence" }
    public static func evidence(of name: String, digest: String) -> String { "\(model)/\(name)/evidence/\(digest)" }
    /// Bundles with signatures and statements: `GET`, `POST`.
    public static func attestations(of name: String) -> String { "\(model)/\(name)/attestations" }
    /// The signed summary of the admission by which it is trusted: an envelope, DSSE.
    public static func summary(of name: String) -> String { "\(model)/\(name)/vsa" }
    /// The per-tensor manifest in the form of the `gguf-guard` tool.
    public static func tensorManifest(of name: String) -> String { "\(model)/\(name)/tensor-manifest" }
    /// A tile or an entry bundle; `path` as C2SP tlog-tiles writes it, `tile/…`.
    public static func log(_ path: String) -> String { "/log/\(path)" }
}

/// Header fields of the API that no RFC has.
public enum APIField {
    /// Names a request in answers, logs and events.
    public static let requestID = "X-Request-Id"
    /// How many bytes of an upload the server has (draft-ietf-httpbis-resumable-upload).
    public static let uploadOffset = "Upload-Offset"
    /// How many artifacts a page leaves out because somebody edited their records, and the first of their names:
    /// `2; names="a b/c"`.
    public static let omitted = "Omitted-Artifacts"
}
