internal import LinuxFiles

/// A file that is about to be made, as a whole: nobody sees a part of it, and a crash leaves none.
struct NewFile: Sendable {
    private let place: FilePlace
    private let mayReplace: Bool

    /// Fails before any work is done where the file could not be made.
    ///
    /// - Parameter mayReplace: whether one that is there already may go.
    init(_ path: String, replacing mayReplace: Bool) throws(CommandFailure) {
        place = try FilePlace(path)
        self.mayReplace = mayReplace
        guard !mayReplace else { return }
        do throws(FileFault) {
            _ = try place.directory.identity(of: place.name)
        } catch {
            guard error.kind == .notFound else { throw CommandFailure(error, path: path) }
            return
        }
        throw alreadyThere
    }

    var path: String { place.path }

    private var alreadyThere: CommandFailure {
        CommandFailure(.ioError, "\(path) is there already.", hint: "Nothing was changed. Name another file.")
    }

    /// Durable when it returns.
    func write(_ bytes: [UInt8], permissions: UInt32) throws(CommandFailure) {
        let (directory, name) = (place.directory, place.name)
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
