internal import DistributionClient
internal import OCI
internal import RegistryClient
internal import RegistryCore
internal import StrictJSON

/// Sends files to a registry as one artifact, a layer for each (CNCF ModelPack, model-spec).
struct RegistryPush: Sendable {
    /// Files that are hashed, or sent, at a time.
    private static let width = 4

    let reference: ImageReference
    let files: [(path: RelativePath, file: LocalFile)]

    /// One file, or all of a directory but what tools keep for themselves.
    init(_ path: String, to reference: ImageReference, _ context: CommandContext) throws(CommandFailure) {
        self.reference = reference
        guard let directory = try PushedDirectory.ifDirectory(path) else {
            let file = try LocalFile(path)
            guard let name = try? RelativePath(parsing: file.name) else {
                throw CommandFailure(.dataError, "\(path) cannot lend its name to a layer.")
            }
            files = [(name, file)]
            return
        }
        for skipped in directory.skipped { context.console.note("left out: \(skipped)") }
        files = try directory.files.map { file throws(CommandFailure) in
            (file, try LocalFile("\(directory.path)/\(file)"))
        }
    }

    func run(_ client: DistributionClient, _ context: CommandContext) async throws -> StoredManifest {
        let layers = try await hashed(context)
        let config = Self.config(layers)
        let manifest = try Self.manifest(layers, config)
        let repository = client.repository(of: reference)
        try await send(layers, to: repository, context)
        try await repository.upload(try Self.descriptor(of: config), MemoryContent(bytes: config))
        try await repository.put(manifest, as: reference.tag ?? .latest)
        return manifest
    }

    private func hashed(_ context: CommandContext) async throws -> [Descriptor] {
        let total = files.reduce(UInt64(0)) { $0 &+ $1.file.sizeBytes }
        let meter = SharedMeter(context.meter("hashing", .bytes, total: total))
        defer { meter.finish() }
        return try await SideBySide.map(files, width: Self.width) { item in
            let name = item.path.description
            let digest = try await item.file.hash { meter.update(name, $0) }
            return Descriptor(
                mediaType: LayerRole(of: item.path).mediaType, digest: digest.file, size: item.file.sizeBytes,
                annotations: [ModelPack.Annotation.filepath: name, ImageAnnotation.title: name])
        }
    }

    private func send(
        _ layers: [Descriptor], to repository: RemoteRepository, _ context: CommandContext
    ) async throws {
        let total = layers.reduce(UInt64(0)) { $0 &+ $1.size }
        let meter = SharedMeter(context.meter("sending to \(repository.name)", .bytes, total: total))
        defer { meter.finish() }
        let memory = UploadFiles(context.environment)
        // Equal files are one blob, and two uploads of it would be in each other's way.
        var seen: Set<Digest> = []
        let items = zip(layers, files).filter { seen.insert($0.0.digest).inserted }
        _ = try await SideBySide.map(items.map { ($0.0, $0.1.file) }, width: Self.width) { layer, file in
            try await repository.upload(layer, FileContent(file: file), memory: memory) {
                meter.update(file.path, $0)
            }
        }
    }

    private static func config(_ layers: [Descriptor]) -> [UInt8] {
        let config: JSONValue = [
            "descriptor": [:],
            "modelfs": ["type": "layers", "diffIds": .array(layers.map { .string($0.digest.description) })],
            "config": [:],
        ]
        return config.encoded()
    }

    private static func descriptor(of config: [UInt8]) throws -> Descriptor {
        Descriptor(
            mediaType: ModelPack.config, digest: try Digest(of: config), size: UInt64(config.count))
    }

    private static func manifest(_ layers: [Descriptor], _ config: [UInt8]) throws -> StoredManifest {
        let manifest = Manifest(
            artifactType: ModelPack.artifactType, config: try descriptor(of: config), layers: layers)
        let bytes = manifest.encoded()
        return StoredManifest(bytes: bytes, mediaType: manifest.mediaType, digest: try Digest(of: bytes))
    }
}

/// What a file of a model is for, by its name (model-spec, "Layer Media Types").
struct LayerRole {
    let mediaType: MediaType

    private static let weights: Set<String> = [
        "gguf", "safetensors", "bin", "pt", "pth", "onnx", "ckpt", "h5", "msgpack", "tflite", "pb", "npz", "ggml",
    ]
    private static let code: Set<String> = [
        "py", "ipynb", "sh", "js", "ts", "c", "cc", "cpp", "cu", "h", "rs", "swift",
    ]
    private static let documents: Set<String> = ["md", "rst", "pdf", "png", "jpg", "jpeg", "html"]

    init(of path: RelativePath) {
        let name = path.lastComponent.lowercased()
        let suffix = name.split(separator: ".").dropFirst().last.map(String.init) ?? ""
        let role: ModelPack.Role
        if Self.weights.contains(suffix) {
            role = .weight
        } else if Self.code.contains(suffix) {
            role = .code
        } else if Self.documents.contains(suffix) || name.hasPrefix("license") || name.hasPrefix("readme")
            || name == "notice"
        {
            role = .doc
        } else {
            role = .weightConfig
        }
        mediaType = ModelPack.layer(role)
    }
}

/// A few bytes to upload.
struct MemoryContent: UploadContent {
    let bytes: [UInt8]
    var sizeBytes: UInt64 { UInt64(bytes.count) }

    func read(at offset: UInt64, bytesMax: Int) async -> [UInt8] {
        Array(bytes.dropFirst(Int(clamping: offset)).prefix(bytesMax))
    }
}
