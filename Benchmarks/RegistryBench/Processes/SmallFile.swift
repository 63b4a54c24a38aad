import Glibc

/// Files that are written in one piece.
enum SmallFile {
    static func write(_ bytes: [UInt8], to path: String, permissions: mode_t = 0o644) throws(BenchFault) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
        guard file >= 0 else { throw .system("open \(path)") }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw .system("write \(path)") }
    }
}
