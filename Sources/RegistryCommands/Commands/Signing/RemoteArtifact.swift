internal import DER
internal import DistributionClient
internal import Glibc
internal import OCI
internal import Signing

/// An artifact in a registry that is to be signed, or stated something about.
struct RemoteArtifact: Sendable {
    let reference: ImageReference

    private static let prefix = "oci://"
    /// Manifests beneath an index, and the index itself.
    private static let manifestsMax = 1_024
    /// Levels of indexes; what lies deeper is an error, and not left out.
    private static let levelsMax = 8

    /// - Returns: `nil` for a path.
    init?(argument: String) throws(CommandFailure) {
        guard argument.hasPrefix(Self.prefix) else { return nil }
        do throws(ImageReference.Fault) {
            reference = try ImageReference(parsing: String(argument.dropFirst(Self.prefix.count)))
        } catch {
            throw CommandFailure(.usage, "\(argument) is no reference: \(error.rawValue).")
        }
        guard reference.tag != nil || reference.digest != nil else {
            throw CommandFailure(.usage, "\(argument) names a repository: say which tag or digest.")
        }
    }

    /// What is named, and with `isRecursive` what its indexes list. Parts stand before the indexes that list them: an
    /// index that is signed is one whose parts are.
    ///
    /// A tag is looked up once. From then on everything is named by its digest.
    func manifests(isRecursive: Bool, _ client: DistributionClient) async throws -> [StoredManifest] {
        let repository = client.repository(of: reference)
        var found: [StoredManifest] = []
        try await collect(
            try await repository.manifest(reference.reference), levels: isRecursive ? Self.levelsMax : nil,
            in: repository,
            &found)
        return found
    }

    /// - Parameter levels: of indexes that may be gone into; `nil` for the manifest alone.
    private func collect(
        _ manifest: StoredManifest, levels: Int?, in repository: RemoteRepository, _ found: inout [StoredManifest]
    ) async throws {
        guard manifest.digest.algorithm == .sha256 else {
            throw CommandFailure(.dataError, "\(manifest.digest) is not signed: statements name SHA-256.")
        }
        if let levels, case .index(let index) = try manifest.document(called: manifest.digest.description) {
            guard levels > 0 else { throw tooMuch }
            for part in index.manifests where !found.contains(where: { $0.digest == part.digest }) {
                let content = try await repository.manifest(.digest(part.digest))
                try await collect(content, levels: levels - 1, in: repository, &found)
            }
        }
        guard found.count < Self.manifestsMax else { throw tooMuch }
        found.append(manifest)
    }

    private var tooMuch: CommandFailure {
        CommandFailure(.dataError, "\(reference) lists more than is signed at one time. Nothing was signed.")
    }

    /// The name of one of the manifests.
    func name(of manifest: StoredManifest) -> String {
        "\(reference.registry)/\(reference.repository)@\(manifest.digest)"
    }

    /// Puts a bundle into the repository as what refers to a manifest, as cosign 3 does; where the registry has no list
    /// of referrers, into the tag that stands for it.
    ///
    /// - Returns: what carries the bundle.
    func attach(
        _ bundle: SignedBundle, to subject: StoredManifest, _ client: DistributionClient
    ) async throws -> StoredManifest {
        let repository = client.repository(of: reference)
        guard let bundleType = MediaType(BundleDraft.mediaType) else {
            throw CommandFailure(.software, "The media type of bundles is none.")
        }
        let config = Array("{}".utf8)
        let layer = Descriptor(
            mediaType: bundleType, digest: try Digest(of: bundle.bytes), size: UInt64(bundle.bytes.count))
        let empty = Descriptor(mediaType: .empty, digest: try Digest(of: config), size: UInt64(config.count))
        try await repository.upload(empty, MemoryContent(bytes: config))
        try await repository.upload(layer, MemoryContent(bytes: bundle.bytes))
        var annotations = ["dev.sigstore.bundle.content": "dsse-envelope"]
        annotations["dev.sigstore.bundle.predicateType"] = bundle.predicateType
        annotations["org.opencontainers.image.created"] = UnixTime(seconds: Int64(time(nil)))?.description
        let manifest = Manifest(
            artifactType: bundleType, config: empty, layers: [layer], subject: subject.descriptor,
            annotations: annotations)
        let bytes = manifest.encoded()
        let carrier = StoredManifest(bytes: bytes, mediaType: manifest.mediaType, digest: try Digest(of: bytes))
        try await repository.publish(carrier, as: nil)
        return carrier
    }
}
