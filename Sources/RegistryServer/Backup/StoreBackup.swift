import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryWire
import StorageFilesystem
import StorageSQLite

/// A backup: a folder with everything that the registry cannot make again.
///
/// ```
/// registry.db      the metadata at one moment
/// checkpoint       what was signed last
/// keys/            as secret as the registry's own
/// blobs/<hex>      every blob that some version uses
/// complete         written last; a backup without it is none
/// ```
struct StoreBackup {
    static let metadataName = "registry.db"
    static let checkpointName = "checkpoint"
    static let completeName = "complete"
    static let keysMax = 16

    let folder: Directory
    let path: String

    /// Starts a backup in a folder that must be empty.
    init(emptyFolder path: String) throws {
        self.path = path
        folder = try Directory(path: path)
        guard try folder.entries(entriesMax: 16).isEmpty else { throw BackupFault.notEmpty }
    }

    /// Reads a backup that is complete.
    init(completeFolder path: String) throws {
        self.path = path
        folder = try Directory(path: path)
        guard try folder.entries(entriesMax: 16).contains(where: { $0.name == Self.completeName }) else {
            throw BackupFault.incomplete
        }
    }

    /// Writes all of a registry that nobody else works on.
    ///
    /// - Returns: how many blobs, and their bytes.
    func write(_ registry: RegistryAssembly) async throws -> (blobs: Int, bytes: UInt64) {
        try await registry.metadata.backUp(to: path + "/" + Self.metadataName)
        if let note = try await registry.checkpoints.fetch() {
            try DurableFile.replace(Self.checkpointName, in: folder, with: note)
        }
        let keys = try folder.makeDirectory("keys", permissions: 0o700)
        for name in try registry.store.keys.entries(entriesMax: Self.keysMax).compactMap(\.name) {
            let bytes = try registry.store.keys.openFile(name).readAll(bytesMax: 4_096)
            try DurableFile.replace(name, in: keys, with: bytes)
        }
        let copied = try await writeBlobs(registry)
        try DurableFile.replace(Self.completeName, in: folder, with: Array("\(RegistryVersion.current)\n".utf8))
        return copied
    }

    private func writeBlobs(_ registry: RegistryAssembly) async throws -> (blobs: Int, bytes: UInt64) {
        let target = try folder.makeDirectory("blobs", permissions: 0o700)
        var count = 0
        var bytes: UInt64 = 0
        var after: Digest?
        while true {
            let page = try await registry.blobs.blobs(after: after, limit: 1_000)
            for blob in page where try await registry.metadata.uses(of: blob.digest).kept > 0 {
                guard let file = try await registry.blobs.open(blob.digest) else { continue }
                let source = try file.withDescriptor { try LinuxFiles.FileDescriptor(duplicating: $0) }
                try Self.copy(source, to: target, expecting: blob.digest)
                count += 1
                bytes &+= blob.sizeBytes
            }
            guard page.count == 1_000, let last = page.last?.digest else { break }
            after = last
        }
        try target.sync()
        return (count, bytes)
    }

    /// Copies and hashes in one pass: rotten bytes are not carried on.
    static func copy(
        _ source: LinuxFiles.FileDescriptor, to folder: Directory, expecting digest: Digest
    ) throws {
        let file = try folder.createFile(digest.hex, permissions: 0o400)
        var request = HashRequest()
        request.copy = file
        let result = try HashPass.run(over: source, request)
        guard result.digest == digest.bytes else { throw BackupFault.damagedBlob(digest.hex) }
        try file.sync()
    }
}

/// Why a backup cannot be made or used.
enum BackupFault: Error, Sendable, Hashable, CustomStringConvertible {
    case notEmpty
    case incomplete
    case registryNotEmpty
    case damagedBlob(String)

    var description: String {
        switch self {
        case .notEmpty: "the folder for the backup has to be empty"
        case .incomplete: "the folder holds no complete backup"
        case .registryNotEmpty: "the registry's directory has a store already: restore into an empty one"
        case .damagedBlob(let hex): "the blob \(hex) does not hash to its digest"
        }
    }
}
