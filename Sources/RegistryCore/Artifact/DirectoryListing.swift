import struct Crypto.SHA256
public import OCI

/// The identity of a directory: one line for each file, `<hex sha256>  <path>\n`, sorted by the bytes of the path.
///
/// The digest of these lines can be made without us, in the directory:
/// `find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum`.
public enum DirectoryListing {
    /// - Parameter files: in any order; no path twice.
    public static func digest(of files: [(path: RelativePath, digest: Digest)]) throws(DigestFault) -> Digest {
        var hash = SHA256()
        for file in files.sorted(by: { $0.path < $1.path }) {
            hash.update(data: Array("\(file.digest.hex)  \(file.path)\n".utf8))
        }
        return try Digest(sha256: Array(hash.finalize()))
    }
}
