internal import SignatureKeys

/// A file that an update needs next.
public struct MetadataRequest: Sendable, Hashable {
    public let role: RoleName
    /// `nil` for a name without version.
    public let version: UInt64?
    /// Nothing beyond so many bytes may be read.
    public let bytesMax: Int

    package init(role: RoleName, version: UInt64?, bytesMax: Int) {
        self.role = role
        self.version = version
        self.bytesMax = bytesMax
    }

    /// The file's name in the repository: `7.snapshot.json`, `timestamp.json` (TUF 5.3.3, 6.2).
    public var fileName: String { (version.map { "\($0)." } ?? "") + role.fileName }
}

extension TargetFile {
    /// Where a target is, relative to where all targets are: `a/HASH.b` with consistent snapshots, else `a/b`
    /// (TUF 5.7.3). Each name is percent-encoded.
    ///
    /// - Throws: `.unsupported` for paths with names that lead elsewhere.
    func address(hasHash: Bool) throws(TUFRefusal) -> String {
        var names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), let last = names.popLast() else {
            throw TUFRefusal(role, .unsupported("the path of a target leads elsewhere"))
        }
        let prefix = hasHash ? (hashes.sha256 ?? hashes.sha512) : ""
        guard let prefix else { throw TUFRefusal(role, .noKnownHash) }
        names.append(prefix.isEmpty ? last : "\(prefix).\(last)")
        return names.map { PercentEncoding.encode($0) }.joined(separator: "/")
    }

    /// One name for a file that keeps the target, the same for all its versions.
    public var fileName: String {
        let encoded = PercentEncoding.encode(path)
        guard encoded.utf8.count > Self.fileNameBytesMax else { return encoded }
        return "%sha256-" + Hexadecimal.encode(HashAlgorithm.sha256.hash(Array(path.utf8)))
    }

    /// What file systems take, with room for what unfinished files are called.
    private static let fileNameBytesMax = 200
}
