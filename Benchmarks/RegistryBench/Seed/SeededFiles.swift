import Glibc
import OCI
import RegistryCore
import RegistryPorts

/// The files of seeded artifacts, laid out as the store lays them out, and not synced one by one.
struct SeededFiles {
    private let blobs: String
    private let trusted: String
    private var folders: Set<String> = []

    init(_ directory: String) {
        blobs = directory + "/store/blobs/sha256"
        trusted = directory + "/trusted"
    }

    /// Makes the blob and, if it is trusted, its view.
    ///
    /// - Returns: what tells later that the blob was not touched.
    mutating func make(_ artifact: SeededArtifact, isTrusted: Bool) throws(BenchFault) -> BlobIdentity {
        let hex = artifact.digest.hex
        let blob = "\(blobs)/\(hex.prefix(2))/\(hex)"
        try SmallFile.write(artifact.content, to: blob, permissions: 0o444)
        if isTrusted { try show(blob, as: artifact.name.description) }
        return try Self.identity(of: blob)
    }

    private mutating func show(_ blob: String, as name: String) throws(BenchFault) {
        var folder = trusted
        let parts = name.split(separator: "/")
        for part in parts.dropLast() {
            folder += "/\(part)"
            if folders.insert(folder).inserted, mkdir(folder, 0o755) != 0, errno != EEXIST {
                throw .system("mkdir \(folder)")
            }
        }
        let view = "\(folder)/\(parts.last ?? "")"
        guard mkdir(view, 0o700) == 0, link(blob, "\(view)/\(SeededArtifact.filename)") == 0, chmod(view, 0o555) == 0
        else { throw .system("the view \(view)") }
    }

    private static func identity(of path: String) throws(BenchFault) -> BlobIdentity {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system("stat \(path)") }
        return BlobIdentity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), sizeBytes: UInt64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            changedNanoseconds: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec),
            links: UInt64(status.st_nlink))
    }
}
