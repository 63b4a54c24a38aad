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
        defer { unlink(unfinished) }
        try copyDatabase(to: unfinished)
        try FileSync.sync(unfinished)
        // A link and not a rename: it does not replace a file that came meanwhile.
        guard link(unfinished, destination) == 0 else {
            throw errno == EEXIST ? .changed : FileSync.fault("link", destination)
        }
        try FileSync.syncDirectory(of: destination)
    }
}
