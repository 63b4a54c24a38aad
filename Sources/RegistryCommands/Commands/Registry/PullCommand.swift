internal import ArgumentParser
internal import DistributionClient
internal import LinuxFiles
internal import OCI
internal import RegistryCore
internal import StrictJSON

struct PullCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch the files of an artifact from a registry.",
        discussion: """
            From any registry that speaks the distribution protocol: registry.example/team/model:tag, or @sha256:… \
            instead of the tag. Large files come in parts, several at a time; a broken transfer goes on where it \
            stopped when the same command is given again. A file gets its name when all of it is there, on disk, and \
            hashes to what the manifest says. Files that are there already and are the same are left alone. Archives \
            are not unpacked.
            """)

    @Argument(
        help: "What to fetch: registry/repository:tag or registry/repository@digest.",
        transform: ImageReference.argument)
    var reference: ImageReference

    @Argument(help: "Directory for the files.", completion: .directory)
    var directory = "."

    @Flag(help: "Replace files that are there and differ.")
    var overwrite = false

    @Flag(name: .customLong("with-config"), help: "Fetch the config, too, as .oci/config.json.")
    var withConfig = false

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let pulled = try await registry.withClient(context) { client in
            let manifest = try await client.manifest(of: reference)
            let files = try files(of: manifest, context)
            let target = try PullTarget(directory, files, overwrite: overwrite)
            try await target.fetch(from: client.repository(of: reference), context)
            return (manifest, files)
        }
        show(pulled.0, pulled.1, context)
        return .done
    }

    private func files(of manifest: StoredManifest, _ context: CommandContext) throws -> [ArtifactFile] {
        switch try manifest.document(called: reference.description) {
        case .index(let index):
            throw CommandFailure(
                .usage, "\(reference) is an index: one of its manifests has to be named.",
                details: index.manifests.map { "\(reference.registry)/\(reference.repository)@\($0.digest)" })
        case .artifact(let artifact):
            for layer in artifact.layers where layer.mediaType.isNonDistributable {
                context.console.note("left out: \(layer.digest), which is not kept in registries")
            }
            let files = LayerNames.files(of: artifact).filter { withConfig || $0.path.description != LayerNames.config }
            guard !files.isEmpty else { throw CommandFailure(.noInput, "\(reference) has no files.") }
            for file in files {
                guard file.sizeBytes <= BlobDownload.bytesMax else {
                    throw CommandFailure(.dataError, "\(file.path) is said to have \(file.sizeBytes) bytes.")
                }
                guard !file.path.components.contains(where: { $0.hasPrefix(BlobDownload.workPrefix) }) else {
                    throw CommandFailure(.dataError, "\(file.path) has the name of a file in the making.")
                }
            }
            return files
        }
    }

    private func show(_ manifest: StoredManifest, _ files: [ArtifactFile], _ context: CommandContext) {
        switch output.format {
        case .json:
            context.console.write(json: [
                "reference": .string(reference.description), "digest": .string(manifest.digest.description),
                "files": .array(
                    files.map { file in
                        [
                            "path": .string("\(directory)/\(file.path)"), "digest": .string(file.digest.description),
                            "size": .integer(file.sizeBytes),
                        ]
                    }),
            ])
        case .table:
            let bytes = files.reduce(UInt64(0)) { $0 &+ $1.sizeBytes }
            context.console.write(
                FieldList([
                    ("digest", manifest.digest.description),
                    ("files", "\(Quantities.count(files.count, "file")), \(Quantities.bytes(bytes)), in \(directory)"),
                ]).text)
        }
    }
}

/// Where files go, looked at before the first byte is asked for.
private struct PullTarget: Sendable {
    /// Files that are fetched at a time; each comes in several parts.
    private static let width = 2

    private let path: String
    private let root: Directory
    private let files: [ArtifactFile]
    private let mayReplace: Bool

    init(_ path: String, _ files: [ArtifactFile], overwrite: Bool) throws(CommandFailure) {
        self.path = path
        self.files = files
        mayReplace = overwrite
        root = try UserDirectories.open(making: path)
    }

    func fetch(from repository: RemoteRepository, _ context: CommandContext) async throws {
        let total = files.reduce(UInt64(0)) { $0 &+ $1.sizeBytes }
        let missing = try await missing(context)
        let needed = missing.reduce(UInt64(0)) { $0 &+ $1.sizeBytes }
        if let free = try? root.freeSpace().bytes, free < needed {
            throw CommandFailure(
                .ioError, "\(path) has room for \(Quantities.bytes(free)); \(Quantities.bytes(needed)) are to come.")
        }
        let meter = SharedMeter(context.meter("fetching \(repository.name)", .bytes, total: total))
        defer { meter.finish() }
        let fetched = Set(missing.map(\.path))
        for file in files where !fetched.contains(file.path) { meter.update(file.path.description, file.sizeBytes) }
        _ = try await SideBySide.map(missing, width: Self.width) { file in
            let blob = Descriptor(mediaType: .octetStream, digest: file.digest, size: file.sizeBytes)
            try await BlobDownload(blob, of: repository, into: try folder(of: file), as: file.path.lastComponent) {
                meter.update(file.path.description, $0)
            }.run(replacing: mayReplace)
        }
    }

    /// Files that are not there yet.
    ///
    /// - Throws: when something else is there, before anything is fetched.
    private func missing(_ context: CommandContext) async throws -> [ArtifactFile] {
        var missing: [ArtifactFile] = []
        for file in files {
            guard (try? root.identity(of: file.path.description)) != nil else {
                missing.append(file)
                continue
            }
            if try await isThere(file, context) { continue }
            guard mayReplace else {
                throw CommandFailure(
                    .wrongState, "\(path)/\(file.path) is there and is something else.",
                    hint: "Say --overwrite to replace it, or name another directory.")
            }
            missing.append(file)
        }
        return missing
    }

    private func isThere(_ file: ArtifactFile, _ context: CommandContext) async throws -> Bool {
        guard let descriptor = try? root.openFile(file.path.description), let size = try? descriptor.identity().size,
            UInt64(exactly: size) == file.sizeBytes
        else { return false }
        var request = HashRequest()
        request.algorithm = file.digest.algorithm == .sha256 ? .sha256 : .sha512
        let ready = request
        let result = try await FilePool.shared.run { () throws(FileFault) in
            try HashPass.run(over: descriptor, ready)
        }
        return result.digest == file.digest.bytes
    }

    /// The folder of a file beneath the directory, made if it is not there; never through a link.
    private func folder(of file: ArtifactFile) throws(CommandFailure) -> Directory {
        var folder = root
        for name in file.path.components.dropLast() {
            do {
                folder = try folder.subdirectory(making: String(name), permissions: 0o755)
            } catch {
                throw CommandFailure(error, path: "\(path)/\(file.path)")
            }
        }
        return folder
    }
}
