public import OCI

/// What a state belongs to: one artifact version of one tenant.
public struct ArtifactKey: Sendable, Hashable {
    public var tenant: Tenant
    /// The digest of the OCI manifest.
    public var version: Digest

    public init(tenant: Tenant, version: Digest) {
        self.tenant = tenant
        self.version = version
    }
}

/// What an artifact's bytes are, whatever it is called.
public struct ContentIdentity: Sendable, Hashable {
    /// How the bytes are laid out under the artifact's name.
    public enum Layout: String, Sendable, Hashable, CaseIterable {
        case file, directory
        /// A manifest that was pushed, and what it names.
        case manifest
    }

    public var layout: Layout
    /// The SHA-256 of the file; of a directory, that of its listing (`DirectoryListing`); of what was pushed, that of
    /// the manifest's bytes.
    public var sha256: Digest
    public var sizeBytes: UInt64
    /// The original name of the file, or of the directory.
    public var filename: String

    public init(layout: Layout, sha256: Digest, sizeBytes: UInt64, filename: String) {
        self.layout = layout
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.filename = filename
    }
}
