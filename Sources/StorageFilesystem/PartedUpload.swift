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
    /// The number of the last list that was written; held while the next one is.
    private let list: Mutex<UInt64>

    private struct State {
        var present: UploadRanges
        /// What writers have.
        var open: [Range<UInt64>] = []
        /// What is on the disk, and waits for its list.
        var synced: [Range<UInt64>] = []
        var isEnding = false
        /// Its files are.
        var isGone = false
        /// `nil` before the first byte is hashed, and while a task has it.
        var hash: RunningHash?
        var hashedBytes: UInt64 = 0
        var hashing: Task<Void, Never>?
    }

    /// - Parameter number: that of the list which says so.
    init(
        _ parts: UploadParts, number: UInt64, named name: String, in directory: Directory, _ pool: BlockingPool
    ) {
        total = parts.total
        self.name = name
        self.directory = directory
        self.pool = pool
        list = Mutex(number)
        state = Mutex(State(present: parts.present))
    }

    /// Where the bytes are, and the list of what is there, for an upload of this name.
    static func contentName(_ name: String) -> String { name + ".parts" }
    static func listName(_ name: String) -> String { name + ".ranges" }

    var parts: UploadParts { UploadParts(total: total, present: state.withLock { $0.present }) }

    /// Gives bytes to a writer.
    ///
    /// - Returns: what is missing of them, and the hold on all of them.
    /// - Throws: `.changed`, `.overloaded`; `.notFound` when it is gone.
    func open(_ range: Range<UInt64>) throws(StorageFault) -> (missing: [Range<UInt64>], hold: UploadHold) {
        let missing = try state.withLock { state throws(StorageFault) in
            guard !state.isGone else { throw .notFound }
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

    /// Makes what a writer wrote part of what is there, for good. Blocks its thread.
    ///
    /// Who waits for the list finds it written for all who waited, more often than not.
    func keep(_ range: Range<UInt64>, in file: FileDescriptor) throws(FileFault) {
        try file.sync()
        let listFile = try directory.openFileForWriting(Self.listName(name))
        state.withLock { $0.synced.append(range) }
        // Bytes whose list failed are another writer's as soon as this one is gone.
        defer { state.withLock { state in state.synced.removeAll { $0 == range } } }
        try list.withLock { number throws(FileFault) in
            let (present, synced) = state.withLock { ($0.present, $0.synced) }
            guard !present.missing(in: range).isEmpty else { return }
            var parts = UploadParts(total: total, present: present)
            for range in synced { parts.present.insert(range) }
            try PartList.write(parts, number: number + 1, to: listFile)
            number += 1
            state.withLock { $0.present = parts.present }
        }
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
        // What cannot be read now is tried again with the next part, and at the end.
        while (try? await hashStep()) ?? false {}
    }

    /// Hashes the next piece of what is there without a gap. Others get the thread before the one after it.
    ///
    /// - Returns: whether there was one.
    private func hashStep() async throws(StorageFault) -> Bool {
        guard let (hash, range) = takeWork() else { return false }
        do throws(StorageFault) {
            let done = try await pool.runCancellable { flag throws(StorageFault) in
                try storing { () throws(FileFault) in try self.hash(hash, over: range, flag) }
            }
            state.withLock { state in
                state.hash = done
                state.hashedBytes = range.upperBound
            }
            return true
        } catch {
            state.withLock { state in
                state.hash = hash
                state.hashing = nil
            }
            throw error
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
        _ hash: RunningHash, over range: Range<UInt64>, _ flag: CancellationFlag
    ) throws(FileFault) -> RunningHash {
        let file = try directory.openFile(Self.contentName(name))
        var hash = hash
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: AlignedBuffer.alignment)
        defer { memory.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            if flag.isCancelled { throw FileFault(.hash, .cancelled) }
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
        try hold { $0.missing(in: 0..<self.total).isEmpty }
    }

    /// Lets nobody write or end it.
    ///
    /// - Throws: `.changed`; `.notFound` when it is gone.
    func beginDiscard() throws(StorageFault) -> UploadHold {
        try hold { _ in true }
    }

    private func hold(where isRight: (UploadRanges) -> Bool) throws(StorageFault) -> UploadHold {
        try state.withLock { state throws(StorageFault) in
            guard !state.isGone else { throw .notFound }
            guard !state.isEnding, state.open.isEmpty else { throw .changed }
            guard isRight(state.present) else { throw .notFound }
            state.isEnding = true
        }
        return UploadHold { [weak self] in self?.state.withLock { $0.isEnding = false } }
    }

    /// Its files are gone: nobody begins anything with it any more, who has it in hand neither.
    func vanish() {
        state.withLock { $0.isGone = true }
    }

    /// The hash of all bytes, for who ends it; they are read only as far as they were not hashed by this process. How
    /// far that came is kept when it fails.
    func hash(_ algorithm: HashAlgorithm) async throws(StorageFault) -> [UInt8] {
        await state.withLock { $0.hashing }?.value
        state.withLock { state in
            guard state.hash?.algorithm != algorithm else { return }
            state.hash = RunningHash(algorithm)
            state.hashedBytes = 0
        }
        while try await hashStep() {}
        return try state.withLock { state throws(StorageFault) in
            guard let hash = state.hash, state.hashedBytes == total else { throw .changed }
            return hash.digest()
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
