import LinuxFiles

/// A file that grows at its end, and the hash of all that is in it.
///
/// `@unchecked Sendable`: the writer of an upload hashes one batch at a time and writes one at a time, and asks for the
/// rest when none is under way.
final class GrowingFile: @unchecked Sendable {
    let file: FileDescriptor
    private var hash: RunningHash
    private var hashedBytes: Int64 = 0
    private var released: (@Sendable () -> Void)?

    /// Takes up a file that is as long as what was hashed of it.
    init(_ file: FileDescriptor, _ hash: RunningHash, hashedBytes: Int64) {
        self.file = file
        self.hash = hash
        self.hashedBytes = hashedBytes
    }

    /// Takes up a file of which nothing is known but its length.
    init(
        _ file: FileDescriptor, reading size: Int64, _ algorithm: HashAlgorithm, _ flag: CancellationFlag
    ) throws(FileFault) {
        self.file = file
        hash = RunningHash(algorithm)
        guard size > 0 else { return }
        let buffer = AlignedBuffer(capacity: 1 << 20)
        while hashedBytes < size {
            if flag.isCancelled { throw FileFault(.hash, .cancelled) }
            // Nothing else is in the file: it was cut to this length.
            let count = try file.read(buffer, at: hashedBytes)
            guard count > 0, hashedBytes + Int64(count) <= size else { throw FileFault(.hash, .changed) }
            hash.update(buffer.bytes)
            hashedBytes += Int64(count)
        }
    }

    deinit { released?() }

    /// Calls `body` once: when the writer releases the file, or when nobody can write to it any more, a batch that is
    /// still under way included.
    func whenReleased(_ body: @escaping @Sendable () -> Void) {
        released = body
    }

    /// Nobody writes to the file from now on. The last reference may live a little longer: the thread that wrote a
    /// batch lets go of it only after it said that it is done.
    func release() {
        let body = released
        released = nil
        body?()
    }

    /// Hashes what is to be written next.
    func hash(_ batch: AlignedBuffer) {
        hash.update(batch.bytes)
        hashedBytes += Int64(batch.count)
    }

    func write(_ batch: AlignedBuffer, at offset: UInt64) throws(FileFault) {
        guard let position = Int64(exactly: offset) else { throw FileFault(.write, .limitExceeded) }
        try file.write(batch, at: position)
    }

    func digest() -> [UInt8] {
        hash.digest()
    }

    /// What a later writer need not compute again; `nil` when the file holds something else than what was hashed, as a
    /// write that failed leaves it, and once the file was released.
    var suspendedHash: SuspendedHash? {
        guard released != nil, let identity = try? file.identity(), identity.size == hashedBytes else { return nil }
        return SuspendedHash(hash: hash, file: identity)
    }
}

/// The hash of an upload that nobody writes to now, and the file as it was left.
struct SuspendedHash: Sendable {
    let hash: RunningHash
    let file: FileIdentity
}
