public import LinuxFiles
public import RegistryCore
public import RegistryPorts

/// What lies beneath the registry's directory to be acquired.
public struct FilesystemSources: SourceFiles {
    public static let filesMax = 10_000
    public static let depthMax = 32

    private let root: Directory
    /// Ours: keys, metadata, and the view, which would come back as somebody's model.
    private let ownDirectories: [Directory]
    private let pool = BlockingPool(threadsMax: 2, waitingMax: 1_024)

    public init(_ store: FilesystemStore) {
        root = store.root
        ownDirectories = [store.store, store.trusted]
    }

    public func open(_ path: RelativePath) async throws(SourceFault) -> Source {
        try await pool.run { () throws(SourceFault) in
            try refuseOwnFiles(path)
            let identity = try sourcing(path.lastComponent) { () throws(FileFault) in
                try root.identity(of: path.description)
            }
            switch identity.kind {
            case .regular:
                return .file(try SourceTree.openFile(path.description, in: root))
            case .directory:
                let tree = try sourcing(path.lastComponent) { () throws(FileFault) in
                    try root.subdirectory(path.description)
                }
                return .directory(try SourceTree(tree, pool: pool))
            case .symbolicLink: throw .link
            case .other: throw .notARegularFile(path: path.lastComponent)
            }
        }
    }

    /// By what the first part of the path stands for, not by its letters: a file system may fold their case.
    private func refuseOwnFiles(_ path: RelativePath) throws(SourceFault) {
        guard let first = path.components.first else { throw .notFound }
        let found = try sourcing(String(first)) { () throws(FileFault) in try root.identity(of: String(first)) }
        for directory in ownDirectories {
            let own = try sourcing(String(first)) { () throws(FileFault) in try directory.identity() }
            if found.isSameFile(as: own) { throw .ownFiles }
        }
    }
}

extension SourceFault: PoolRefusable {
    public init(refusal: PoolRefusal) {
        self = .storage(StorageFault(refusal: refusal))
    }

    /// - Parameter path: what was being opened, beneath the source.
    init(_ fault: FileFault, path: String) {
        switch fault.kind {
        case .notFound, .notDirectory: self = .notFound
        case .escapes: self = .link
        case .permission: self = .notReadable(path: path)
        case .notRegular, .isDirectory: self = .notARegularFile(path: path)
        case .limitExceeded: self = .tooManyFiles(limit: FilesystemSources.filesMax)
        case .invalidName: self = .badName
        default: self = .storage(StorageFault(fault))
        }
    }
}

/// Runs calls on a source and says their fault in the words of the port.
func sourcing<T>(_ path: String, _ body: () throws(FileFault) -> T) throws(SourceFault) -> T {
    do { return try body() } catch { throw SourceFault(error, path: path) }
}
