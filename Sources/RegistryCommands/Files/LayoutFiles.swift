internal import DistributionClient
internal import LinuxFiles
internal import OCI
internal import RegistryCore

/// The files of the artifacts in an OCI image layout (image-spec 1.1, image-layout.md), under the names by which a
/// registry inspects them.
struct LayoutFiles: Sendable {
    /// A blob, and what it is called.
    struct Item: Sendable {
        let file: ArtifactFile
        /// Beneath the layout; of several manifests each has a folder of its own.
        let name: String
    }

    /// Manifests that are followed, and how deep they may lie in one another.
    private static let manifestsMax = 1_000
    private static let depthMax = 4
    private static let mark = "oci-layout"

    let path: String
    let root: Directory
    /// Sorted by their names.
    private(set) var items: [Item] = []
    private var manifests = 0

    /// What `path` names: a layout, or with `:NAME` behind it one of the things in it. `nil` if it is no layout.
    ///
    /// - Throws: `CommandFailure` if it is one and cannot be read.
    init?(at path: String) throws(CommandFailure) {
        guard let (directory, name) = Self.split(path), let root = try? Directory(path: directory) else { return nil }
        self.path = path
        self.root = root
        do throws(DistributionFault) {
            try list(ImageLayout(opening: directory), name)
        } catch {
            throw CommandFailure(error)
        }
        items.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        guard !items.isEmpty else { throw CommandFailure(.noInput, "\(path) names no file.") }
    }

    /// The layout and what in it `path` names; `nil` if there is no layout.
    static func split(_ path: String) -> (directory: String, name: String?)? {
        if isLayout(path) { return (path, nil) }
        // A digest has a colon of its own.
        for (index, _) in path.enumerated().filter({ $0.element == ":" }) {
            let colon = path.index(path.startIndex, offsetBy: index)
            let directory = String(path[..<colon])
            if isLayout(directory) { return (directory, String(path[path.index(after: colon)...])) }
        }
        return nil
    }

    private static func isLayout(_ path: String) -> Bool {
        guard let root = try? Directory(path: path), let kind = try? root.identity(of: mark).kind else { return false }
        return kind == .regular
    }

    private mutating func list(_ layout: ImageLayout, _ name: String?) throws(DistributionFault) {
        let names = try layout.names()
        if name != nil || Set(names.map(\.digest)).count == 1 {
            return try list(layout, try layout.manifest(named: name), beneath: "", depth: 1)
        }
        var seen: Set<Digest> = []
        for entry in names where seen.insert(entry.digest).inserted {
            let folder = entry.name ?? String(entry.digest.hex.prefix(12))
            try list(layout, try layout.manifest(entry.digest), beneath: "\(folder)/", depth: 1)
        }
    }

    private mutating func list(
        _ layout: ImageLayout, _ manifest: StoredManifest, beneath folder: String, depth: Int
    ) throws(DistributionFault) {
        manifests += 1
        guard manifests <= Self.manifestsMax, depth <= Self.depthMax else {
            throw .excessive("\(path) holds more manifests than are followed.")
        }
        switch try manifest.document(called: manifest.digest.description) {
        case .artifact(let artifact):
            items += LayerNames.files(of: artifact).map { Item(file: $0, name: folder + $0.path.description) }
        case .index(let index):
            for (place, child) in index.manifests.enumerated() {
                try list(layout, try layout.manifest(child.digest), beneath: "\(folder)\(place)/", depth: depth + 1)
            }
        }
    }

    /// Opens a blob, once it is sure that it is the one that the manifest names.
    func open(_ item: Item) async throws -> LocalFile {
        let digest = item.file.digest
        let file = try LocalFile(
            "blobs/\(digest.algorithm.rawValue)/\(digest.hex)", in: root, at: "\(path)/\(item.name)")
        var request = HashRequest()
        request.algorithm = digest.algorithm == .sha256 ? .sha256 : .sha512
        let ready = request
        let result: HashResult
        do throws(FileFault) {
            result = try await FilePool.shared.run { () throws(FileFault) in
                try HashPass.run(over: file.descriptor, ready)
            }
        } catch {
            throw CommandFailure(error, path: file.path)
        }
        guard file.sizeBytes == item.file.sizeBytes, result.digest == digest.bytes else {
            throw CommandFailure(.bad, "\(file.path) is not what \(digest) names.")
        }
        return file
    }
}
