internal import DistributionClient
internal import LinuxFiles
internal import OCI

/// Remembers unfinished uploads in files of the user, one each: `uploads/` beneath `$XDG_STATE_HOME/pratique`.
///
/// Only what saves work: whatever goes wrong here, the upload begins anew. An address may hold a secret of the
/// registry, so the files are for the user alone.
struct UploadFiles: UploadMemory {
    private let path: String?

    private static let bytesMax = 32 << 10

    init(_ environment: [String: String]) {
        path = (try? UserDirectories(environment)).map { $0.state + "/uploads" }
    }

    func address(of blob: Digest, to repository: String) -> String? {
        guard let folder = path.flatMap({ try? Directory(path: $0) }),
            let bytes = try? folder.openFile(Self.name(blob, repository)).readAll(bytesMax: Self.bytesMax),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count >= 2 && lines[0] == "\(repository) \(blob)" ? String(lines[1]) : nil
    }

    func keep(_ address: String?, of blob: Digest, to repository: String) {
        guard let path else { return }
        let name = Self.name(blob, repository)
        guard let address else {
            try? Directory(path: path).removeFile(name)
            return
        }
        guard let folder = try? UserDirectories.open(making: path) else { return }
        try? DurableFile.replace(name, in: folder, with: Array("\(repository) \(blob)\n\(address)\n".utf8))
    }

    /// Of the digest and the repository, in the letters of file names.
    private static func name(_ blob: Digest, _ repository: String) -> String {
        var hash = RunningHash(HashAlgorithm.sha256)
        hash.update(Array("\(repository) \(blob)".utf8))
        return hash.digest().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
