internal import StrictJSON

/// Which snapshot is the newest (TUF 4.6).
public struct TimestampMetadata: MetadataContent {
    static let type = "timestamp"

    public let header: MetadataHeader
    public let snapshot: MetadataFile

    init(
        _ header: MetadataHeader, _ fields: inout MetadataFields, role: RoleName, limits: TUFLimits
    ) throws(MetadataFault) {
        self.header = header
        let meta = try fields.requiredObject("meta")
        guard let entry = meta[RoleName.snapshot.fileName] else { throw .malformed("it names no snapshot") }
        snapshot = try MetadataFile(entry)
    }
}
