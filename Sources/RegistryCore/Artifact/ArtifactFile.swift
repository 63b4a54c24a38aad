public import OCI

/// One file of an artifact version.
public struct ArtifactFile: Sendable, Hashable {
    public var path: RelativePath
    public var digest: Digest
    public var sizeBytes: UInt64
    /// Whether its media type is that of a layer of a container image.
    public var isImageLayer: Bool

    public init(path: RelativePath, digest: Digest, sizeBytes: UInt64, isImageLayer: Bool = false) {
        self.path = path
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.isImageLayer = isImageLayer
    }
}
