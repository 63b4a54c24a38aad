public import RegistryCore
public import RegistryPorts
import Synchronization

/// Files beneath a registry's directory that is in memory.
public final class MemorySourceFiles: SourceFiles, Sendable {
    private enum Entry {
        case file(MemoryFile)
        case fault(SourceFault)
    }

    private let entries = Mutex<[RelativePath: Entry]>([:])

    public init() {}

    /// Puts a file there, or other bytes into it.
    public func put(_ bytes: [UInt8], at path: String) throws {
        let path = try RelativePath(parsing: path)
        entries.withLock { $0[path] = .file(MemoryFile(bytes)) }
    }

    /// Makes opening a path fail, as a link or a device there would.
    public func fail(_ path: String, _ fault: SourceFault) throws {
        let path = try RelativePath(parsing: path)
        entries.withLock { $0[path] = .fault(fault) }
    }

    public func remove(_ path: String) throws {
        let path = try RelativePath(parsing: path)
        entries.withLock { $0[path] = nil }
    }

    public func open(_ path: RelativePath) async throws(SourceFault) -> Source {
        if let file = try file(path) { return .file(file) }
        let prefix = "\(path)/"
        let beneath = entries.withLock { $0.keys.filter { $0.description.hasPrefix(prefix) } }
        guard !beneath.isEmpty else { throw .notFound }
        let paths = beneath.compactMap { try? RelativePath(parsing: String($0.description.dropFirst(prefix.count))) }
        return .directory(MemoryDirectory(self, prefix, paths.sorted()))
    }

    fileprivate func file(_ path: RelativePath) throws(SourceFault) -> MemoryFile? {
        switch entries.withLock({ $0[path] }) {
        case nil: return nil
        case .fault(let fault): throw fault
        case .file(let file):
            guard !file.bytes.isEmpty else { throw .empty }
            return file
        }
    }
}

private final class MemoryDirectory: SourceDirectory {
    let paths: [RelativePath]
    private let files: MemorySourceFiles
    private let prefix: String

    init(_ files: MemorySourceFiles, _ prefix: String, _ paths: [RelativePath]) {
        self.files = files
        self.prefix = prefix
        self.paths = paths
    }

    func open(_ path: RelativePath) async throws(SourceFault) -> any LocalFile {
        guard let full = try? RelativePath(parsing: prefix + path.description), let file = try files.file(full) else {
            throw .notFound
        }
        return file
    }
}
