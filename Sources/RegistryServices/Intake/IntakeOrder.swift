public import OCI
public import RegistryCore
public import RegistryPorts

/// What somebody wants to be taken in, checked as far as it can be without reading bytes.
public struct IntakeOrder: Sendable {
    /// Where the bytes are.
    public enum Bytes: Sendable {
        /// A file or directory beneath the registry's directory.
        case source(RelativePath)
        /// A file or directory that was opened before, and the path whose last component names it.
        case opened(Source, path: RelativePath)
        /// What arrived over a connection, and the name that the file has for its publisher.
        case received(any StagedBlob, filename: RelativePath)
        /// Files that were received one by one, and the name that their directory has for its publisher.
        case set(FileSet, filename: RelativePath)
    }

    public var name: ArtifactName
    public var bytes: Bytes
    /// Required for a file; optional for a directory, where it is the digest of the listing.
    public var sha256: Digest?
    public var sizeBytes: UInt64?
    public var source: String?
    public var sourceRevision: String?
    /// What the caller takes it for; refused when the content says otherwise.
    public var format: String?

    /// What the content must hash to, as far as the order says.
    var announcedDigest: Digest? {
        get throws(RegistryError) {
            guard case .set(let set, _) = bytes else { return sha256 }
            return try set.listingDigest
        }
    }

    public init(
        name: ArtifactName, bytes: Bytes, sha256: Digest?, sizeBytes: UInt64? = nil, source: String? = nil,
        sourceRevision: String? = nil, format: String? = nil
    ) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.source = source
        self.sourceRevision = sourceRevision
        self.format = format
    }
}
