import Glibc
import Synchronization

/// Files that are replaced as a whole and survive a power cut.
public enum DurableFile {
    /// Makes `bytes` the content of `name`: a reader sees the old content or the new, never a mixture or a gap.
    ///
    /// The order is: write under another name, fsync, rename, fsync the directory. When this returns, the new content
    /// is durable. A crash leaves the old content and perhaps a file whose name starts with `temporaryPrefix`, which
    /// whoever owns the directory removes at start.
    ///
    /// - Throws: `.syncFailed`, after which the process must stop; anything else leaves the old content.
    public static func replace(
        _ name: String, in directory: Directory, with bytes: [UInt8], permissions: UInt32 = 0o600
    ) throws(FileFault) {
        let (file, temporaryName) = try createTemporary(in: directory)
        do throws(FileFault) {
            try file.write(bytes, at: 0)
            try file.setPermissions(permissions)
            try file.sync()
            try directory.rename(temporaryName, to: directory, as: name)
        } catch {
            try? directory.removeFile(temporaryName)
            throw error
        }
        try directory.sync()
    }

    /// How names of unfinished files start.
    public static let temporaryPrefix = ".unfinished-"

    private static let counter = Atomic<UInt64>(0)

    /// Makes an empty file under a name that nobody else uses.
    static func createTemporary(in directory: Directory) throws(FileFault) -> (FileDescriptor, name: String) {
        // A crashed process with our number may have left names behind; it cannot have left this many.
        for _ in 0..<10_000 {
            let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
            let name = "\(temporaryPrefix)\(getpid())-\(number)"
            do throws(FileFault) {
                return (try directory.createFile(name, permissions: 0o600), name)
            } catch  where error.kind == .exists {
                continue
            }
        }
        throw FileFault(.create, .exists)
    }
}
