import GRDB
import Glibc
public import RegistryPorts

extension SQLiteMetadataStore {
    /// Copies the database as it is at one moment into a new file. Reads and writes go on meanwhile.
    ///
    /// When this returns, the copy survives a power cut. It never stands under its name half written.
    ///
    /// - Throws: `.changed` when there is a file already.
    public func backUp(to destination: String) async throws(StorageFault) {
        try await onOwnConnection { connection throws(StorageFault) in
            try connection.backUp(to: destination)
        }
    }
}

extension Connection {
    fileprivate func backUp(to destination: String) throws(StorageFault) {
        guard access(destination, F_OK) != 0 else { throw .changed }
        let unfinished = destination + ".unfinished"
        unlink(unfinished)
        do throws(StorageFault) {
            try copyDatabase(to: unfinished)
            try Self.sync(unfinished)
            // A link and not a rename: it does not replace a file that came meanwhile.
            guard link(unfinished, destination) == 0 else {
                throw errno == EEXIST ? StorageFault.changed : Self.fault("link", destination)
            }
            unlink(unfinished)
            try Self.sync(Self.directory(of: destination))
        } catch {
            unlink(unfinished)
            throw error
        }
    }

    private static func sync(_ path: String) throws(StorageFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw fault("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .syncFailed(reason: "fsync \(path): errno \(errno)") }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func fault(_ call: String, _ path: String) -> StorageFault {
        errno == ENOSPC ? .full : .unavailable(reason: "\(call) \(path): errno \(errno)")
    }
}
