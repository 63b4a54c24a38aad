import Glibc
import LinuxFiles

/// Files that an operator names.
enum OperatorFile {
    static func read(_ path: String, bytesMax: Int) throws(FileFault) -> [UInt8] {
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard number >= 0 else { throw FileFault(.open, code: errno) }
        return try LinuxFiles.FileDescriptor(owning: number).readAll(bytesMax: bytesMax)
    }

    /// Replaces the file as a whole.
    static func replace(_ path: String, with bytes: [UInt8], permissions: UInt32) throws(FileFault) {
        let directory = try LinuxFiles.Directory(path: path.contains("/") ? folder(of: path) : ".")
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
        try DurableFile.replace(name, in: directory, with: bytes, permissions: permissions)
    }

    /// The folder in which the file is, or would be.
    static func folder(of path: String) -> String {
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        return folder.isEmpty ? "/" : String(folder)
    }
}

extension FileFault {
    /// What is the matter with a file or directory, to be put behind its path.
    var sentence: String {
        switch kind {
        case .notFound: "does not exist"
        case .permission: "may not be used by the user that pratique runs as"
        case .notDirectory: "is not a directory, or leads through a file"
        case .isDirectory: "is a directory"
        case .limitExceeded: "is too large"
        case .noSpace: "finds no room on its disk"
        case .readOnlyFileSystem: "is on a disk that cannot be written"
        default: "cannot be used: \(self)"
        }
    }
}
