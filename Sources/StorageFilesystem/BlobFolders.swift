import LinuxFiles
import OCI
import RegistryPorts
import Synchronization

/// The folders of blobs, 256 for each algorithm, each with the sync that its writers share.
///
/// Those of SHA-256 are made at the start and stay open. Hardly anybody pushes under SHA-512: a folder of that is made
/// when the first blob goes into it, and stays open from then on.
final class BlobFolders: Sendable {
    struct Folder: Sendable {
        let directory: Directory
        let sync: DirectorySync
    }

    /// Blobs in one folder. Listing sorts one folder at a time.
    private static let blobsMax = 10_000_000
    private static let permissions: UInt32 = 0o700

    private let sha256: [Folder]
    private let sha512: Directory
    /// Folders of SHA-512 whose names this process made durable, by the first byte of the digests in them.
    private let opened = Mutex<[UInt8: Folder]>([:])

    /// Opens the folders, making those that are missing.
    init(_ blobs: Directory) throws(FileFault) {
        let directory = try blobs.subdirectory(making: "sha256", permissions: Self.permissions)
        var folders: [Folder] = []
        for byte in UInt8.min...UInt8.max {
            folders.append(
                Self.folder(try directory.subdirectory(making: Self.name(byte), permissions: Self.permissions)))
        }
        try directory.sync()
        sha256 = folders
        sha512 = try blobs.subdirectory(making: "sha512", permissions: Self.permissions)
    }

    /// The folder that `digest` would be in.
    ///
    /// - Throws: `.notFound` when nothing like it was ever kept.
    func folder(of digest: Digest) throws(FileFault) -> Folder {
        let byte = digest.firstByte
        guard digest.algorithm == .sha512 else { return sha256[Int(byte)] }
        if let folder = openedBefore(byte) { return folder }
        return Self.folder(try sha512.subdirectory(Self.name(byte)))
    }

    /// The folder that `digest` goes into. Its own name is durable.
    func folder(making digest: Digest) throws(FileFault) -> Folder {
        let byte = digest.firstByte
        guard digest.algorithm == .sha512 else { return sha256[Int(byte)] }
        if let folder = openedBefore(byte) { return folder }
        let made = Self.folder(try sha512.subdirectory(making: Self.name(byte), permissions: Self.permissions))
        // Also when it was there: whoever made it may have been stopped before this.
        try sha512.sync()
        return opened.withLock { opened in
            // All writers of a folder share one sync.
            if let first = opened[byte] { return first }
            opened[byte] = made
            return made
        }
    }

    private func openedBefore(_ byte: UInt8) -> Folder? {
        opened.withLock { $0[byte] }
    }

    private static func folder(_ directory: Directory) -> Folder {
        Folder(directory: directory, sync: DirectorySync(directory))
    }

    /// What is stored under `digest`; nil when nothing is.
    func identity(of digest: Digest) throws(FileFault) -> FileIdentity? {
        do throws(FileFault) {
            return try folder(of: digest).directory.identity(of: digest.hex)
        } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }

    /// Blobs in the order of digests. Names that are no digest are not ours and are left out.
    func list(after digest: Digest?, limit: Int) throws(FileFault) -> [StoredBlob] {
        var found: [StoredBlob] = []
        for algorithm in Digest.Algorithm.allCases {
            if let digest, digest.algorithm == .sha512, algorithm == .sha256 { continue }
            let first = digest?.algorithm == algorithm ? digest?.firstByte ?? 0 : 0
            for byte in first...UInt8.max where found.count < limit {
                guard let directory = try directory(byte, algorithm) else { continue }
                let names = try directory.entries(entriesMax: Self.blobsMax).compactMap(\.name).sorted()
                for name in names {
                    guard found.count < limit else { break }
                    guard let blob = try? Digest(algorithm, hex: name), digest.map({ $0 < blob }) ?? true,
                        let identity = try identity(of: blob)
                    else { continue }
                    found.append(StoredBlob(digest: blob, sizeBytes: UInt64(clamping: identity.size)))
                }
            }
        }
        return found
    }

    /// - Returns: nil when it was never needed.
    private func directory(_ byte: UInt8, _ algorithm: Digest.Algorithm) throws(FileFault) -> Directory? {
        if algorithm == .sha256 { return sha256[Int(byte)].directory }
        if let folder = openedBefore(byte) { return folder.directory }
        do throws(FileFault) { return try sha512.subdirectory(Self.name(byte)) } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }

    static func name(_ byte: UInt8) -> String {
        [byte].lowercaseHex
    }
}

extension BlobFolders {
    /// Makes sure that a blob is in its folder, with all of its bytes and its receipt.
    ///
    /// Not synced where it was found whole: that is for whoever goes through the journal.
    func restore(_ record: JournalRecord, by staging: StagingFolder) throws(FileFault) {
        let folder = try folder(making: record.digest)
        let name = record.digest.hex
        if let present = try? folder.directory.openFile(name),
            (try? present.readAll(bytesMax: record.bytes.count)) == record.bytes,
            record.receipt == nil
                || present.attribute(BlobReceiptFile.attribute, bytesMax: BlobReceiptFile.bytesMax) == record.receipt
        {
            return
        }
        let file = try StagedFile(in: staging.directory, permissions: 0o600)
        try file.descriptor.write(record.bytes, at: 0)
        if let receipt = record.receipt {
            _ = try file.descriptor.setAttribute(BlobReceiptFile.attribute, to: receipt)
        }
        try file.descriptor.setPermissions(0o444)
        try file.descriptor.sync()
        let temporary = try staging.newName("blob")
        try file.publish(in: staging.directory, as: temporary)
        try staging.directory.rename(temporary, to: folder.directory, as: name)
        try folder.sync.sync()
    }
}
