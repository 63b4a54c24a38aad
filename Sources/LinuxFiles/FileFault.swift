import Glibc

/// What was being done to a file when it failed.
public enum FileOperation: String, Sendable, Hashable, CaseIterable {
    case open, create, read, write, copy, hash, sync, stat, list, link, rename, remove, truncate, lock, space, run
}

/// A file operation that failed, with what it means to a caller.
///
/// It carries no path: names of files are the caller's to log or to withhold.
public struct FileFault: Error, Sendable, Hashable {
    /// The causes that callers tell apart.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Nothing has that name.
        case notFound
        /// The name is taken.
        case exists
        /// The disk or the user's share of it is full (ENOSPC, EDQUOT).
        case noSpace
        /// The device failed to read or write (EIO). Stored bytes may be lost.
        case deviceFailure
        /// fsync(2) failed. What was written since the last success may be gone although later calls succeed, so the
        /// process must stop rather than try again (Linux reports such a failure once).
        case syncFailed
        /// The path leads through a symbolic link or out of the directory it must stay below.
        case escapes
        case permission
        case readOnlyFileSystem
        case notDirectory
        case isDirectory
        case notEmpty
        /// Not a regular file: a device, socket, queue, link or directory.
        case notRegular
        /// Another process holds the lock, or the call would have to wait.
        case busy
        /// The process or the machine has no descriptor or memory left.
        case exhausted
        /// The kernel or the file system does not know the call.
        case unsupported
        /// A name that is empty, too long, holds a NUL or a slash, or is `.` or `..`.
        case invalidName
        /// The file changed while it was being read.
        case changed
        /// A limit that the caller or this module names.
        case limitExceeded
        /// The file has as many names as the file system gives one.
        case tooManyLinks
        /// A pool of threads has no place left in its queue; nothing was done.
        case overloaded
        case cancelled
        /// The descriptor or pool was closed before the call.
        case closed
        case other
    }

    public let operation: FileOperation
    public let kind: Kind
    /// The `errno` behind it; 0 where the kernel was not asked.
    public let code: Int32

    public init(_ operation: FileOperation, _ kind: Kind) {
        self.operation = operation
        self.kind = kind
        self.code = 0
    }

    /// The fault that `code`, an `errno`, means for `operation`.
    public init(_ operation: FileOperation, code: Int32) {
        self.operation = operation
        self.code = code
        self.kind = operation == .sync && code != EBADF ? .syncFailed : Kind(code: code)
    }
}

extension FileFault: CustomStringConvertible {
    public var description: String {
        code == 0
            ? "\(operation.rawValue): \(kind.rawValue)" : "\(operation.rawValue): \(kind.rawValue) (errno \(code))"
    }
}

extension FileFault.Kind {
    fileprivate init(code: Int32) {
        self =
            switch code {
            case ENOENT: .notFound
            case EEXIST: .exists
            case ENOSPC, EDQUOT: .noSpace
            case EIO: .deviceFailure
            case ELOOP, EXDEV: .escapes
            case EACCES, EPERM: .permission
            case EROFS: .readOnlyFileSystem
            case ENOTDIR: .notDirectory
            case EISDIR: .isDirectory
            case ENOTEMPTY: .notEmpty
            case EAGAIN, EBUSY, ETXTBSY: .busy
            case EMFILE, ENFILE, ENOMEM: .exhausted
            case ENOSYS, EOPNOTSUPP, ENOTTY: .unsupported
            case ENAMETOOLONG: .invalidName
            case EFBIG, EOVERFLOW: .limitExceeded
            case EMLINK: .tooManyLinks
            case EBADF: .closed
            default: .other
            }
    }
}
