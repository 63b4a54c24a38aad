public import StrictJSON

/// Answer of `POST /v1/collection` and of `GET /v1/collection`.
public struct CollectionDocument: WireDocument, Hashable {
    /// Before the first collection; the other members mean nothing then.
    public static let unknown = CollectionDocument(
        status: "unknown", dryRun: false, examined: 0, blobs: 0, bytes: 0, disagreements: 0, manifests: 0,
        manifestBytes: 0, manifestsPutLately: 0, repositoriesLeft: 0, retentionFault: nil, startedAt: nil,
        endedAt: nil)

    /// `done` or `unknown`.
    public var status: String
    /// Whether nothing was removed.
    public var dryRun: Bool
    /// Blobs that were looked at.
    public var examined: UInt64
    /// Blobs that were removed, or would have been, and how many bytes they have.
    public var blobs: UInt64
    public var bytes: UInt64
    /// Blobs that stay because manifests need them, though no index says so.
    public var disagreements: UInt64
    /// Manifests that were taken out of repositories as `repository_retention` says, or would have been, and how many
    /// bytes of blobs only those name there. Such blobs are counted above when they go, which may be later.
    public var manifests: UInt64
    public var manifestBytes: UInt64
    /// Manifests that stay only because they were pushed a moment ago, or may have been.
    public var manifestsPutLately: UInt64
    /// Repositories that were left alone, for a fault or for their size.
    public var repositoriesLeft: UInt64
    /// The code of the first fault.
    public var retentionFault: String?
    public var startedAt: String?
    public var endedAt: String?

    public init(
        status: String, dryRun: Bool, examined: UInt64, blobs: UInt64, bytes: UInt64, disagreements: UInt64,
        manifests: UInt64, manifestBytes: UInt64, manifestsPutLately: UInt64, repositoriesLeft: UInt64,
        retentionFault: String?, startedAt: String?, endedAt: String?
    ) {
        self.status = status
        self.dryRun = dryRun
        self.examined = examined
        self.blobs = blobs
        self.bytes = bytes
        self.disagreements = disagreements
        self.manifests = manifests
        self.manifestBytes = manifestBytes
        self.manifestsPutLately = manifestsPutLately
        self.repositoriesLeft = repositoriesLeft
        self.retentionFault = retentionFault
        self.startedAt = startedAt
        self.endedAt = endedAt
    }

    public var json: JSONValue {
        guard status != "unknown" else { return ["status": "unknown"] }
        return .object(
            JSONObject(present: [
                ("status", .string(status)), ("dry_run", .bool(dryRun)), ("examined", .integer(examined)),
                ("blobs", .integer(blobs)), ("bytes", .integer(bytes)), ("disagreements", .integer(disagreements)),
                ("manifests", .integer(manifests)), ("manifest_bytes", .integer(manifestBytes)),
                ("manifests_put_lately", .integer(manifestsPutLately)),
                ("repositories_left", .integer(repositoriesLeft)),
                ("retention_fault", retentionFault.map { .string($0) }),
                ("started_at", startedAt.map { .string($0) }), ("ended_at", endedAt.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        status = try fields.requiredString("status")
        guard status != "unknown" else {
            self = .unknown
            return
        }
        dryRun = try fields.requiredBool("dry_run")
        examined = try fields.requiredUInt64("examined")
        blobs = try fields.requiredUInt64("blobs")
        bytes = try fields.requiredUInt64("bytes")
        disagreements = try fields.requiredUInt64("disagreements")
        // Absent from registries that are older.
        manifests = try fields.optionalUInt64("manifests") ?? 0
        manifestBytes = try fields.optionalUInt64("manifest_bytes") ?? 0
        manifestsPutLately = try fields.optionalUInt64("manifests_put_lately") ?? 0
        repositoriesLeft = try fields.optionalUInt64("repositories_left") ?? 0
        retentionFault = try fields.optionalString("retention_fault")
        startedAt = try fields.optionalString("started_at")
        endedAt = try fields.optionalString("ended_at")
    }
}
