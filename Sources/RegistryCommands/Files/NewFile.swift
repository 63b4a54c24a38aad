internal import LinuxFiles

/// A file that is about to be made, as a whole: nobody sees a part of it, and a crash leaves none.
struct NewFile: Sendable {
    let path: String
    private let directory: Directory
    private let name: String
    private let mayReplace: Bool

    /// Fails before any work is done where the file could not be made.
    ///
    /// - Parameter mayReplace: whether one that is there already may go.
    init(_ path: String, replacing mayReplace: Bool) throws(CommandFailure) {
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
        self.mayReplace = mayReplace
        guard !mayReplace else { return }
        do throws(FileFault) {
            _ = try directory.identity(of: self.name)
        } catch {
            guard error.kind == .notFound else { throw CommandFailure(error, path: path) }
            return
        }
        throw alreadyThere
    }

    private var alreadyThere: CommandFailure {
        CommandFailure(.ioError, "\(path) is there already.", hint: "Nothing was changed. Name another file.")
    }

    /// Durable when it returns.
    func write(_ bytes: [UInt8], permissions: UInt32) throws(CommandFailure) {
        do throws(FileFault) {
            if mayReplace {
                try DurableFile.replace(name, in: directory, with: bytes, permissions: permissions)
            } else {
                let file = try StagedFile(in: directory, permissions: permissions)
                try file.descriptor.write(bytes, at: 0)
                try file.descriptor.sync()
                try file.publish(in: directory, as: name)
                try directory.sync()
            }
        } catch {
            throw error.kind == .exists ? alreadyThere : CommandFailure(error, path: path)
        }
    }
}
