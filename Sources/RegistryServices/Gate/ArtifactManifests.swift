import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON
import Synchronization

/// What artifact versions consist of: writes and reads their OCI manifests.
public final class ArtifactManifests: Sendable {
    /// Most parsed manifests kept in memory.
    public static let cachedMax = 1_024

    private let store: any MetadataReader
    private let cache = Mutex<[Digest: [ArtifactFile]]>([:])

    public init(store: any MetadataReader) {
        self.store = store
    }

    /// The files of a version, in the order of the manifest.
    ///
    /// - Throws: `.recordTampered` when the stored manifest does not hash to the version's digest.
    public func files(of key: ArtifactKey) async throws(RegistryError) -> [ArtifactFile] {
        if let files = cache.withLock({ $0[key.version] }) { return files }
        let bytes = try await throughStore { () async throws(StorageFault) in try await store.manifest(key.version) }
        guard let bytes, let digest = try? Digest(hashing: bytes), digest == key.version,
            let files = try? Self.files(in: Manifest(parsing: bytes))
        else { throw RegistryError(.recordTampered, "The manifest of \(key.version) is missing or altered.") }
        cache.withLock { cache in
            if cache.count >= Self.cachedMax { cache.removeAll(keepingCapacity: true) }
            cache[key.version] = files
        }
        return files
    }

    private static func files(in manifest: Manifest) throws -> [ArtifactFile] {
        try manifest.layers.map { layer in
            ArtifactFile(
                path: try RelativePath(parsing: layer.annotations[ModelPack.Annotation.filepath] ?? ""),
                digest: layer.digest, sizeBytes: layer.size)
        }
    }

    /// A version that came in by the model API: one layer for each file, in the order of their paths.
    ///
    /// The name is part of it, so that the same bytes under two names are two versions, each with a state of its own.
    static func build(
        name: ArtifactName, format: String, layers: [(file: ArtifactFile, isTensors: Bool)]
    ) throws -> (config: [UInt8], manifest: [UInt8]) {
        let sorted = layers.sorted { $0.file.path < $1.file.path }
        let config = JSONValue.object([
            "descriptor": ["name": .string(name.description)],
            "modelfs": [
                "type": "layers", "diffIds": .array(sorted.map { .string($0.file.digest.description) }),
            ],
            "config": ["format": .string(format)],
        ]).encoded()
        let manifest = Manifest(
            artifactType: ModelPack.artifactType,
            config: Descriptor(
                mediaType: ModelPack.config, digest: try Digest(hashing: config),
                size: UInt64(config.count)),
            layers: sorted.map { layer in
                Descriptor(
                    mediaType: ModelPack.layer(layer.isTensors ? .weight : .weightConfig), digest: layer.file.digest,
                    size: layer.file.sizeBytes,
                    annotations: [ModelPack.Annotation.filepath: layer.file.path.description])
            },
            annotations: ["org.opencontainers.image.title": name.description])
        return (config, manifest.encoded())
    }
}
