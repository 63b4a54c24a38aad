import Synchronization

/// A file that is being written and that nobody can find until it is published.
///
/// Without a name where the file system allows it (`O_TMPFILE`): then a crash leaves nothing. Elsewhere it has a name
/// with `DurableFile.temporaryPrefix` in the staging directory, which is emptied at start.
public final class StagedFile: Sendable {
    /// Open for reading and writing.
    public let descriptor: FileDescriptor
    private let directory: Directory
    private let name: String?
    /// The name is no longer ours: the file was published.
    private let isPublished = Atomic<Bool>(false)

    /// Starts an empty file on the file system of `directory`.
    public convenience init(in directory: Directory, permissions: UInt32) throws(FileFault) {
        do throws(FileFault) {
            try self.init(namelessIn: directory, permissions: permissions)
        } catch  where error.kind == .unsupported {
            try self.init(namedIn: directory, permissions: permissions)
        }
    }

    package init(namelessIn directory: Directory, permissions: UInt32) throws(FileFault) {
        self.directory = directory
        descriptor = try directory.temporaryFile(permissions: permissions)
        name = nil
    }

    package init(namedIn directory: Directory, permissions: UInt32) throws(FileFault) {
        self.directory = directory
        let (file, temporaryName) = try DurableFile.createTemporary(in: directory)
        descriptor = file
        name = temporaryName
        try file.setPermissions(permissions)
    }

    /// Takes over a file that was written under a name in `directory`. The name goes when the file is dropped.
    public init(adopting file: FileDescriptor, name: String, in directory: Directory) {
        self.directory = directory
        descriptor = file
        self.name = name
    }

    /// Gives the file `newName` in `target`, replacing nothing. Sync the descriptor before and `target` after.
    ///
    /// - Throws: `.exists` when the name is taken.
    public func publish(in target: Directory, as newName: String) throws(FileFault) {
        guard let name else { return try target.link(descriptor, as: newName) }
        do throws(FileFault) {
            // In one step: with a link first and a removal second, a crash between the two would leave a second name
            // through which the published file could be written.
            try directory.rename(name, to: target, as: newName, mode: .noReplace)
        } catch  where error.kind == .unsupported || error.kind == .other {
            // File systems that cannot refuse to replace (EINVAL); what a crash leaves here, the next start removes.
            try directory.link(name, in: target, as: newName)
            try? directory.removeFile(name)
        }
        isPublished.store(true, ordering: .releasing)
    }

    deinit {
        if let name, !isPublished.load(ordering: .acquiring) { try? directory.removeFile(name) }
    }
}
