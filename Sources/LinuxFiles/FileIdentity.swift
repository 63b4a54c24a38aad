import Glibc

/// A point in time as the kernel stamps files: seconds since 1970 UTC and nanoseconds.
public struct FileTime: Sendable, Hashable, Comparable {
    public let seconds: Int64
    public let nanoseconds: Int64

    public init(seconds: Int64, nanoseconds: Int64) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

public enum FileKind: String, Sendable, Hashable {
    case regular, directory, symbolicLink, other
}

/// Which file it is and what the kernel knows of its content, as of one fstat(2).
public struct FileIdentity: Sendable, Hashable {
    public let device: UInt64
    public let inode: UInt64
    public let kind: FileKind
    /// Permission bits, `0o7777`.
    public let permissions: UInt32
    public let owner: UInt32
    public let group: UInt32
    /// Names that the file has.
    public let links: UInt64
    /// Bytes.
    public let size: Int64
    /// When the content last changed. A program may set it at will.
    public let modified: FileTime
    /// When the content, owner, permissions or names last changed. Only the clock of the machine sets it.
    public let changed: FileTime

    public init(
        device: UInt64, inode: UInt64, kind: FileKind, permissions: UInt32, owner: UInt32, group: UInt32, links: UInt64,
        size: Int64, modified: FileTime, changed: FileTime
    ) {
        self.device = device
        self.inode = inode
        self.kind = kind
        self.permissions = permissions
        self.owner = owner
        self.group = group
        self.links = links
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    init(_ status: stat) {
        let kind: FileKind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), kind: kind,
            permissions: UInt32(status.st_mode & 0o7777), owner: status.st_uid, group: status.st_gid,
            links: UInt64(status.st_nlink), size: Int64(status.st_size),
            modified: FileTime(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec)),
            changed: FileTime(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec)))
    }

    /// The same file, whatever happened to its content.
    public func isSameFile(as other: FileIdentity) -> Bool {
        device == other.device && inode == other.inode
    }

    /// The same file with the same length and the same time of writing. Naming or renaming it does not count.
    public func hasSameContentStamp(as other: FileIdentity) -> Bool {
        isSameFile(as: other) && size == other.size && modified == other.modified
    }

    /// The same file, to which nothing at all was done: neither written, renamed, linked nor given other permissions.
    ///
    /// Two changes within one tick of the kernel's clock (4 ms or less) carry one stamp: whoever keeps a verdict under
    /// this identity must not do so while `changed` is younger than that.
    public func isUntouched(since other: FileIdentity) -> Bool {
        hasSameContentStamp(as: other) && changed == other.changed
    }

    /// Somebody other than the owner may write.
    public var isWritableByOthers: Bool { permissions & 0o022 != 0 }
}
