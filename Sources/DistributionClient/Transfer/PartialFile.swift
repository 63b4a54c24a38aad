internal import LinuxFiles
internal import class LinuxFiles.FileDescriptor
internal import NIOCore
internal import OCI
internal import Synchronization

/// Threads on which bytes are written, read back and hashed.
enum TransferThreads {
    static let pool = BlockingPool(threadsMax: 8, waitingMax: 1_024)
}

/// A blob on its way into a file: which parts are there, and the hash of those at its beginning.
final class PartialFile: Sendable {
    private let blob: Descriptor
    private let folder: Directory
    private let file: FileDescriptor
    private let name: String
    private let parts: FileDescriptor
    private let partsName: String

    private struct State {
        var isThere: [Bool]
        /// Parts below this one were handed out or were there.
        var next = 0
        /// Handed out in one piece, because the registry gives no parts.
        var isWhole = false
        /// Handed out to several tasks.
        var isInParts = false
        var isStopped = false
    }

    private let state: Mutex<State>
    /// One task at a time hashes.
    private let hashed: Mutex<Hashed>
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    private struct Hashed {
        var hash: RunningHash
        var bytes: UInt64 = 0
    }

    private static let partBytes = BlobDownload.partBytes
    /// Bytes that are read at a time to be hashed: as much as stays in a processor's cache.
    private static let readBytes = 256 << 10
    /// Digest and size of what the parts are of, and a line's end, filled up with spaces.
    private static let headBytes = 160

    init(_ blob: Descriptor, in folder: Directory, _ names: WorkingNames) throws(FileFault) {
        self.blob = blob
        self.folder = folder
        name = names.partial
        partsName = names.parts
        file = try Self.openOrCreate(name, in: folder)
        parts = try Self.openOrCreate(partsName, in: folder)
        let count = Int(clamping: (blob.size + Self.partBytes - 1) / Self.partBytes)
        let head = Array("\(blob.digest) \(blob.size)\n".utf8)
        let padded = head + Array(repeating: 0x20, count: max(0, Self.headBytes - head.count))
        let known = (try? parts.readAll(bytesMax: padded.count + count)) ?? []
        var isThere = Array(repeating: false, count: count)
        let length = UInt64(clamping: try file.identity().size)
        if known.starts(with: padded) {
            for (index, mark) in known.dropFirst(padded.count).enumerated() where index < count {
                // A power cut may keep a mark and lose the bytes.
                let end = min(UInt64(index + 1) * Self.partBytes, blob.size)
                isThere[index] = mark == UInt8(ascii: "1") && end <= length
            }
            if length > blob.size { try file.truncate(to: Int64(clamping: blob.size)) }
        } else {
            try file.truncate(to: 0)
            try parts.truncate(to: 0)
            try parts.write(padded, at: 0)
        }
        state = Mutex(State(isThere: isThere))
        hashed = Mutex(Hashed(hash: RunningHash(blob.digest.algorithm)))
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private static func openOrCreate(_ name: String, in folder: Directory) throws(FileFault) -> FileDescriptor {
        do throws(FileFault) {
            return try folder.createFile(name, permissions: 0o600)
        } catch  where error.kind == .exists {
            return try folder.openFileForWriting(name)
        }
    }

    /// Whether an earlier attempt left something.
    var hasParts: Bool { state.withLock { $0.isThere.contains(true) } }

    var bytesThere: UInt64 {
        state.withLock { state in
            state.isThere.indices.reduce(UInt64(0)) { $0 + (state.isThere[$1] ? length(of: $1) : 0) }
        }
    }

    private func range(of part: Int) -> Range<UInt64> {
        let start = UInt64(part) * Self.partBytes
        return start..<min(start + Self.partBytes, blob.size)
    }

    private func length(of part: Int) -> UInt64 { UInt64(range(of: part).count) }

    /// The next part that nobody fetches yet.
    func takeMissing() -> Range<UInt64>? {
        state.withLock { state in
            guard !state.isStopped, !state.isWhole else { return nil }
            while state.next < state.isThere.count {
                defer { state.next += 1 }
                if !state.isThere[state.next] { return range(of: state.next) }
            }
            return nil
        }
    }

    /// The registry gives parts: several tasks may fetch them now.
    func beginParts() {
        state.withLock { state in
            state.isInParts = true
            state.isWhole = false
        }
    }

    /// The whole blob comes, whatever was there; also once more, after a break.
    ///
    /// - Returns: `false` when others fetch parts of it, so that the registry does not know what it does.
    func beginWhole() -> Bool {
        state.withLock { state in
            guard !state.isInParts else { return false }
            state.isWhole = true
            state.next = 0
            state.isThere = state.isThere.map { _ in false }
            return true
        }
    }

    func write(_ pieces: [ByteBuffer], at offset: UInt64) async throws(DistributionFault) {
        let file = file
        do throws(FileFault) {
            try await TransferThreads.pool.run { () throws(FileFault) in
                var position = Int64(clamping: offset)
                for piece in pieces {
                    try piece.withUnsafeReadableBytes { bytes throws(FileFault) in
                        try file.write(bytes, at: position)
                    }
                    position += Int64(piece.readableBytes)
                }
            }
        } catch {
            throw .file(error, path: name)
        }
    }

    /// Every byte of a range is written.
    func isThere(_ range: Range<UInt64>) {
        let first = Int(clamping: range.lowerBound / Self.partBytes)
        let end = Int(clamping: (range.upperBound + Self.partBytes - 1) / Self.partBytes)
        let isComplete = state.withLock { state in
            for part in first..<min(end, state.isThere.count) {
                state.isThere[part] = true
                // Not to know of a part costs fetching it again.
                try? parts.write([UInt8(ascii: "1")], at: Int64(Self.headBytes + part))
            }
            return !state.isThere.contains(false)
        }
        change.yield()
        if isComplete { change.finish() }
    }

    /// Nothing more will come.
    func stop() {
        state.withLock { $0.isStopped = true }
        change.finish()
    }

    /// Hashes from the beginning as far as parts are there, until all of them are.
    func hashAsTheyCome() async throws(FileFault) {
        try await hashOn()
        for await _ in changes { try await hashOn() }
        try await hashOn()
    }

    /// The digest of what is there, all of which has to be.
    func digest() async throws -> Digest {
        try await hashOn()
        let hashed = hashed.withLock { $0 }
        guard hashed.bytes == blob.size, try file.identity().size == Int64(clamping: blob.size) else {
            throw DistributionFault.wrongSize(blob.digest, expected: blob.size)
        }
        return try hashed.hash.distributionDigest(blob.digest.algorithm)
    }

    private func hashOn() async throws(FileFault) {
        while true {
            let done = hashed.withLock { $0.bytes }
            let part = Int(clamping: done / Self.partBytes)
            guard done < blob.size, state.withLock({ $0.isThere[part] && !$0.isStopped }) else { return }
            let (range, file, before) = (range(of: part), file, hashed.withLock { $0.hash })
            let after = try await TransferThreads.pool.runCancellable { flag throws(FileFault) in
                try Self.hash(range, of: file, before, flag)
            }
            hashed.withLock {
                $0.hash = after
                $0.bytes = range.upperBound
            }
        }
    }

    private static func hash(
        _ range: Range<UInt64>, of file: FileDescriptor, _ before: RunningHash, _ flag: CancellationFlag
    ) throws(FileFault) -> RunningHash {
        var hash = before
        var offset = Int64(clamping: range.lowerBound)
        let end = Int64(clamping: range.upperBound)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 64)
        defer { buffer.deallocate() }
        while offset < end {
            try flag.check(.hash)
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(readBytes, Int(end - offset))])
            guard try file.read(into: wanted, at: offset) == wanted.count else { throw FileFault(.hash, .changed) }
            hash.update(UnsafeRawBufferPointer(wanted))
            offset += Int64(wanted.count)
        }
        return hash
    }

    /// Gives the file its name; everything of it is on disk then.
    func finish(as newName: String, replacing: Bool) throws(FileFault) {
        try file.setPermissions(0o644)
        try file.sync()
        try folder.rename(name, to: folder, as: newName, mode: replacing ? .replace : .noReplace)
        try folder.sync()
        try? folder.removeFile(partsName)
    }

    /// Leaves nothing.
    func drop() throws(FileFault) {
        try folder.removeFile(name)
        try folder.removeFile(partsName)
    }
}
