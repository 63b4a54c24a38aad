import LinuxFiles
import OCI
import RegistryPorts

/// The 256 folders of blobs, open, each with the sync that its writers share.
final class BlobFolders: Sendable {
    struct Folder: Sendable {
        let directory: Directory
        let sync: DirectorySync
    }

    /// Blobs in one folder. Listing sorts one folder at a time.
    private static let blobsMax = 10_000_000

    private let folders: [Folder]

    /// Opens the folders, making those that are missing.
    init(_ blobs: Directory) throws(FileFault) {
        var folders: [Folder] = []
        for number in 0..<256 {
            let directory = try blobs.subdirectory(making: Self.name(number), permissions: 0o700)
            folders.append(Folder(directory: directory, sync: DirectorySync(directory)))
        }
        try blobs.sync()
        self.folders = folders
    }

    subscript(_ digest: Digest) -> Folder {
        folders[Int(digest.bytes.first ?? 0)]
    }

    /// What is stored under `digest`; nil when nothing is.
    func identity(of digest: Digest) throws(FileFault) -> FileIdentity? {
        do throws(FileFault) {
            return try self[digest].directory.identity(of: digest.hex)
        } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }

    /// Blobs in the order of digests. Names that are no digest are not ours and are left out.
    func list(after digest: Digest?, limit: Int) throws(FileFault) -> [StoredBlob] {
        var found: [StoredBlob] = []
        for number in Int(digest?.bytes.first ?? 0)..<256 where found.count < limit {
            let names = try folders[number].directory.entries(entriesMax: Self.blobsMax).compactMap(\.name).sorted()
            for name in names {
                guard found.count < limit else { break }
                guard let blob = try? Digest(.sha256, hex: name), digest.map({ $0 < blob }) ?? true,
                    let identity = try identity(of: blob)
                else { continue }
                found.append(StoredBlob(digest: blob, sizeBytes: UInt64(clamping: identity.size)))
            }
        }
        return found
    }

    private static func name(_ number: Int) -> String {
        (number < 16 ? "0" : "") + String(number, radix: 16)
    }
}
