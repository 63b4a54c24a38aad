/// A manifest as a registry stores it: one artifact, or a list of manifests.
public enum ManifestDocument: Sendable, Hashable {
    case artifact(Manifest)
    case index(ImageIndex)

    /// What it is follows from its members, so that nobody reads the same bytes as something else (CVE-2021-41190): an
    /// index has `manifests` and neither `config` nor `layers`.
    public init(parsing bytes: [UInt8]) throws(ManifestFault) {
        do throws(ManifestFault) {
            self = .artifact(try Manifest(parsing: bytes))
        } catch {
            // What has `manifests` can only be an index.
            guard case .ambiguous = error else { throw error }
            self = .index(try ImageIndex(parsing: bytes))
        }
    }

    public var mediaType: MediaType {
        switch self {
        case .artifact(let manifest): manifest.mediaType
        case .index(let index): index.mediaType
        }
    }

    public var subject: Descriptor? {
        switch self {
        case .artifact(let manifest): manifest.subject
        case .index(let index): index.subject
        }
    }

    /// Blobs that have to be there: each that the manifest names, unless clients fetch it from elsewhere.
    public var blobs: [Descriptor] {
        switch self {
        case .artifact(let manifest): manifest.blobs.filter { !$0.mediaType.isNonDistributable }
        case .index: []
        }
    }

    /// Whether clients fetch a part of it from elsewhere, where nobody here has looked at it.
    public var hasForeignParts: Bool {
        switch self {
        case .artifact(let manifest): manifest.layers.contains { $0.mediaType.isNonDistributable }
        case .index: false
        }
    }

    /// Manifests that an index names.
    public var children: [Descriptor] {
        switch self {
        case .artifact: []
        case .index(let index): index.manifests
        }
    }
}
