public import LinuxFiles
public import RegistryCore
public import RegistryPorts

/// What lies beneath the registry's directory to be acquired.
public struct FilesystemSources: SourceFiles {
    public static let filesMax = 10_000
    public static let depthMax = 32
    private static let entriesMax = 100_000

    private let root: Directory
    private let pool = BlockingPool(threadsMax: 2, waitingMax: 1_024)

    public init(_ store: FilesystemStore) {
        root = store.root
    }

    public func open(_ path: RelativePath) async throws(SourceFault) -> Source {
        try await pool.run { () throws(SourceFault) in
            // Ours: keys, metadata, and the view, which would come back as somebody's model.
            guard let first = path.components.first, first != "store", first != "trusted" else { throw .ownFiles }
            let identity: FileIdentity
            do throws(FileFault) { identity = try root.identity(of: path.description) } catch { throw SourceFault(error) }
            switch identity.kind {
            case .regular: return .file(try Self.openFile(path.description, in: root))
            case .directory:
                let tree: Directory
                do throws(FileFault) { tree = try root.subdirectory(path.description) } catch { throw SourceFault(error) }
                return .directory(OpenTree(tree, paths: try Self.walk(tree), pool: pool))
            default: throw .notARegularFile(path: path.lastComponent)
            }
        }
    }

    /// A regular file with one name, so that nobody changes it under another one while it is read.
    fileprivate static func openFile(_ path: String, in directory: Directory) throws(SourceFault) -> OpenFile {
        do {
            let file = try OpenFile(try directory.openFile(path))
            guard file.identity.links <= 1 else { throw SourceFault.severalLinks(path: path) }
            return file
        } catch let fault as SourceFault {
            throw fault
        } catch let fault as FileFault {
            throw SourceFault(fault)
        } catch {
            throw .notFound
        }
    }

    private static func walk(_ tree: Directory) throws(SourceFault) -> [RelativePath] {
        var paths: [RelativePath] = []
        var folders: [(prefix: String, depth: Int)] = [("", 1)]
        while let (prefix, depth) = folders.popLast() {
            guard depth <= depthMax else { throw .tooDeep(limit: depthMax) }
            let entries: [DirectoryEntry]
            do throws(FileFault) {
                let folder = prefix.isEmpty ? tree : try tree.subdirectory(String(prefix.dropLast()))
                entries = try folder.entries(entriesMax: entriesMax)
            } catch {
                throw SourceFault(error)
            }
            for entry in entries {
                guard let name = entry.name, let path = try? RelativePath(parsing: prefix + name) else { throw .badName }
                // What tools keep for themselves beside a model: a checkout's history, a hub client's cache.
                if name == ".git" || name == ".cache" { continue }
                switch entry.kind {
                case .regular: paths.append(path)
                case .directory: folders.append((prefix + name + "/", depth + 1))
                case .symbolicLink: throw .link
                default: throw .notARegularFile(path: path.description)
                }
                guard paths.count <= filesMax else { throw .tooManyFiles(limit: filesMax) }
            }
        }
        guard !paths.isEmpty else { throw .empty }
        return paths.sorted()
    }
}

/// A directory that was listed; its files are opened one by one.
private final class OpenTree: SourceDirectory, Sendable {
    let paths: [RelativePath]
    private let tree: Directory
    private let pool: BlockingPool

    init(_ tree: Directory, paths: [RelativePath], pool: BlockingPool) {
        self.tree = tree
        self.paths = paths
        self.pool = pool
    }

    func open(_ path: RelativePath) async throws(SourceFault) -> any LocalFile {
        try await pool.run { () throws(SourceFault) in
            try FilesystemSources.openFile(path.description, in: self.tree)
        }
    }
}

extension SourceFault: PoolRefusable {
    public init(refusal: PoolRefusal) {
        self = .storage(StorageFault(refusal: refusal))
    }

    fileprivate init(_ fault: FileFault) {
        switch fault.kind {
        case .notFound, .notDirectory: self = .notFound
        case .escapes: self = .link
        case .permission: self = .notReadable(path: "")
        case .notRegular, .isDirectory: self = .notARegularFile(path: "")
        case .limitExceeded: self = .tooManyFiles(limit: FilesystemSources.filesMax)
        case .invalidName: self = .badName
        default: self = .storage(StorageFault(fault))
        }
    }
}
