/// Rules for names that come from outside, checked before the kernel sees them.
///
/// The kernel alone keeps a path beneath its directory; these rules keep a name from meaning something else than what
/// was asked for: a C string ends at a NUL, and calls that change names follow a slash.
enum EntryName {
    /// Bytes in one name (NAME_MAX).
    static let bytesMax = 255
    /// Bytes in a path (PATH_MAX, without the terminating NUL).
    static let pathBytesMax = 4095
    /// Directories in a path.
    static let depthMax = 256

    /// One name in a directory.
    static func check(_ name: String, _ operation: FileOperation) throws(FileFault) {
        guard isName(name.utf8[...]) else { throw FileFault(operation, .invalidName) }
    }

    /// Names separated by single slashes, without a leading or trailing one.
    static func checkPath(_ path: String, _ operation: FileOperation) throws(FileFault) {
        guard path.utf8.count <= pathBytesMax else { throw FileFault(operation, .invalidName) }
        var rest = path.utf8[...]
        for _ in 0..<depthMax {
            let end = rest.firstIndex(of: UInt8(ascii: "/"))
            guard isName(rest[..<(end ?? rest.endIndex)]) else { break }
            guard let end else { return }
            rest = rest[rest.index(after: end)...]
        }
        throw FileFault(operation, .invalidName)
    }

    private static func isName(_ name: Substring.UTF8View) -> Bool {
        guard (1...bytesMax).contains(name.count) else { return false }
        let dot = UInt8(ascii: ".")
        if name.count <= 2 && name.allSatisfy({ $0 == dot }) { return false }
        return !name.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }
}
