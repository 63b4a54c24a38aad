import struct Crypto.SHA512
public import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON
import Synchronization

/// What an artifact version consists of.
public struct VersionContents: Sendable {
    /// As stored: these bytes hash to the version's digest.
    public var manifest: [UInt8]
    public var mediaType: MediaType
    /// Of a version that came in by the model API: a document that is kept beside the manifest, and no blob.
    public var configDocument: Descriptor?
    /// In the order of the manifest's layers; of a pushed version the config comes first.
    public var files: [ArtifactFile]
    /// Of an index, what it lists.
    public var children: [Descriptor]
    /// Whether clients fetch a part of it from elsewhere.
    public var hasForeignParts = false
}

/// What artifact versions consist of: writes and reads their OCI manifests.
public final class ArtifactManifests: Sendable {
    /// Most parsed manifests kept in memory, and how many bytes of manifest they may come from.
    public static let cachedMax = 1_024
    public static let cachedBytesMax = 4 << 20

    private let store: any MetadataReader
    private let cache = Mutex(Cache())

    private struct Cache {
        var contents: [Digest: VersionContents] = [:]
        var bytes = 0

        mutating func keep(_ contents: VersionContents, of version: Digest) {
            let count = contents.manifest.count
            guard count <= ArtifactManifests.cachedBytesMax / 4 else { return }
            if self.contents.count >= ArtifactManifests.cachedMax || bytes + count > ArtifactManifests.cachedBytesMax {
                self.contents.removeAll(keepingCapacity: true)
                bytes = 0
            }
            if self.contents.updateValue(contents, forKey: version) == nil { bytes += count }
        }
    }

    /// What the caller of a promote said, by its digest; `nil` when it is not there any more.
    func claim(_ digest: Digest) async throws(RegistryError) -> [UInt8]? {
        try await throughStore { () async throws(StorageFault) in try await store.evidenceDocument(digest) }
    }

    public init(store: any MetadataReader) {
        self.store = store
    }

    /// The files of a version, in the order of the manifest.
    ///
    /// - Throws: `.recordTampered` when the stored manifest does not hash to the version's digest.
    public func files(of key: ArtifactKey) async throws(RegistryError) -> [ArtifactFile] {
        try await contents(of: key).files
    }

    /// What the manifest of a version says, and its bytes.
    ///
    /// - Throws: `.recordTampered` when the stored manifest does not hash to the version's digest.
    public func contents(of key: ArtifactKey) async throws(RegistryError) -> VersionContents {
        if let contents = cache.withLock({ $0.contents[key.version] }) { return contents }
        let bytes = try await document(key.version)
        guard let contents = Self.contents(of: bytes) else { throw Self.altered(key.version) }
        cache.withLock { $0.keep(contents, of: key.version) }
        return contents
    }

    /// A small document that is kept under its digest: a manifest, or the config that one names.
    ///
    /// - Throws: `.recordTampered` when it is not there, or hashes to something else.
    func document(_ digest: Digest) async throws(RegistryError) -> [UInt8] {
        let bytes = try await throughStore { () async throws(StorageFault) in try await store.manifest(digest) }
        guard let bytes, Self.hash(bytes, as: digest.algorithm) == digest else { throw Self.altered(digest) }
        return bytes
    }

    static func hash(_ bytes: [UInt8], as algorithm: Digest.Algorithm) -> Digest? {
        switch algorithm {
        case .sha256: try? Digest(hashing: bytes)
        case .sha512: try? Digest(.sha512, bytes: Array(SHA512.hash(data: bytes)))
        }
    }

    private static func altered(_ digest: Digest) -> RegistryError {
        RegistryError(.recordTampered, "The manifest of \(digest) is missing or altered.")
    }

    /// What the bytes of a manifest say; `nil` for none.
    static func contents(of bytes: [UInt8]) -> VersionContents? {
        (try? ManifestDocument(parsing: bytes)).map { contents(of: $0, bytes) }
    }

    /// - Parameter bytes: what `document` was read from.
    static func contents(of document: ManifestDocument, _ bytes: [UInt8]) -> VersionContents {
        switch document {
        case .index(let index):
            VersionContents(manifest: bytes, mediaType: index.mediaType, files: [], children: index.manifests)
        case .artifact(let manifest):
            if let files = filesOfModelAPI(manifest, bytes) {
                VersionContents(
                    manifest: bytes, mediaType: manifest.mediaType, configDocument: manifest.config, files: files,
                    children: [])
            } else {
                VersionContents(
                    manifest: bytes, mediaType: manifest.mediaType, files: LayerNames.files(of: manifest),
                    children: [], hasForeignParts: document.hasForeignParts)
            }
        }
    }

    /// The files of a manifest that `build` wrote, here or in another registry; `nil` for any other.
    private static func filesOfModelAPI(_ manifest: Manifest, _ bytes: [UInt8]) -> [ArtifactFile]? {
        guard manifest.artifactType == ModelPack.artifactType, manifest.config.mediaType == ModelPack.config,
            manifest.config.annotations.isEmpty, manifest.subject == nil, manifest.annotations.count == 1,
            manifest.annotations[ImageAnnotation.title] != nil, !manifest.layers.isEmpty
        else { return nil }
        var files: [ArtifactFile] = []
        for layer in manifest.layers {
            // Earlier releases wrote no title.
            var annotations = layer.annotations
            guard let name = annotations.removeValue(forKey: ModelPack.Annotation.filepath),
                annotations.isEmpty || annotations == [ImageAnnotation.title: name],
                let path = try? RelativePath(parsing: name),
                ModelPack.roleAndPackaging(of: layer.mediaType)?.packaging == .raw
            else { return nil }
            files.append(ArtifactFile(path: path, digest: layer.digest, sizeBytes: layer.size))
        }
        return manifest.encoded() == bytes ? files : nil
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
                    annotations: [
                        ModelPack.Annotation.filepath: layer.file.path.description,
                        // Under this name `oras pull` writes the file.
                        ImageAnnotation.title: layer.file.path.description,
                    ])
            },
            annotations: [ImageAnnotation.title: name.description])
        return (config, manifest.encoded())
    }
}
