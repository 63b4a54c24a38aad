public import RegistryCore

/// Files that somebody put beneath the registry's directory to be taken in.
///
/// Opening follows no link of any kind and never leaves the directory (openat2 with RESOLVE_BENEATH,
/// RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS); the store's own directories are not there.
public protocol SourceFiles: Sendable {
    func open(_ path: RelativePath) async throws(SourceFault) -> Source
}

/// What stands under a path.
public enum Source: Sendable {
    case file(any LocalFile)
    case directory(any SourceDirectory)
}

/// A directory whose tree was listed once, within limits.
public protocol SourceDirectory: AnyObject, Sendable {
    /// Regular files, sorted by path, relative to this directory.
    var paths: [RelativePath] { get }
    func open(_ path: RelativePath) async throws(SourceFault) -> any LocalFile
}

public enum SourceFault: Error, Sendable, Hashable {
    case notFound
    /// A link, or a path that leaves the directory.
    case link
    /// A device, socket, pipe, or what is not there to be read.
    case notARegularFile(path: String)
    /// Another name for the file exists, through which it could change.
    case severalLinks(path: String)
    case notReadable(path: String)
    case empty
    case tooManyFiles(limit: Int)
    case tooDeep(limit: Int)
    case badName
    /// The registry's own files cannot be a source.
    case ownFiles
    case storage(StorageFault)
}
