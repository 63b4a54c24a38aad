import CLinux
import Glibc

/// An open directory, beneath which everything is opened and changed.
///
/// Paths are walked by openat2(2) with `RESOLVE_BENEATH`, `RESOLVE_NO_SYMLINKS` and `RESOLVE_NO_MAGICLINKS`, so that
/// neither `..` nor a link that somebody slips in while we look can lead outside. Calls that change names know no such
/// flags; they take one name and never a path.
public struct Directory: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Opens the directory that an operator named. Links in `path` are followed: the path is configuration, not input.
    public init(path: String) throws(FileFault) {
        guard !path.utf8.contains(0) else { throw FileFault(.open, .invalidName) }
        let flags = O_RDONLY | clinux_open_directory | O_CLOEXEC
        let result = path.withCString { text in SystemCall.result { Glibc.open(text, flags) } }
        descriptor = FileDescriptor(owning: try SystemCall.check(.open, result))
    }

    /// The directory at `path` beneath this one.
    public func subdirectory(_ path: String) throws(FileFault) -> Directory {
        try EntryName.checkPath(path, .open)
        return Directory(try open(path, flags: O_RDONLY | clinux_open_directory, operation: .open))
    }

    /// The directory `name`, made with `permissions` (exactly, whatever the umask) if it is not there.
    ///
    /// The name is durable once `sync()` of this directory returns.
    public func subdirectory(making name: String, permissions: UInt32) throws(FileFault) -> Directory {
        do throws(FileFault) {
            return try makeDirectory(name, permissions: permissions)
        } catch  where error.kind == .exists {
            return try subdirectory(name)
        }
    }

    /// Makes the directory `name`.
    ///
    /// - Throws: `.exists` when the name is taken, by whatever.
    public func makeDirectory(_ name: String, permissions: UInt32) throws(FileFault) -> Directory {
        try EntryName.check(name, .create)
        let result = with(name) { number, name in SystemCall.result { mkdirat(number, name, 0o700) } }
        try SystemCall.check(.create, result)
        let made = try subdirectory(name)
        try made.descriptor.setPermissions(permissions)
        return made
    }

    /// Whether this process may make and remove names in here.
    public var isWritable: Bool {
        descriptor.withNumber { number in faccessat(number, ".", W_OK | X_OK, AT_EACCESS) == 0 }
    }

    /// Permissions of this directory itself.
    public func setPermissions(_ permissions: UInt32) throws(FileFault) {
        try descriptor.setPermissions(permissions)
    }

    /// The absolute path of the directory at `path`, without links.
    public static func canonicalPath(_ path: String) throws(FileFault) -> String {
        guard !path.utf8.contains(0) else { throw FileFault(.open, .invalidName) }
        guard let resolved = realpath(path, nil) else { throw FileFault(.open, code: errno) }
        defer { free(resolved) }
        guard let text = String(validatingCString: resolved) else { throw FileFault(.open, .invalidName) }
        return text
    }

    /// Identity of this directory.
    public func identity() throws(FileFault) -> FileIdentity {
        try descriptor.identity()
    }

    /// Identity of what `path` names beneath this directory; of a link itself where the last part is one.
    public func identity(of path: String) throws(FileFault) -> FileIdentity {
        try EntryName.checkPath(path, .stat)
        guard path.utf8.contains(UInt8(ascii: "/")) else { return try identity(ofName: path) }
        return try open(path, flags: clinux_open_path | clinux_open_nofollow, operation: .stat).identity()
    }

    /// One name leads nowhere else, and a link behind it is not followed: there is nothing to walk beneath.
    private func identity(ofName name: String) throws(FileFault) -> FileIdentity {
        var status = stat()
        let result = with(name) { number, name in
            SystemCall.result { fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) }
        }
        try SystemCall.check(.stat, result)
        return FileIdentity(status)
    }

    /// The names in this directory survive a power cut once this returns.
    ///
    /// - Throws: `.syncFailed`, as `FileDescriptor.sync()`.
    public func sync() throws(FileFault) {
        try descriptor.sync()
    }

    /// Everything that was written to the file system of this directory, by whomever, survives a power cut once this
    /// returns. One call for many files costs little more than one file; it waits for what others write, too.
    ///
    /// - Throws: `.syncFailed`, as `FileDescriptor.sync()`, also when it was what others wrote that failed.
    public func syncFileSystem() throws(FileFault) {
        try descriptor.confirm { number in clinux_sync_file_system(number) }
    }

    /// Room on the file system, as an unprivileged user has it.
    public func freeSpace() throws(FileFault) -> FreeSpace {
        var status = statvfs()
        let result = descriptor.withNumber { number in SystemCall.result { fstatvfs(number, &status) } }
        try SystemCall.check(.space, result)
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return FreeSpace(bytes: overflow ? .max : bytes, files: UInt64(status.f_favail))
    }
}

/// What a file system has left.
public struct FreeSpace: Sendable, Hashable {
    public let bytes: UInt64
    /// Files that can still be made; 0 also where the file system does not count them.
    public let files: UInt64
}

// MARK: - Files

extension Directory {
    /// Opens the regular file at `path` for reading.
    ///
    /// - Throws: `.notRegular` for anything but a regular file; `.escapes` when the path meets a link.
    public func openFile(_ path: String) throws(FileFault) -> FileDescriptor {
        try openIdentified(path).file
    }

    /// The same, with what the file was when it was opened.
    public func openIdentified(_ path: String) throws(FileFault) -> (file: FileDescriptor, identity: FileIdentity) {
        try EntryName.checkPath(path, .open)
        return try openRegular(path, flags: O_RDONLY)
    }

    /// Opens the regular file `name` for reading and writing.
    public func openFileForWriting(_ name: String) throws(FileFault) -> FileDescriptor {
        try EntryName.check(name, .open)
        return try openRegular(name, flags: O_RDWR).file
    }

    /// Makes the file `name`, which must not exist, open for reading and writing.
    public func createFile(_ name: String, permissions: UInt32) throws(FileFault) -> FileDescriptor {
        try EntryName.check(name, .create)
        let file = try open(name, flags: O_RDWR | O_CREAT | O_EXCL, permissions: 0o600, operation: .create)
        try file.setPermissions(permissions)
        return file
    }

    /// A file without a name on this directory's file system, which vanishes when it is closed (`O_TMPFILE`).
    ///
    /// - Throws: `.unsupported` where the file system has none.
    public func temporaryFile(permissions: UInt32) throws(FileFault) -> FileDescriptor {
        let file: FileDescriptor
        do throws(FileFault) {
            file = try open(".", flags: O_RDWR | clinux_open_temporary, permissions: 0o600, operation: .create)
        } catch  where error.kind == .isDirectory || error.kind == .notFound {
            // What file systems and kernels without the flag answer, since to them it looks like O_DIRECTORY.
            throw FileFault(.create, .unsupported)
        }
        // A umask that takes rights from the owner, too, leaves fewer: the file is open for this process all the same.
        if permissions != 0o600 { try file.setPermissions(permissions) }
        return file
    }

    private func openRegular(
        _ path: String, flags: Int32
    ) throws(FileFault) -> (file: FileDescriptor, identity: FileIdentity) {
        // O_NONBLOCK: opening a named pipe must not wait for a writer. It means nothing to regular files.
        let file = try open(path, flags: flags | O_NONBLOCK, operation: .open)
        let identity = try file.identity()
        guard identity.kind == .regular else { throw FileFault(.open, .notRegular) }
        return (file, identity)
    }

    func open(
        _ path: String, flags: Int32, permissions: UInt32 = 0, operation: FileOperation
    ) throws(FileFault) -> FileDescriptor {
        let result = with(path) { number, path in clinux_open_beneath(number, path, flags, permissions) }
        return FileDescriptor(owning: try SystemCall.check(operation, result))
    }

    /// Lends the directory's number and a C string to a call that answers zero or more, or a negated `errno`.
    func with(_ path: String, _ call: (Int32, UnsafePointer<CChar>) -> Int32) -> Int32 {
        descriptor.withNumber { number in path.withCString { text in call(number, text) } }
    }
}
