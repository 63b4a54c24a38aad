import CLinux
import Glibc

/// The right to be the only process at work in a directory, held until it is released or the process ends.
///
/// flock(2) on a file that stays there: the kernel gives the lock back when the holder dies, however it dies.
public struct DirectoryLock: Sendable {
    private let file: FileDescriptor

    /// Why a lock was not had.
    public enum Refusal: Error, Sendable, Hashable {
        /// Another process holds it; its number where it could be read, for the message to the operator.
        case held(process: Int32?)
        case fault(FileFault)
    }

    /// Takes the lock `name` of `directory` without waiting, and writes this process's number into it.
    public static func acquire(_ name: String, in directory: Directory) throws(Refusal) -> DirectoryLock {
        do throws(FileFault) {
            let file = try openOrCreate(name, in: directory)
            let result = file.withNumber { number in SystemCall.result { flock(number, LOCK_EX | LOCK_NB) } }
            if result == -EWOULDBLOCK { throw FileFault(.lock, .busy) }
            try SystemCall.check(.lock, result)
            try file.truncate(to: 0)
            try file.write(Array("\(getpid())\n".utf8), at: 0)
            return DirectoryLock(file: file)
        } catch {
            guard error.kind == .busy else { throw .fault(error) }
            throw .held(process: holder(name, in: directory))
        }
    }

    /// Whether `name` still means the file that is locked: whoever removes lock files lets others lock what has no
    /// name.
    public func isNamed(_ name: String, in directory: Directory) -> Bool {
        guard let named = try? directory.identity(of: name), let own = try? file.identity() else { return false }
        return named.device == own.device && named.inode == own.inode
    }

    /// Gives the lock back. The file stays: removing it would let two processes hold locks of the same name.
    public func release() {
        // A program that another thread is starting has a copy of the descriptor until it runs, and with that the lock:
        // closing ours would not be enough.
        _ = file.withNumber { number in flock(number, LOCK_UN) }
        file.close()
    }

    private static func openOrCreate(_ name: String, in directory: Directory) throws(FileFault) -> FileDescriptor {
        do throws(FileFault) {
            return try directory.openFileForWriting(name)
        } catch  where error.kind == .notFound {
            do throws(FileFault) {
                return try directory.createFile(name, permissions: 0o600)
            } catch  where error.kind == .exists {
                return try directory.openFileForWriting(name)
            }
        }
    }

    private static func holder(_ name: String, in directory: Directory) -> Int32? {
        guard let bytes = try? directory.openFile(name).readAll(bytesMax: 32) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
    }
}
