import Glibc
public import LinuxFiles
import Synchronization

/// A directory for one test, removed with everything in it when the test lets go of it, and at the end of the process
/// where tests share it.
public final class ScratchDirectory: Sendable {
    public let path: String
    public let directory: Directory
    private let isMounted: Bool

    public init() throws {
        path = try Self.makeTemporary()
        directory = try Directory(path: path)
        isMounted = false
        Self.used.withLock { $0[path] = false }
    }

    /// Whether tests may mount file systems of their own, which only root may.
    public static let canMount: Bool = (try? ScratchDirectory(mountingBytes: 1 << 20)) != nil

    /// A file system in memory of `bytes` bytes, so that it can really be full.
    public init(mountingBytes bytes: Int) throws {
        path = try Self.makeTemporary()
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes),mode=0700") == 0 else {
            let code = errno
            rmdir(path)
            throw FileFault(.create, code: code)
        }
        directory = try Directory(path: path)
        isMounted = true
        Self.used.withLock { $0[path] = true }
    }

    deinit {
        Self.used.withLock { $0[path] = nil }
        Self.remove(path, isMounted: isMounted)
    }

    /// Paths, and whether something is mounted there.
    private static let used: Mutex<[String: Bool]> = {
        atexit {
            for (path, isMounted) in ScratchDirectory.used.withLock({ $0 }) {
                ScratchDirectory.remove(path, isMounted: isMounted)
            }
        }
        return Mutex([:])
    }()

    private static func remove(_ path: String, isMounted: Bool) {
        if isMounted { umount2(path, Int32(MNT_DETACH)) }
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), let parent = try? Directory(path: parentPath) {
            try? parent.removeTree(String(path[path.index(after: slash)...]))
        }
    }

    /// Writes `bytes` as the file `name` and returns its path.
    @discardableResult
    public func write(_ bytes: [UInt8], as name: String, permissions: UInt32 = 0o644) throws -> String {
        try directory.createFile(name, permissions: permissions).write(bytes, at: 0)
        return "\(path)/\(name)"
    }

    private static var parentPath: String { "/tmp" }

    private static func makeTemporary() throws -> String {
        var template = Array("\(parentPath)/scratch-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileFault(.create, code: errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
