import LinuxFiles
import OCI
import RegistryPorts

/// The 256 folders of blobs, open, each with the sync that its writers share.
struct BlobFolders: Sendable {
    struct Folder: Sendable {
        var directory: Directory
        var sync: DirectorySync
    }

    private let folders: [Folder]

    init(_ blobs: Directory) throws(FileFault) {
        var folders: [Folder] = []
        for number in 0..<256 {
            let directory = try blobs.subdirectory(Self.name(number))
            folders.append(Folder(directory: directory, sync: DirectorySync(directory)))
        }
        self.folders = folders
    }

    subscript(_ digest: Digest) -> Folder {
        folders[Int(digest.bytes.first ?? 0)]
    }

    /// Blobs in the order of digests. Names that are no digest are not ours and are left out.
    func list(after digest: Digest?, limit: Int) throws(FileFault) -> [StoredBlob] {
        var found: [StoredBlob] = []
        for number in Int(digest?.bytes.first ?? 0)..<256 where found.count < limit {
            let directory = folders[number].directory
            let names = try directory.entries(entriesMax: 10_000_000).compactMap(\.name).sorted()
            for name in names {
                guard let blob = try? Digest(.sha256, hex: name), digest.map({ $0 < blob }) ?? true else { continue }
                guard found.count < limit else { break }
                found.append(
                    StoredBlob(digest: blob, sizeBytes: UInt64(clamping: try directory.identity(of: name).size)))
            }
        }
        return found
    }

    private static func name(_ number: Int) -> String {
        (number < 16 ? "0" : "") + String(number, radix: 16)
    }
}
