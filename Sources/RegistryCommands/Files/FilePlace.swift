internal import LinuxFiles

/// Where a file is or will be: its directory, which is open, and its name there.
struct FilePlace: Sendable {
    let path: String
    let directory: Directory
    let name: String

    /// - Throws: `CommandFailure` for what cannot be the name of a file, or lies in no directory.
    init(_ path: String) throws(CommandFailure) {
        guard !path.utf8.contains(0), let name = path.split(separator: "/").last, !path.hasSuffix("/"), name != ".",
            name != ".."
        else { throw CommandFailure(.usage, "\(path) cannot be the name of a file.") }
        let parent = path.dropLast(name.utf8.count)
        do throws(FileFault) {
            directory = try Directory(path: parent.isEmpty ? "." : String(parent))
        } catch {
            throw CommandFailure(error, path: parent.isEmpty ? "." : String(parent))
        }
        self.path = path
        self.name = String(name)
    }
}
