import Glibc
import LinuxFiles
import OCI
import RegistryPorts
import Synchronization

/// Makes small blobs durable together: each is written a second time, into a file that has all its room already, and
/// one sync of that file answers for everybody who waits. The files of the blobs follow with all others of their file
/// system within seconds; until then a start after a power cut puts them right from here.
///
/// There are two segments of 8 MiB. One is written while what is in the other reaches the disk; where neither has room,
/// or the files could not be made, blobs are synced one by one. A segment that is empty begins with zeros.
final class BlobJournal: Sendable {
    private static let segmentBytes: Int64 = 8 << 20
    private static let folder = "journal"
    private static let names = ["a", "b"]
    /// How long a segment is written at least, unless it fills.
    private static let roundLength = Duration.seconds(2)

    /// Larger blobs are not worth writing twice.
    static let blobBytesMax = 64 << 10

    private struct Segment {
        let file: FileDescriptor
        let sync: DirectorySync
        var round = UInt64.random(in: .min ... .max)
        var end: Int64 = 0
        var blobs: Set<Digest> = []

        init(_ file: FileDescriptor) {
            self.file = file
            sync = DirectorySync { () throws(FileFault) in try file.syncData() }
        }

        mutating func begin() {
            // Of what is left behind the end nothing has this number.
            round = .random(in: .min ... .max)
            end = 0
            blobs = []
        }
    }

    private struct State {
        /// Empty until both are there in their full length.
        var segments: [Segment] = []
        var current = 0
        var isMaking = false
        var isClosed = false

        mutating func write(
            _ blob: Digest, _ receipt: [UInt8]?, _ bytes: [UInt8], _ length: Int64
        ) throws(FileFault) -> (DirectorySync, end: Int64)? {
            guard segments.indices.contains(current) else { return nil }
            let at = segments[current].end
            let record = JournalRecord(
                round: segments[current].round, digest: blob, receipt: receipt, bytes: bytes)
            guard at + length <= segmentBytes, let header = record.header else { return nil }
            try segments[current].file.write(header + bytes, at: at)
            segments[current].end = at + length
            segments[current].blobs.insert(blob)
            return (segments[current].sync, at + length)
        }

        /// Lets the segment be written that is empty.
        ///
        /// - Returns: the one that is not; `nil` when both are.
        mutating func turn() -> (Int, FileDescriptor)? {
            guard let full = segments.indices.first(where: { segments[$0].end > 0 }) else { return nil }
            current = 1 - full
            return (full, segments[full].file)
        }
    }

    private let directory: Directory
    private let state = Mutex(State())
    /// Held while a segment is emptied: one at a time.
    private let emptying = Mutex(())
    private let pool = BlockingPool(threadsMax: 1, waitingMax: 16)

    /// Opens the journal and puts right what a power cut left of the blobs in it.
    ///
    /// - Parameter restore: makes sure that a blob is in the store.
    init(
        in store: Directory, restoring restore: (JournalRecord) throws(FileFault) -> Void
    ) throws(FileFault) {
        directory = try store.subdirectory(making: Self.folder, permissions: 0o700)
        var files: [FileDescriptor] = []
        for name in Self.names {
            if let file = try Self.open(name, in: directory) { files.append(file) }
        }
        var isEmpty = true
        for file in files {
            try JournalRecord.each(in: file, bytesMax: Self.segmentBytes) { record throws(FileFault) in
                isEmpty = false
                try restore(record)
            }
        }
        if !isEmpty {
            // What was found whole may be in memory alone.
            try directory.syncFileSystem()
            for file in files { try Self.clear(file) }
        }
        let sizes = try files.map { file throws(FileFault) in try file.identity().size }
        if sizes == Self.names.map({ _ in Self.segmentBytes }) {
            state.withLock { $0.segments = files.map { Segment($0) } }
        }
    }

    /// Writes a blob that has its name already, and returns when a power cut cannot take it any more.
    ///
    /// - Returns: `false` where it has to be synced in another way.
    /// - Throws: `.syncFailed` and other faults of writing.
    func keep(_ blob: Digest, _ receipt: [UInt8]?, _ bytes: [UInt8]) throws(FileFault) -> Bool {
        let length = Int64(JournalRecord.length(of: bytes.count))
        let written = try state.withLock { state throws(FileFault) -> (DirectorySync, end: Int64)? in
            guard !state.isClosed else { return nil }
            // Under the lock: a reader stops at the first gap.
            return try state.write(blob, receipt, bytes, length)
        }
        guard let (sync, end) = written else {
            makeSegments()
            return false
        }
        let half = Self.segmentBytes / 2
        if end == length { empty(after: Self.roundLength) }
        if end >= half, end - length < half { empty(after: .zero) }
        try sync.sync()
        return true
    }

    /// Whether the file of a blob may not be on the disk yet.
    func answers(for blob: Digest) -> Bool {
        state.withLock { state in state.segments.contains { $0.blobs.contains(blob) } }
    }

    /// Takes no more, and empties what is in it: the next start has nothing to do.
    func close() {
        state.withLock { $0.isClosed = true }
        // What does not succeed now is the next start's.
        for _ in Self.names { try? emptyNow() }
    }

    private func empty(after delay: Duration) {
        // A journal that nobody uses any more lets go of its files at once.
        Task { [weak self] in
            try? await Task.sleep(for: delay)
            guard let self else { return }
            // A sync that fails ends the process (`FailedSync`); what is in the journal stays in it.
            try? await self.pool.run { () throws(FileFault) in try self.emptyNow() }
        }
    }

    /// Has the files of all blobs in the segment that is written reach the disk, and lets it be written from its
    /// beginning. Meanwhile the other one is written.
    private func emptyNow() throws(FileFault) {
        try emptying.withLock { _ throws(FileFault) in
            guard let (full, file) = state.withLock({ $0.turn() }) else { return }
            try directory.syncFileSystem()
            try Self.clear(file)
            state.withLock { $0.segments[full].begin() }
        }
    }

    private static func open(_ name: String, in directory: Directory) throws(FileFault) -> FileDescriptor? {
        do throws(FileFault) { return try directory.openFileForWriting(name) } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }

    private static func clear(_ file: FileDescriptor) throws(FileFault) {
        try file.write([UInt8](repeating: 0, count: 8), at: 0)
    }

    /// Has both files made, beside everything else. Where that fails there is no journal until the next start.
    private func makeSegments() {
        let isOurs = state.withLock { state in
            guard state.segments.isEmpty, !state.isMaking, !state.isClosed else { return false }
            state.isMaking = true
            return true
        }
        guard isOurs else { return }
        Task {
            try? await pool.run { () throws(FileFault) in
                let room = UInt64(Self.segmentBytes) * 8 + FilesystemBlobStore.reserveBytes
                guard try self.directory.freeSpace().bytes >= room else { return }
                let files = try Self.names.map { name throws(FileFault) in try Self.make(name, in: self.directory) }
                try self.directory.sync()
                self.state.withLock { $0.segments = files.map { Segment($0) } }
            }
        }
    }

    /// A file that has all its room on the disk, so that writing into it changes nothing but its content.
    private static func make(_ name: String, in directory: Directory) throws(FileFault) -> FileDescriptor {
        let file: FileDescriptor
        if let earlier = try open(name, in: directory) {
            file = earlier
        } else {
            file = try directory.createFile(name, permissions: 0o600)
        }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for offset in stride(from: 0, to: segmentBytes, by: zeros.count) { try file.write(zeros, at: offset) }
        try file.truncate(to: segmentBytes)
        try file.sync()
        return file
    }
}
