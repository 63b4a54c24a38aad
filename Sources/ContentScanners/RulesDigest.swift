import Crypto
import Glibc
import LinuxFiles
import Synchronization

/// The SHA-256 of files that a scanner works by: one file, or all regular files of a directory. They are read again
/// when size or time of any of them is another one.
final class RulesDigest: Sendable {
    private static let filesMax = 4_096

    private struct Kept {
        var stamps: [Stamp] = []
        var digest = ""
    }

    private struct Stamp: Hashable {
        var path: String
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private let paths: [String]
    private let kept = Mutex(Kept())

    init(paths: [String]) {
        self.paths = paths
    }

    /// Blocks while files are read.
    ///
    /// - Returns: `nil` when one of them cannot be read.
    func value() -> String? {
        guard !paths.isEmpty else { return "" }
        guard let stamps = stamps() else { return nil }
        if let digest = kept.withLock({ $0.stamps == stamps ? $0.digest : nil }) { return digest }
        var hash = SHA256()
        for stamp in stamps {
            hash.update(data: Array("\(stamp.path)\n\(stamp.size)\n".utf8))
            guard Self.hash(stamp.path, into: &hash) else { return nil }
        }
        // What changed while it was read is read again the next time.
        guard self.stamps() == stamps else { return nil }
        let digest = "sha256:" + hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        kept.withLock { $0 = Kept(stamps: stamps, digest: digest) }
        return digest
    }

    private func stamps() -> [Stamp]? {
        var stamps: [Stamp] = []
        for path in paths {
            guard let status = Self.status(path) else { return nil }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                stamps.append(Self.stamp(path, status))
                continue
            }
            guard let folder = opendir(path) else { return nil }
            defer { closedir(folder) }
            var names: [String] = []
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                names.append(name)
                guard names.count <= Self.filesMax else { return nil }
            }
            for name in names.sorted() {
                guard let status = Self.status("\(path)/\(name)") else { return nil }
                if status.st_mode & S_IFMT == S_IFREG { stamps.append(Self.stamp("\(path)/\(name)", status)) }
            }
        }
        return stamps
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return stat(path, &found) == 0 ? found : nil
    }

    private static func stamp(_ path: String, _ status: stat) -> Stamp {
        Stamp(
            path: path, size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }

    private static func hash(_ path: String, into hash: inout SHA256) -> Bool {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return false }
        let file = FileDescriptor(owning: number)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = file.withNumber { number in
                buffer.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 }
            hash.update(data: buffer[..<count])
        }
    }
}
