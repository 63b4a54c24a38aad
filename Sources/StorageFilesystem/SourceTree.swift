import LinuxFiles
import RegistryCore
import RegistryPorts

/// A directory that was listed once; its files are opened one by one, each checked anew.
final class SourceTree: SourceDirectory {
    /// What tools keep for themselves beside a model: a checkout's history, a hub client's cache.
    static let skippedNames: Set<String> = [".git", ".cache"]
    /// Names in one folder, those of folders included.
    private static let entriesMax = 100_000

    let paths: [RelativePath]
    private let tree: Directory
    private let pool: BlockingPool

    init(_ tree: Directory, pool: BlockingPool) throws(SourceFault) {
        self.tree = tree
        self.pool = pool
        paths = try Self.walk(tree)
    }

    func open(_ path: RelativePath) async throws(SourceFault) -> any LocalFile {
        try await pool.run { () throws(SourceFault) in try Self.openFile(path.description, in: self.tree) }
    }

    /// A regular file with one name, so that nobody changes it under another one while it is read.
    static func openFile(_ path: String, in directory: Directory) throws(SourceFault) -> OpenFile {
        let file = try sourcing(path) { () throws(FileFault) in try OpenFile(try directory.openFile(path)) }
        guard file.identity.links == 1 else { throw .severalLinks(path: path) }
        return file
    }

    private static func walk(_ tree: Directory) throws(SourceFault) -> [RelativePath] {
        var paths: [RelativePath] = []
        var folders: [(prefix: String, depth: Int)] = [("", 1)]
        while let (prefix, depth) = folders.popLast() {
            guard depth <= FilesystemSources.depthMax else { throw .tooDeep(limit: FilesystemSources.depthMax) }
            let folder = try sourcing(prefix) { () throws(FileFault) in
                prefix.isEmpty ? tree : try tree.subdirectory(String(prefix.dropLast()))
            }
            for entry in try sourcing(prefix, { () throws(FileFault) in try folder.entries(entriesMax: entriesMax) }) {
                guard let name = entry.name, let path = try? RelativePath(parsing: prefix + name) else {
                    throw entry.name == nil || !isTooDeep(prefix)
                        ? .badName : .tooDeep(limit: FilesystemSources.depthMax)
                }
                if skippedNames.contains(name) { continue }
                switch try kind(of: entry, named: name, in: folder) {
                case .regular: paths.append(path)
                case .directory: folders.append((prefix + name + "/", depth + 1))
                case .symbolicLink: throw .link
                case .other: throw .notARegularFile(path: path.description)
                }
                guard paths.count + folders.count <= FilesystemSources.filesMax else {
                    throw .tooManyFiles(limit: FilesystemSources.filesMax)
                }
            }
        }
        guard !paths.isEmpty else { throw .empty }
        return paths.sorted()
    }

    private static func isTooDeep(_ prefix: String) -> Bool {
        prefix.utf8.count { $0 == UInt8(ascii: "/") } >= RelativePath.componentsMax
    }

    /// Not every file system says in the directory what an entry is.
    private static func kind(
        of entry: DirectoryEntry, named name: String, in folder: Directory
    ) throws(SourceFault) -> FileKind {
        if let kind = entry.kind { return kind }
        return try sourcing(name) { () throws(FileFault) in try folder.identity(of: name).kind }
    }
}
