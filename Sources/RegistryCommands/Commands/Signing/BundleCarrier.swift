internal import DER
internal import DistributionClient
internal import Glibc
internal import OCI
internal import Signing

/// A manifest that carries a bundle and refers to what was signed, as cosign 3 makes it.
struct BundleCarrier: Sendable {
    let manifest: StoredManifest
    let bundleType: MediaType
    private let layer: Descriptor
    private let bundle: [UInt8]
    private static let config = Array("{}".utf8)

    init(_ bundle: SignedBundle, of subject: StoredManifest) throws {
        guard let bundleType = MediaType(BundleDraft.mediaType) else {
            throw CommandFailure(.software, "The media type of bundles is none.")
        }
        self.bundleType = bundleType
        self.bundle = bundle.bytes
        layer = Descriptor(
            mediaType: bundleType, digest: try Digest(of: bundle.bytes), size: UInt64(bundle.bytes.count))
        var annotations = ["dev.sigstore.bundle.content": "dsse-envelope"]
        annotations["dev.sigstore.bundle.predicateType"] = bundle.predicateType
        annotations["org.opencontainers.image.created"] = UnixTime(seconds: Int64(time(nil)))?.description
        let document = Manifest(
            artifactType: bundleType, config: .empty, layers: [layer], subject: subject.descriptor,
            annotations: annotations)
        let bytes = document.encoded()
        manifest = StoredManifest(bytes: bytes, mediaType: document.mediaType, digest: try Digest(of: bytes))
    }

    /// Puts it into a repository; where the registry has no list of referrers, into the tag that stands for it, too.
    func push(to repository: RemoteRepository) async throws {
        try await repository.upload(.empty, MemoryContent(bytes: Self.config))
        try await repository.upload(layer, MemoryContent(bytes: bundle))
        try await repository.publish(manifest, as: nil)
    }

    /// As a part of a layout.
    var referrer: NewReferrer {
        NewReferrer(manifest, artifactType: bundleType, blobs: [Self.config, bundle])
    }
}
