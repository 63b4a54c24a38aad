internal import OCI
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

/// Sends the files of a directory, several at a time, and has one artifact made of them.
struct DirectoryPush: Sendable {
    /// Files that are sent, or hashed, at a time.
    static let width = 4

    let directory: PushedDirectory
    let name: ArtifactName
    let source: String?
    let sourceRevision: String?

    func run(_ client: RegistryClient, _ context: CommandContext) async throws -> ArtifactDocument {
        let files = try await hashed(in: context)
        let listing = try DirectoryListing.digest(
            of: files.map { ($0.path, try Digest(.sha256, hex: $0.document.sha256)) })
        let request = AcquireRequest(
            name: name.description, files: files.map(\.document), filename: directory.name, sha256: listing.hex,
            source: source, sourceRevision: sourceRevision)
        guard request.encoded.count <= JSONLimits.requestBody.bytesMax else {
            throw CommandFailure(.dataError, "\(directory.path) holds more files than one request can name.")
        }
        try await send(files, client, context)
        let artifact: ArtifactDocument
        do throws(ClientFault) {
            artifact = try await context.watchingWork(on: request.name) { observe throws(ClientFault) in
                try await client.acquire(request, observe: observe)
            }
        } catch {
            throw CommandFailure(acquire: error)
        }
        guard artifact.sha256 == listing.hex else { throw CommandFailure(sent: listing.hex, stored: artifact.sha256) }
        return artifact
    }

    /// A file that is sent: what it is in the artifact, and where it lies.
    private struct Item: Sendable {
        var path: RelativePath
        var document: SetFileDocument
    }

    private func hashed(in context: CommandContext) async throws -> [Item] {
        let sizes = try directory.files.map { try LocalFile("\(directory.path)/\($0)").sizeBytes }
        let meter = SharedMeter(context.meter("hashing \(directory.path)", .bytes, total: sizes.reduce(0, &+)))
        defer { meter.finish() }
        return try await SideBySide.map(directory.files, width: Self.width) { path in
            let file = try LocalFile("\(directory.path)/\(path)")
            let digest = try await file.hash { meter.update(path.description, $0) }
            return Item(
                path: path,
                document: SetFileDocument(
                    filename: path.description, sha256: digest.file.hex, sizeBytes: file.sizeBytes))
        }
    }

    private func send(_ items: [Item], _ client: RegistryClient, _ context: CommandContext) async throws {
        let total = items.reduce(UInt64(0)) { $0 &+ $1.document.sizeBytes }
        let meter = SharedMeter(context.meter("sending \(directory.path)", .bytes, total: total))
        defer { meter.finish() }
        _ = try await SideBySide.map(items, width: Self.width) { item in
            let file = try LocalFile("\(directory.path)/\(item.path)")
            guard file.sizeBytes == item.document.sizeBytes else {
                throw CommandFailure(.temporary, "\(file.path) changed while it was read.")
            }
            let request = UploadRequest(
                name: name, filename: item.path.description, sha256: item.document.sha256)
            do throws(ClientFault) {
                try await client.upload(ofSet: request, FileContent(file: file)) {
                    meter.update(item.path.description, $0)
                }
            } catch {
                throw CommandFailure(upload: error)
            }
            return item.path
        }
    }
}

extension CommandFailure {
    /// What a fault means when all files were sent.
    fileprivate init(acquire fault: ClientFault) {
        self.init(fault)
        if fault.code == .sourceNotFound {
            hint = "They were here too long ago: give the same command again, which sends what is missing."
        }
    }
}
