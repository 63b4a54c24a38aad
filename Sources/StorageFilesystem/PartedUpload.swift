import LinuxFiles
import OCI
import RegistryPorts
import Synchronization

/// An upload whose parts come in any order, each into its place in one file.
///
/// What is there is never written again, and no two writers have the same bytes: so what was hashed stays what was
/// hashed. Hashing follows the writers over what is there without a gap, from the page cache, and leaves little to do
/// for the end.
final class PartedUpload: Sendable {
    /// What one piece of work on a thread of the pool hashes at most.
    private static let hashedAtOnce: UInt64 = 16 << 20

    let total: UInt64
    let name: String
    private let directory: Directory
    private let pool: BlockingPool
    private let state: Mutex<State>
    /// Held while the list is written, so that a newer one is never replaced by an older one.
    private let list = Mutex<Void>(())

    private struct State {
        var present: UploadRanges
        /// What writers have.
        var open: [Range<UInt64>] = []
        var isEnding = false
        /// `nil` before the first byte is hashed, and while a task has it.
        var hash: RunningHash?
        var hashedBytes: UInt64 = 0
        var hashing: Task<Void, Never>?
    }

    init(_ parts: UploadParts, named name: String, in directory: Directory, _ pool: BlockingPool) {
        total = parts.total
        self.name = name
        self.directory = directory
        self.pool = pool
        state = Mutex(State(present: parts.present))
    }

    /// Where the bytes are, and the list of what is there, for an upload of this name.
    static func contentName(_ name: String) -> String { name + ".parts" }
    static func listName(_ name: String) -> String { name + ".ranges" }

    var parts: UploadParts { UploadParts(total: total, present: state.withLock { $0.present }) }

    /// Whether somebody is writing or ending it.
    var isBusy: Bool { state.withLock { $0.isEnding || !$0.open.isEmpty } }

    /// Gives bytes to a writer.
    ///
    /// - Returns: what is missing of them, and the hold on all of them.
    /// - Throws: `.changed`, `.overloaded`.
    func open(_ range: Range<UInt64>) throws(StorageFault) -> (missing: [Range<UInt64>], hold: UploadHold) {
        let missing = try state.withLock { state throws(StorageFault) in
            guard !state.isEnding, range.upperBound <= total, !state.open.contains(where: { $0.overlaps(range) })
            else { throw .changed }
            guard state.open.count < UploadParts.openMax else { throw .overloaded }
            state.open.append(range)
            return state.present.missing(in: range)
        }
        let hold = UploadHold { [weak self] in
            self?.state.withLock { state in state.open.removeAll { $0 == range } }
        }
        return (missing, hold)
    }

    /// Makes what a writer wrote part of what is there. Blocks its thread.
    func keep(_ range: Range<UInt64>, in file: FileDescriptor) throws(FileFault) {
        try file.sync()
        let listFile = try directory.openFileForWriting(Self.listName(name))
        state.withLock { $0.present.insert(range) }
        try list.withLock { _ throws(FileFault) in try PartList.write(parts, to: listFile) }
    }

    /// Hashes what is there without a gap and was not hashed yet, beside everything else.
    func hashAhead(_ algorithm: HashAlgorithm) {
        state.withLock { state in
            guard state.hashing == nil, state.hashedBytes < state.present.prefixBytes else { return }
            if state.hash == nil { state.hash = RunningHash(algorithm) }
            state.hashing = Task { await self.hashOn() }
        }
    }

    private func hashOn() async {
        while let (hash, range) = takeWork() {
            let done = try? await pool.run { () throws(StorageFault) in
                try storing { () throws(FileFault) in try self.hash(hash, over: range, .none) }
            }
            state.withLock { state in
                state.hash = done ?? hash
                if done != nil { state.hashedBytes = range.upperBound }
                // What cannot be read now is tried again with the next part, and at the end.
                if done == nil { state.hashing = nil }
            }
            if done == nil { return }
        }
    }

    private func takeWork() -> (RunningHash, Range<UInt64>)? {
        state.withLock { state in
            let end = min(state.present.prefixBytes, state.hashedBytes + Self.hashedAtOnce)
            guard state.hashedBytes < end, let hash = state.hash.take() else {
                state.hashing = nil
                return nil
            }
            return (hash, state.hashedBytes..<end)
        }
    }

    private func hash(
        _ hash: RunningHash, over range: Range<UInt64>, _ flag: CancellationFlag?
    ) throws(FileFault) -> RunningHash {
        let file = try directory.openFile(Self.contentName(name))
        var hash = hash
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: AlignedBuffer.alignment)
        defer { memory.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            if flag?.isCancelled ?? false { throw FileFault(.hash, .cancelled) }
            let count = Int(min(UInt64(memory.count), range.upperBound - offset))
            let wanted = UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
            guard try file.read(into: wanted, at: Int64(clamping: offset)) == count else {
                throw FileFault(.hash, .changed)
            }
            hash.update(UnsafeRawBufferPointer(wanted))
            offset += UInt64(count)
        }
        // It is on the disk, and nobody reads it soon.
        file.forgetCached(Int64(clamping: range.lowerBound)..<Int64(clamping: range.upperBound))
        return hash
    }

    /// Lets nobody write any more.
    ///
    /// - Throws: `.changed`; `.notFound` while bytes are missing.
    func beginEnd() throws(StorageFault) -> UploadHold {
        try state.withLock { state throws(StorageFault) in
            guard !state.isEnding, state.open.isEmpty else { throw .changed }
            guard state.present.missing(in: 0..<total).isEmpty else { throw .notFound }
            state.isEnding = true
        }
        return UploadHold { [weak self] in self?.state.withLock { $0.isEnding = false } }
    }

    /// Lets nobody write or end it any more.
    ///
    /// - Throws: `.changed`.
    func beginDiscard() throws(StorageFault) {
        try state.withLock { state throws(StorageFault) in
            guard !state.isEnding, state.open.isEmpty else { throw .changed }
            state.isEnding = true
        }
    }

    /// The hash of all bytes; they are read only as far as they were not hashed by this process.
    func hash(_ algorithm: HashAlgorithm) async throws(StorageFault) -> [UInt8] {
        await state.withLock { $0.hashing }?.value
        let (known, count) = state.withLock { ($0.hash, $0.hashedBytes) }
        let isKnown = known?.algorithm == algorithm
        let start = isKnown ? known ?? RunningHash(algorithm) : RunningHash(algorithm)
        let range = (isKnown ? count : 0)..<total
        return try await pool.runCancellable { flag throws(StorageFault) in
            try storing { () throws(FileFault) in try self.hash(start, over: range, flag).digest() }
        }
    }
}

/// Something that somebody has until they say that they do not, or are gone.
final class UploadHold: Sendable {
    private let body: @Sendable () -> Void
    private let isReleased = Atomic<Bool>(false)

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    deinit { release() }

    func release() {
        if !isReleased.exchange(true, ordering: .acquiringAndReleasing) { body() }
    }
}
