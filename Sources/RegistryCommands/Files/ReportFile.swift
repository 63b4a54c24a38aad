internal import LinuxFiles

/// A file that a report is written to: its old content stays until the new one is there as a whole.
struct ReportFile: Sendable {
    private let path: String
    private let directory: Directory
    private let name: String

    /// Fails before any work was done, if the file could never be written.
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

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do throws(FileFault) {
            try DurableFile.replace(name, in: directory, with: bytes, permissions: 0o644)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }
}
