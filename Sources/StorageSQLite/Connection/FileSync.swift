import Glibc
import RegistryPorts

/// Makes what SQLite does not sync, or syncs without saying so when it fails, survive a power cut.
enum FileSync {
    /// Makes the names in a file's directory durable.
    static func syncDirectory(of path: String) throws(StorageFault) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return try sync(".") }
        try sync(slash == path.startIndex ? "/" : String(path[..<slash]))
    }

    /// Makes the bytes of a file, or the names in a directory, durable.
    static func sync(_ path: String) throws(StorageFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw fault("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .syncFailed(reason: "fsync \(path): errno \(errno)") }
    }

    static func fault(_ call: String, _ path: String) -> StorageFault {
        errno == ENOSPC ? .full : .unavailable(reason: "\(call) \(path): errno \(errno)")
    }
}
