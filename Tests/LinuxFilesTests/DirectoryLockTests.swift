import FileTestSupport
import Glibc
import LinuxFiles
import Testing

@Suite("Locks of directories")
struct DirectoryLockTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    /// The number under which this process has the file open.
    private func openNumber(of path: String) throws -> Int32 {
        try #require(
            (3..<Int32(4_096)).first { number in
                var target = [CChar](repeating: 0, count: 4_096)
                return readlink("/proc/self/fd/\(number)", &target, target.count - 1) > 0
                    && target.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } == path
            })
    }

    @Test("One holder at a time, and the refusal names it")
    func exclusive() throws {
        let lock = try DirectoryLock.acquire("lock", in: scratch.directory)
        #expect(throws: DirectoryLock.Refusal.held(process: getpid())) {
            try DirectoryLock.acquire("lock", in: scratch.directory)
        }
        lock.release()
        try DirectoryLock.acquire("lock", in: scratch.directory).release()
    }

    @Test("What is released is free, though a program that is just starting has a copy of the descriptor")
    func releasedWithCopies() throws {
        let lock = try DirectoryLock.acquire("lock", in: scratch.directory)
        // The copy that every fork has until its program runs, held for longer.
        let sleeper = try spawn(
            "/bin/sleep", ["60"], output: .descriptor(openNumber(of: scratch.path + "/lock")))
        defer {
            kill(sleeper, SIGKILL)
            reap(sleeper)
        }
        lock.release()
        try DirectoryLock.acquire("lock", in: scratch.directory).release()
    }
}
