import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
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
    private static let entriesWord = " entries\n"

    let folder: Directory
    let path: String

    /// Starts a backup in a folder that must be empty.
    init(emptyFolder path: String) throws {
        self.path = path
        folder = try Self.open(path)
        let isEmpty: Bool
        do throws(FileFault) { isEmpty = try folder.entries(entriesMax: 16).isEmpty } catch {
            guard error.kind == .limitExceeded else { throw error }
            isEmpty = false
        }
        guard isEmpty else { throw BackupFault.notEmpty(path) }
    }

    /// Reads a backup that is complete.
    init(completeFolder path: String) throws {
        self.path = path
        folder = try Self.open(path)
        guard try Self.isThere(Self.completeName, in: folder) else { throw BackupFault.incomplete(path) }
    }

    private static func open(_ path: String) throws -> Directory {
        do throws(FileFault) { return try Directory(path: path) } catch {
            guard error.kind == .notFound || error.kind == .notDirectory else { throw error }
            throw BackupFault.noFolder(path)
        }
    }

    static func isThere(_ name: String, in directory: Directory) throws(FileFault) -> Bool {
        do throws(FileFault) {
            _ = try directory.identity(of: name)
            return true
        } catch {
            guard error.kind == .notFound else { throw error }
            return false
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
        let entries = try await registry.metadata.logHead().size
        let complete = "\(RegistryVersion.current)\n\(entries)\(Self.entriesWord)"
        try DurableFile.replace(Self.completeName, in: folder, with: Array(complete.utf8))
        return copied
    }

    /// Whether the backup is one of a log in which nothing was written: only such a log was never signed.
    var isOfEmptyLog: Bool {
        get throws {
            let text = try folder.openFile(Self.completeName).readAll(bytesMax: 4_096)
            return String(decoding: text, as: UTF8.self).hasSuffix("\n0\(Self.entriesWord)")
        }
    }

    private func writeBlobs(_ registry: RegistryAssembly) async throws -> (blobs: Int, bytes: UInt64) {
        let target = try folder.makeDirectory("blobs", permissions: 0o700)
        var copied: Set<Digest> = []
        var bytes: UInt64 = 0
        // By what versions consist of, and not by the blobs that there are: what is missing is noticed.
        var query: RecordQuery? = RecordQuery()
        while let next = query {
            let page = try await registry.directory.page(next)
            if let name = page.tampered.first { throw BackupFault.tamperedRecord(name.description) }
            for record in page.records where record.state.keepsBytes {
                let files = try await registry.manifests.files(of: record.key)
                for file in files where copied.insert(file.digest).inserted {
                    guard let blob = try await registry.blobs.open(file.digest) else {
                        throw BackupFault.missingBlob(file.digest.hex, of: record.name.description)
                    }
                    let source = try blob.withDescriptor { try LinuxFiles.FileDescriptor(duplicating: $0) }
                    try Self.copy(source, to: target, expecting: file.digest)
                    bytes &+= file.sizeBytes
                }
            }
            query = page.next
        }
        try target.sync()
        return (copied.count, bytes)
    }

    /// Copies and hashes in one pass: rotten bytes are not carried on.
    static func copy(
        _ source: LinuxFiles.FileDescriptor, to folder: Directory, expecting digest: Digest
    ) throws {
        let file = try folder.createFile(digest.hex, permissions: 0o400)
        var request = HashRequest()
        request.copy = file
        request.algorithm = HashAlgorithm(digest.algorithm)
        let result = try HashPass.run(over: source, request)
        guard result.digest == digest.bytes else { throw BackupFault.damagedBlob(digest.hex) }
        try file.sync()
    }
}

/// Why a backup cannot be made or used.
enum BackupFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no folder with this path.
    case noFolder(String)
    case notEmpty(String)
    case incomplete(String)
    case registryNotEmpty(String)
    case damagedBlob(String)
    case missingBlob(String, of: String)
    case tamperedRecord(String)
    case noCheckpoint

    var description: String {
        switch self {
        case .noFolder(let path): "\(path) is no folder that is there: make an empty one, or name that of a backup"
        case .notEmpty(let path): "\(path) has to be empty for a backup"
        case .incomplete(let path): "\(path) holds no complete backup: name the folder that `pratique backup` filled"
        case .registryNotEmpty(let path):
            "the registry's directory \(path) has a store already: restore into an empty one"
        case .missingBlob(let hex, let name): "the blob \(hex) of \(name) is not there: run fsck"
        case .tamperedRecord(let name): "the record of \(name) was not written by the registry: run rebuild-index"
        case .noCheckpoint: "the backup has lost its checkpoint: a log that was rolled back would not be noticed"
        case .damagedBlob(let hex): "the blob \(hex) does not hash to its digest"
        }
    }
}
