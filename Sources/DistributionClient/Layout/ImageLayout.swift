internal import Glibc
internal import LinuxFiles
internal import class LinuxFiles.FileDescriptor
public import OCI
internal import RegistryClient
internal import StrictJSON

/// A directory that holds content as registries do (image-spec 1.1, image-layout.md).
///
/// Its manifests are named by the annotation `org.opencontainers.image.ref.name`, mostly a tag.
public struct ImageLayout: Sendable {
    static let refName = "org.opencontainers.image.ref.name"
    private static let version = "1.0.0"
    private static let limits = ManifestLimits.standard.json

    public let path: String
    let root: Directory

    /// Opens a layout that is there.
    ///
    /// - Throws: `.file`; `.unsafe` for a directory that is none, or of a version that is not known here.
    public init(opening path: String) throws(DistributionFault) {
        self.path = path
        do throws(FileFault) {
            root = try Directory(path: path)
        } catch {
            throw .file(error, path: path)
        }
        let mark: [UInt8]
        do throws(FileFault) {
            mark = try root.openFile("oci-layout").readAll(bytesMax: 4_096)
        } catch {
            guard error.kind == .notFound else { throw .file(error, path: path) }
            throw .absent("\(path) holds no file oci-layout: it is no OCI image layout.")
        }
        let object = (try? StrictJSON.parse(mark, limits: Self.limits))?.asObject
        guard object?["imageLayoutVersion"]?.asString == Self.version else {
            throw .unsafe("\(path) is no OCI image layout of version \(Self.version).")
        }
    }

    /// Opens a layout, or begins one in a directory that is empty or not there.
    public init(making path: String) throws(DistributionFault) {
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw .file(FileFault(.create, code: errno), path: path) }
        do throws(FileFault) {
            let root = try Directory(path: path)
            let entries = try root.entries(entriesMax: 16)
            if entries.isEmpty {
                let blobs = try root.subdirectory(making: "blobs", permissions: 0o755)
                for algorithm in Digest.Algorithm.allCases {
                    _ = try blobs.subdirectory(making: algorithm.rawValue, permissions: 0o755)
                }
                let index = ImageIndex(manifests: []).encoded()
                try DurableFile.replace("index.json", in: root, with: index, permissions: 0o644)
                let mark: JSONValue = ["imageLayoutVersion": .string(Self.version)]
                try DurableFile.replace("oci-layout", in: root, with: mark.encoded(), permissions: 0o644)
            }
        } catch {
            if error.kind != .limitExceeded { throw .file(error, path: path) }
        }
        try self.init(opening: path)
    }

    func folder(of digest: Digest) throws(DistributionFault) -> Directory {
        do throws(FileFault) {
            return try root.subdirectory("blobs/\(digest.algorithm.rawValue)")
        } catch {
            throw .file(error, path: "\(path)/blobs/\(digest.algorithm.rawValue)")
        }
    }

    func file(_ digest: Digest) throws(DistributionFault) -> FileDescriptor {
        let folder = try folder(of: digest)
        do throws(FileFault) {
            return try folder.openFile(digest.hex)
        } catch {
            guard error.kind == .notFound else { throw .file(error, path: "\(path)/blobs/…/\(digest.hex)") }
            throw .absent("\(path) does not hold \(digest).")
        }
    }

    /// A blob's bytes, to be uploaded. Whoever takes them in checks them.
    func content(of blob: Descriptor) throws(DistributionFault) -> LayoutContent {
        let file = try file(blob.digest)
        guard let size = try? file.identity().size, UInt64(exactly: size) == blob.size else {
            throw .wrongSize(blob.digest, expected: blob.size)
        }
        return LayoutContent(file: file, sizeBytes: blob.size)
    }

    /// Whether a blob is there, whole and unaltered.
    func holds(_ blob: Descriptor) async throws -> Bool {
        guard let file = try? file(blob.digest), let size = try? file.identity().size,
            UInt64(exactly: size) == blob.size
        else { return false }
        var request = HashRequest()
        request.algorithm = RunningHash(blob.digest.algorithm).algorithm
        let ready = request
        let result = try await TransferThreads.pool.run { () throws(FileFault) in
            try HashPass.run(over: file, ready)
        }
        return result.digest == blob.digest.bytes
    }
}

/// A file of a layout as something to upload.
struct LayoutContent: UploadContent {
    let file: FileDescriptor
    let sizeBytes: UInt64

    /// Up to `bytesMax` bytes that start at `offset`; empty only at the end.
    func read(at offset: UInt64, bytesMax: Int) async throws -> [UInt8] {
        let (file, start) = (file, Int64(clamping: offset))
        let end = min(start + Int64(bytesMax), Int64(clamping: sizeBytes))
        return try await TransferThreads.pool.run { () throws(FileFault) in try file.read(start..<end) }
    }
}

// MARK: - Manifests

extension ImageLayout {
    /// The names in the index and what they name.
    public func names() throws(DistributionFault) -> [(name: String?, digest: Digest)] {
        try entries().map { entry throws(DistributionFault) in
            guard let digest = try? Digest(parsing: entry["digest"]?.asString ?? "") else {
                throw DistributionFault.unsafe("\(path)/index.json lists something without a digest.")
            }
            return (entry["annotations"]?.asObject?[Self.refName]?.asString, digest)
        }
    }

    /// The manifest that a name or a digest names; for `nil` the only one there is that refers to no other.
    public func manifest(named name: String?) throws(DistributionFault) -> StoredManifest {
        let names = try names()
        let found = names.first { name != nil && ($0.name == name || $0.digest.description == name) }
        switch (name, found) {
        case (_, let found?): return try manifest(found.digest)
        case (nil, nil) where names.isEmpty: throw .absent("\(path) holds no manifest.")
        case (nil, nil):
            let main = mainDigests(among: names.map(\.digest))
            if main.count == 1 { return try manifest(main[0]) }
            let known = names.map { $0.name ?? $0.digest.description }.joined(separator: ", ")
            throw .absent("\(path) holds several manifests, and one has to be named: \(known).")
        case (let name?, nil): throw .absent("\(path) has nothing named \(name).")
        }
    }

    /// The manifest with that digest, whether the index lists it or not.
    public func manifest(_ digest: Digest) throws(DistributionFault) -> StoredManifest {
        let file = try file(digest)
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try file.readAll(bytesMax: Self.limits.bytesMax) } catch {
            throw .file(error, path: "\(path)/blobs/…/\(digest.hex)")
        }
        guard try Digest(of: bytes, by: digest.algorithm) == digest else { throw .wrongBytes(digest) }
        let type = StoredManifest.ownMediaType(of: bytes)
        return StoredManifest(bytes: bytes, mediaType: type ?? .imageManifest, digest: digest)
    }

    /// Keeps a manifest whose content is there, under a name or without.
    func put(_ manifest: StoredManifest, named name: String?) throws(DistributionFault) {
        let folder = try folder(of: manifest.digest)
        do throws(FileFault) {
            try DurableFile.replace(manifest.digest.hex, in: folder, with: manifest.bytes, permissions: 0o644)
            guard let name else { return }
            try withIndexAlone { () throws(FileFault) in try list(manifest, named: name) }
        } catch {
            throw .file(error, path: path)
        }
    }

    /// Only for who has the index alone.
    private func list(_ manifest: StoredManifest, named name: String) throws(FileFault) {
        var entries = try entriesForChange()
        entries.removeAll { entry in
            let known = entry["annotations"]?.asObject?[Self.refName]?.asString
            return known == name
                || (known == nil && entry["digest"]?.asString == manifest.digest.description)
        }
        var descriptor = manifest.descriptor
        descriptor.annotations = [Self.refName: name]
        let rows = entries.map { JSONValue.object($0).encoded() } + [descriptor.json.encoded()]
        try DurableFile.replace(
            "index.json", in: root, with: ImageIndex.encoded(listing: rows), permissions: 0o644)
    }

    private func entriesForChange() throws(FileFault) -> [JSONObject] {
        do { return try entries() } catch { throw FileFault(.open, .other) }
    }

    /// As they are written: members that have no meaning here stay.
    private func entries() throws(DistributionFault) -> [JSONObject] {
        do {
            let bytes = try root.openFile("index.json").readAll(bytesMax: Self.limits.bytesMax)
            let index = try StrictJSON.parse(bytes, limits: Self.limits).asObject
            guard let rows = index?["manifests"]?.asArray, rows.allSatisfy({ $0.asObject != nil }) else {
                throw DistributionFault.unsafe("\(path)/index.json is no index.")
            }
            return rows.compactMap(\.asObject)
        } catch let fault as DistributionFault {
            throw fault
        } catch let fault as FileFault {
            throw .file(fault, path: "\(path)/index.json")
        } catch {
            throw .unsafe("\(path)/index.json cannot be read: \(error).")
        }
    }
}
