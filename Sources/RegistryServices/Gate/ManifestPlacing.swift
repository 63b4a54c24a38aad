package import OCI
package import RegistryPorts
import StrictJSON

extension ManifestPlace {
    /// What the bytes of a manifest bring into a repository.
    ///
    /// - Throws: `ManifestFault` when they are no manifest.
    package init(version: Digest, manifest bytes: [UInt8]) throws(ManifestFault) {
        self.init(version: version, document: try ManifestDocument(parsing: bytes), sizeBytes: UInt64(bytes.count))
    }

    /// - Parameter sizeBytes: of the manifest.
    init(version: Digest, document: ManifestDocument, sizeBytes: UInt64) {
        self.init(
            version: version, blobs: document.blobs.distinctDigests, children: document.children.distinctDigests,
            referrer: document.subject.map { subject in
                StoredReferrer(
                    subject: subject.digest, version: version, artifactType: document.artifactType?.name ?? "",
                    descriptor: document.descriptor(version, sizeBytes).json.encoded())
            })
    }
}

extension ManifestDocument {
    /// distribution-spec 1.1, "Listing Referrers": of an artifact without a type, the type of its config.
    fileprivate var artifactType: MediaType? {
        switch self {
        case .artifact(let manifest): manifest.effectiveArtifactType
        case .index(let index): index.artifactType
        }
    }

    private var annotations: [String: String] {
        switch self {
        case .artifact(let manifest): manifest.annotations
        case .index(let index): index.annotations
        }
    }

    fileprivate func descriptor(_ version: Digest, _ sizeBytes: UInt64) -> Descriptor {
        Descriptor(
            mediaType: mediaType, digest: version, size: sizeBytes, artifactType: artifactType,
            annotations: annotations)
    }
}

extension [Descriptor] {
    /// Each digest once, in the order in which they come.
    fileprivate var distinctDigests: [Digest] {
        var seen: Set<Digest> = []
        return map(\.digest).filter { seen.insert($0).inserted }
    }
}
