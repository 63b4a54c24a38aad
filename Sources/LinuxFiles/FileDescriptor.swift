import CLinux
import Glibc
import Synchronization

/// An open file, closed when the last reference goes.
///
/// Reads and writes name their offset, so any number of threads may share one. `close()` is for owners: a call that
/// another thread is making at that moment may fail with `.closed`.
public final class FileDescriptor: Sendable {
    private let number: Atomic<Int32>

    /// Takes over `number`, which nobody else may close.
    public init(owning number: Int32) {
        self.number = Atomic(number)
    }

    /// Opens what `number` is open for once more; `number` stays the caller's.
    public convenience init(duplicating number: Int32) throws(FileFault) {
        let result = SystemCall.result { fcntl(number, F_DUPFD_CLOEXEC, 3) }
        self.init(owning: try SystemCall.check(.open, result))
    }

    deinit { close() }

    /// Closes the file now. Errors of close(2) are of no use: what must last is synced before.
    public func close() {
        let open = number.exchange(-1, ordering: .acquiringAndReleasing)
        if open >= 0 { _ = Glibc.close(open) }
    }

    /// Lends the number of the open file for the length of `body`; −1 after `close()`.
    public func withNumber<Result: ~Copyable, Fault: Error>(
        _ body: (Int32) throws(Fault) -> Result
    ) throws(Fault) -> Result {
        try body(number.load(ordering: .acquiring))
    }

    /// A second number for the same open file, which the caller owns and closes.
    public func duplicateNumber() throws(FileFault) -> Int32 {
        let result = withNumber { number in SystemCall.result { fcntl(number, F_DUPFD_CLOEXEC, 3) } }
        return try SystemCall.check(.open, result)
    }

    /// Identity, size and times, as they are now.
    public func identity() throws(FileFault) -> FileIdentity {
        var status = stat()
        try SystemCall.check(.stat, withNumber { number in SystemCall.result { fstat(number, &status) } })
        return FileIdentity(status)
    }

    /// Open for reading only, so that whoever gets it cannot write.
    public var isReadOnly: Bool {
        withNumber { clinux_is_read_only($0) } == 1
    }

    /// The same file, opened once more for reading alone, for those who must not write it.
    ///
    /// - Throws: `.notFound` where /proc is not mounted.
    public func reopenedForReading() throws(FileFault) -> FileDescriptor {
        let result = withNumber { number in
            "/proc/self/fd/\(number)".withCString { path in SystemCall.result { open(path, O_RDONLY | O_CLOEXEC) } }
        }
        return FileDescriptor(owning: try SystemCall.check(.open, result))
    }

    /// A pipe: the end to read from and the end to write to.
    public static func pipe() throws(FileFault) -> (reading: FileDescriptor, writing: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        try SystemCall.check(.open, clinux_pipe(&ends))
        return (FileDescriptor(owning: ends[0]), FileDescriptor(owning: ends[1]))
    }
}

// MARK: - Content

extension FileDescriptor {
    /// Fills `buffer` from `offset` on, and gives up only at the end of the file.
    ///
    /// - Returns: the number of bytes read; fewer than asked for means that the file ends there.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFault) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let position = offset + Int64(done)
            let count = withNumber { number in
                SystemCall.result { pread(number, rest.baseAddress, rest.count, Int(position)) }
            }
            if try SystemCall.check(.read, count) == 0 { break }
            done += count
        }
        return done
    }

    /// Reads what the page cache holds of the bytes from `offset` on, without waiting for a disk.
    ///
    /// - Returns: the number of bytes read, at most as many as asked for; nil when the disk would have to be
    ///   waited for.
    public func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFault) -> Int? {
        let count = withNumber { clinux_read_cached($0, buffer.baseAddress, buffer.count, offset) }
        if count == -Int(EAGAIN) { return nil }
        return try SystemCall.check(.read, count)
    }

    /// Reads past the page cache from now on, or through it again. Everybody who shares this open file does.
    ///
    /// - Returns: whether reads are made so; false where the file system only knows the cache.
    @discardableResult
    func setDirect(_ isDirect: Bool) -> Bool {
        withNumber { number in
            let flags = fcntl(number, F_GETFL)
            guard flags >= 0 else { return false }
            let wanted = isDirect ? flags | clinux_open_direct : flags & ~clinux_open_direct
            return fcntl(number, F_SETFL, wanted) == 0
        }
    }

    /// One read of as many bytes as there are, into a buffer that is aligned for reading past the page cache.
    ///
    /// - Returns: the number of bytes read; nil when the kernel refuses such a read.
    func readAligned(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int? {
        let count = withNumber { number in
            SystemCall.result { pread(number, buffer.baseAddress, buffer.count, Int(offset)) }
        }
        return count < 0 ? nil : count
    }

    /// The bytes of `range`, all of them.
    ///
    /// - Throws: `.changed` when the file ends before the range does.
    public func read(_ range: Range<Int64>) throws(FileFault) -> [UInt8] {
        var failure: FileFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            do throws(FileFault) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard bytes.count == range.count else { throw FileFault(.read, .changed) }
        return bytes
    }

    /// The whole file.
    ///
    /// - Throws: `.limitExceeded` before any memory is reserved when the file is longer than `bytesMax`.
    public func readAll(bytesMax: Int) throws(FileFault) -> [UInt8] {
        let size = try identity().size
        guard size <= Int64(bytesMax) else { throw FileFault(.read, .limitExceeded) }
        return try read(0..<max(size, 0))
    }

    /// Writes all of `bytes` at `offset`.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFault) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let position = offset + Int64(done)
            let count = withNumber { number in
                SystemCall.result { pwrite(number, rest.baseAddress, rest.count, Int(position)) }
            }
            // A write of nothing would repeat for ever; the kernel makes none for regular files.
            guard try SystemCall.check(.write, count) > 0 else { throw FileFault(.write, .noSpace) }
            done += count
        }
    }

    public func write(_ bytes: [UInt8], at offset: Int64) throws(FileFault) {
        try bytes.withUnsafeBufferPointer { buffer throws(FileFault) in
            try write(UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    /// Content and size survive a power cut once this returns.
    ///
    /// - Throws: `.syncFailed`, after which nothing that was written may be acknowledged and the process must stop;
    ///   `FailedSync` heard of it first.
    public func sync() throws(FileFault) {
        try confirm { number in SystemCall.result { fsync(number) } }
    }

    /// Content survives a power cut once this returns; of what is said about the file only what reading it back takes
    /// (fdatasync(2)). For files that were written over their whole length before.
    ///
    /// - Throws: as `sync()`.
    public func syncData() throws(FileFault) {
        try confirm { number in SystemCall.result { fdatasync(number) } }
    }

    func confirm(_ sync: (Int32) -> Int32) throws(FileFault) {
        do throws(FileFault) {
            try SystemCall.check(.sync, withNumber(sync))
        } catch {
            if error.kind == .syncFailed { FailedSync.report(error) }
            throw error
        }
    }

    /// Lets the page cache forget what was read or written of `range`, as far as it is on the disk.
    public func forgetCached(_ range: Range<Int64>) {
        // Advice: nothing depends on whether it is taken.
        _ = withNumber { number in
            posix_fadvise(number, Int(range.lowerBound), range.count, Int32(POSIX_FADV_DONTNEED))
        }
    }

    public func truncate(to size: Int64) throws(FileFault) {
        try SystemCall.check(.truncate, withNumber { number in SystemCall.result { ftruncate(number, Int(size)) } })
    }

    public func setPermissions(_ permissions: UInt32) throws(FileFault) {
        try SystemCall.check(.write, withNumber { number in SystemCall.result { fchmod(number, permissions) } })
    }

    /// Makes this file, which must be empty, share the blocks of `source`, where the file system can (FICLONE).
    ///
    /// - Throws: `.unsupported` or `.escapes` (another file system) when the content has to be copied instead.
    public func shareBlocks(of source: FileDescriptor) throws(FileFault) {
        let result = withNumber { mine in source.withNumber { theirs in clinux_clone_file(mine, theirs) } }
        if result == -EINVAL { throw FileFault(.copy, .unsupported) }
        try SystemCall.check(.copy, result)
    }
}
