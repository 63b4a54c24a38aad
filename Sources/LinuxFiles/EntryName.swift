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
        guard areNames(name.utf8Span.span, depthMax: 1) else { throw FileFault(operation, .invalidName) }
    }

    /// Names separated by single slashes, without a leading or trailing one.
    static func checkPath(_ path: String, _ operation: FileOperation) throws(FileFault) {
        guard areNames(path.utf8Span.span, depthMax: depthMax) else { throw FileFault(operation, .invalidName) }
    }

    private static func areNames(_ path: Span<UInt8>, depthMax: Int) -> Bool {
        guard path.count <= pathBytesMax else { return false }
        var depth = 1
        var start = 0
        for index in path.indices {
            let byte = path[index]
            if byte == 0 { return false }
            guard byte == UInt8(ascii: "/") else { continue }
            guard depth < depthMax, isName(path.extracting(start..<index)) else { return false }
            depth += 1
            start = index + 1
        }
        return isName(path.extracting(start..<path.count))
    }

    private static func isName(_ name: Span<UInt8>) -> Bool {
        let dot = UInt8(ascii: ".")
        switch name.count {
        case 1: return name[0] != dot
        case 2: return name[0] != dot || name[1] != dot
        default: return (1...bytesMax).contains(name.count)
        }
    }
}
