import LinuxFiles
public import OCI
public import RegistryPorts

/// The receipt of a blob is an attribute of its file: it costs no sync of its own.
enum BlobReceiptFile {
    static let attribute = "pratique.receipt"
    /// Longer ones are not ours.
    static let bytesMax = 64
}

extension FilesystemBlobStore {
    /// A file that is opened and asked: quick enough to be done where it is asked for.
    public func receipt(of digest: Digest) async throws(StorageFault) -> [UInt8]? {
        do throws(FileFault) {
            return try folders.folder(of: digest).directory.openFile(digest.hex)
                .attribute(BlobReceiptFile.attribute, bytesMax: BlobReceiptFile.bytesMax)
        } catch {
            switch error.kind {
            case .notFound, .escapes, .notRegular, .isDirectory: return nil
            default: throw StorageFault(error)
            }
        }
    }
}
