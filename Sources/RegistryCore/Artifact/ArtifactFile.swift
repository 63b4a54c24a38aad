public import OCI

/// One file of an artifact version.
public struct ArtifactFile: Sendable, Hashable {
    public var path: RelativePath
    public var digest: Digest
    public var sizeBytes: UInt64

    public init(path: RelativePath, digest: Digest, sizeBytes: UInt64) {
        self.path = path
        self.digest = digest
        self.sizeBytes = sizeBytes
    }
}
