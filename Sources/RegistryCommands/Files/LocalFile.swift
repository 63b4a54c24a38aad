internal import Glibc
internal import LinuxFiles

/// A regular file that the user named, open for reading. Links are followed: the path is the user's own.
struct LocalFile: Sendable {
    let path: String
    let descriptor: FileDescriptor
    let sizeBytes: UInt64

    init(_ path: String) throws(CommandFailure) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw CommandFailure(.usage, "A path cannot be empty or hold a NUL.")
        }
        // Not blocking, so that a pipe without a writer cannot stop us before we see that it is no file.
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw CommandFailure(FileFault(.open, code: errno), path: path) }
        let descriptor = FileDescriptor(owning: number)
        do throws(FileFault) {
            let identity = try descriptor.identity()
            guard identity.kind == .regular, let size = UInt64(exactly: identity.size) else {
                throw FileFault(.open, .notRegular)
            }
            sizeBytes = size
        } catch {
            throw CommandFailure(error, path: path)
        }
        self.path = path
        self.descriptor = descriptor
    }

    /// A regular file beneath a directory that the user named. Links that others put there are not followed.
    init(_ name: String, in directory: Directory, at path: String) throws(CommandFailure) {
        do throws(FileFault) {
            let (file, identity) = try directory.openIdentified(name)
            guard let size = UInt64(exactly: identity.size) else { throw FileFault(.open, .notRegular) }
            descriptor = file
            sizeBytes = size
        } catch {
            throw CommandFailure(error, path: path)
        }
        self.path = path
    }

    /// The last component of the path.
    var name: String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The whole content, if it is no longer than `bytesMax`.
    func readAll(bytesMax: Int) throws(CommandFailure) -> [UInt8] {
        do {
            return try descriptor.readAll(bytesMax: bytesMax)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }
}

extension CommandFailure {
    /// What a failed operation on a file means.
    init(_ fault: FileFault, path: String?) {
        let name = path ?? "a file"
        switch fault.kind {
        case .notFound: self.init(.noInput, "\(name) does not exist.")
        case .permission, .readOnlyFileSystem: self.init(.noPermission, "\(name): permission denied.")
        case .notRegular: self.init(.noInput, "\(name) is not a regular file.")
        case .isDirectory: self.init(.noInput, "\(name) is a directory.")
        case .notDirectory: self.init(.noInput, "\(name) is not a directory.")
        case .escapes: self.init(.noInput, "\(name) is a link, or lies behind one.")
        case .changed: self.init(.temporary, "\(name) changed while it was read.")
        case .limitExceeded: self.init(.dataError, "\(name) is larger than it may be.")
        case .noSpace: self.init(.ioError, "\(name): the disk is full.")
        case .cancelled: self.init(.interrupted, "Interrupted.")
        case .exists, .deviceFailure, .syncFailed, .notEmpty, .busy, .exhausted, .unsupported, .invalidName,
            .overloaded, .closed, .tooManyLinks, .other:
            self.init(.ioError, "\(name): \(fault)")
        }
    }
}
