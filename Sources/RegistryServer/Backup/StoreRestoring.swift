import LinuxFiles
import OCI
import StorageFilesystem

extension StoreBackup {
    /// Lays a backup out as the store of an empty registry directory. The caller checks the result before it is used.
    func restore(to registryDirectory: String) throws {
        try FilesystemStore.check(path: registryDirectory)
        guard try !Self.isThere("store", in: try Directory(path: registryDirectory)) else {
            throw BackupFault.registryNotEmpty(registryDirectory)
        }
        let note = try checkpoint()
        let store = try FilesystemStore(path: registryDirectory)
        defer { store.close() }
        let keys = try folder.subdirectory("keys")
        for name in try keys.entries(entriesMax: Self.keysMax).compactMap(\.name) {
            try DurableFile.replace(name, in: store.keys, with: try keys.openFile(name).readAll(bytesMax: 4_096))
        }
        try restoreBlobs(store)
        if let note { try DurableFile.replace(Self.checkpointName, in: store.log, with: note) }
        // Last: a store without metadata is an empty one, and an empty one with keys and blobs is refused or harmless.
        let metadata = try store.store.subdirectory("metadata")
        let database = try metadata.createFile(Self.metadataName, permissions: 0o600)
        var request = HashRequest()
        request.copy = database
        _ = try HashPass.run(over: try folder.openFile(Self.metadataName), request)
        try database.sync()
        try metadata.sync()
    }

    /// - Returns: `nil` when nothing was ever signed.
    private func checkpoint() throws -> [UInt8]? {
        guard try Self.isThere(Self.checkpointName, in: folder) else {
            guard try isOfEmptyLog else { throw BackupFault.noCheckpoint }
            return nil
        }
        return try folder.openFile(Self.checkpointName).readAll(bytesMax: 64 << 10)
    }

    private func restoreBlobs(_ store: FilesystemStore) throws {
        let blobs = try folder.subdirectory("blobs")
        for name in try blobs.entries(entriesMax: 10_000_000).compactMap(\.name) {
            guard let digest = Digest(fileName: name) else { continue }
            let target = try store.blobFolder(making: digest)
            try Self.copy(try blobs.openFile(name), to: target, expecting: digest)
            try target.sync()
        }
    }
}
