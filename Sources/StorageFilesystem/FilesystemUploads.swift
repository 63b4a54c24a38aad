import LinuxFiles
public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Uploads as one growing file each. What arrived is kept over restarts; it is hashed again only after one. An upload
/// that was begun is remembered in memory until its first bytes come.
///
/// The size of the file is the offset to go on from. That is honest after a power cut too: file systems raise the size
/// that they record of a growing file only after its bytes are on the disk, and the digest at the end has the last
/// word. Uploads that take parts are two files, and the list of what is there counts, not the size.
public final class FilesystemUploads: UploadStore {
    /// Most uploads that are not finished.
    public static let uploadsMax = 10_000
    /// Two of each at most, and notes of those that end; of those that ended a list may be left.
    static let filesMax = uploadsMax * 4

    private let store: FilesystemStore
    private let directory: Directory
    private let pool: BlockingPool
    private let clock: any WallClock
    /// Names of uploads that one writer has, or that are being removed.
    private let open = Mutex<Set<String>>([])
    private let suspended = SuspendedHashes()
    private let parted: PartedUploads
    private let parting = Mutex<[UploadID: Task<Result<PartedUpload, StorageFault>, Never>]>([:])
    private let census = Mutex(Census())

    private struct Census {
        /// Uploads that have no file yet, and when they were begun: most end with their first bytes, which then never
        /// were in a file of their own.
        var begun: [UploadID: Timestamp] = [:]
        /// How many there were when they were counted, and how many were made since; those that ended are still in it.
        var count: Int?

        /// - Returns: `false` where they have to be counted first.
        mutating func countOne() -> Bool {
            guard let known = count, known < FilesystemUploads.uploadsMax else { return false }
            count = known + 1
            return true
        }
    }

    /// - Parameters:
    ///   - writers: uploads that write and hash at the same moment.
    ///   - clock: says when an upload was begun, as the file system says it of files.
    public init(_ store: FilesystemStore, writers: Int, clock: any WallClock) {
        self.store = store
        self.clock = clock
        directory = store.uploads
        pool = BlockingPool(threadsMax: writers, waitingMax: 4_096)
        parted = PartedUploads(store, pool)
    }

    public func create(_ id: UploadID) async throws(StorageFault) {
        guard try await offset(of: id) == nil else { throw .changed }
        if !census.withLock({ $0.countOne() }) {
            try await pool.run { () throws(StorageFault) in
                try storing { () throws(FileFault) in try self.countAll() }
            }
        }
        let now = clock.now()
        let isNew = census.withLock { $0.begun.updateValue(now, forKey: id) == nil }
        guard isNew else { throw .changed }
    }

    private func createNow(_ id: UploadID) throws(FileFault) -> FileDescriptor {
        let isCounted = census.withLock { $0.begun[id] != nil || $0.countOne() }
        if !isCounted { try countAll() }
        let file = try directory.createFile(id.hex, permissions: 0o600)
        census.withLock { _ = $0.begun.removeValue(forKey: id) }
        return file
    }

    /// Counts those that there are, and one more. Many may have ended since they were counted.
    ///
    /// - Throws: `.noSpace` when there are too many.
    private func countAll() throws(FileFault) {
        let files = try namesByUpload().count
        let isRoom = census.withLock { census in
            census.count = files + census.begun.count
            return census.countOne()
        }
        guard isRoom else { throw FileFault(.create, .noSpace) }
    }

    /// The names of files, by the upload that they are of.
    private func namesByUpload() throws(FileFault) -> [String: [String]] {
        let names = try directory.entries(entriesMax: Self.filesMax).compactMap(\.name)
        return Dictionary(grouping: names) { name in String(name.prefix { $0 != "." }) }
    }

    /// One stat(2): quick enough to be done where it is asked for.
    public func offset(of id: UploadID) async throws(StorageFault) -> UInt64? {
        if census.withLock({ $0.begun[id] != nil }) { return 0 }
        do throws(FileFault) {
            return UInt64(clamping: try directory.identity(of: id.hex).size)
        } catch {
            if error.kind == .notFound { return nil }
            throw StorageFault(error)
        }
    }

    public func resume(
        _ id: UploadID, at offset: UInt64, expecting total: UInt64?, hashing algorithm: Digest.Algorithm
    ) async throws(StorageFault) -> any UploadWriter {
        guard open.withLock({ $0.insert(id.hex).inserted }) else { throw .changed }
        do throws(StorageFault) {
            guard parted.known(id) == nil else { throw StorageFault.changed }
            let growing = try await pool.runCancellable { flag throws(StorageFault) in
                try storing { () throws(FileFault) in
                    if let total, total > offset { try self.store.requireRoom(for: total - offset) }
                    return try self.openNow(id, at: offset, HashAlgorithm(algorithm), flag)
                }
            }
            growing.whenReleased { [weak self] in self?.open.withLock { _ = $0.remove(id.hex) } }
            return UploadFileWriter(
                growing, name: id.hex, offset: offset, algorithm: algorithm, store: store, pool: pool
            ) { [weak self] hash in self?.suspended.remember(hash, of: id) }
        } catch {
            open.withLock { _ = $0.remove(id.hex) }
            throw error
        }
    }

    private func openNow(
        _ id: UploadID, at offset: UInt64, _ algorithm: HashAlgorithm, _ flag: CancellationFlag
    ) throws(FileFault) -> GrowingFile {
        guard let size = Int64(exactly: offset) else { throw FileFault(.open, .notFound) }
        let known = suspended.take(id)
        let file: FileDescriptor
        do throws(FileFault) {
            file = try directory.openFileForWriting(id.hex)
        } catch {
            guard error.kind == .notFound, offset == 0 else { throw error }
            return GrowingFile(try createNow(id), RunningHash(algorithm), hashedBytes: 0)
        }
        let identity = try file.identity()
        guard identity.size >= size else {
            if let known { suspended.remember(known, of: id) }
            throw FileFault(.open, .notFound)
        }
        if let known, known.hash.algorithm == algorithm, identity.size == size,
            identity.isUntouched(since: known.file)
        {
            return GrowingFile(file, known.hash, hashedBytes: size)
        }
        if identity.size > size { try file.truncate(to: size) }
        return try GrowingFile(file, reading: size, algorithm, flag)
    }

    public func parts(of id: UploadID) async throws(StorageFault) -> UploadParts? {
        if census.withLock({ $0.begun[id] != nil }) { return nil }
        return try await parted.find(id)?.parts
    }

    public func openPart(
        _ range: Range<UInt64>, of id: UploadID, total: UInt64, hashing algorithm: Digest.Algorithm
    ) async throws(StorageFault) -> any UploadPartWriter {
        guard !range.isEmpty, range.upperBound <= total, Int64(exactly: total) != nil else { throw .changed }
        let found: PartedUpload
        if let known = try await parted.find(id) { found = known } else { found = try await part(id, total: total) }
        guard found.total == total else { throw .changed }
        return try await parted.open(range, of: found, hashing: HashAlgorithm(algorithm))
    }

    /// Makes an upload that has no bytes one that takes parts, once for all whose part is the first.
    private func part(_ id: UploadID, total: UInt64) async throws(StorageFault) -> PartedUpload {
        let task = parting.withLock { parting in
            if let task = parting[id] { return task }
            let task = Task { () -> Result<PartedUpload, StorageFault> in
                let made: Result<PartedUpload, StorageFault>
                do throws(StorageFault) {
                    made = .success(try await self.partNow(id, total: total))
                } catch {
                    made = .failure(error)
                }
                self.parting.withLock { _ = $0.removeValue(forKey: id) }
                return made
            }
            parting[id] = task
            return task
        }
        return try await task.value.get()
    }

    private func partNow(_ id: UploadID, total: UInt64) async throws(StorageFault) -> PartedUpload {
        // Nobody sends its bytes in order meanwhile.
        guard open.withLock({ $0.insert(id.hex).inserted }) else { throw .changed }
        defer { open.withLock { _ = $0.remove(id.hex) } }
        if let known = parted.known(id) { return known }
        // It ended, or was given up, after whoever sends this part had looked.
        guard let offset = try await offset(of: id) else { throw .notFound }
        guard offset == 0 else { throw .changed }
        return try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                try self.store.requireRoom(for: total)
                try self.remove(emptyFile: id.hex)
                let isCounted = self.census.withLock { $0.begun[id] != nil || $0.countOne() }
                if !isCounted { try self.countAll() }
                let made = try self.parted.make(id, total: total)
                self.census.withLock { _ = $0.begun.removeValue(forKey: id) }
                return made
            }
        }
    }

    /// A request without bytes may have made a file.
    private func remove(emptyFile name: String) throws(FileFault) {
        do throws(FileFault) { try directory.removeFile(name) } catch {
            guard error.kind == .notFound else { throw error }
        }
    }

    public func join(_ id: UploadID, hashing algorithm: Digest.Algorithm) async throws(StorageFault) -> any UploadWriter
    {
        try await parted.join(id, hashing: algorithm)
    }

    public func discard(_ id: UploadID) async throws(StorageFault) {
        guard open.withLock({ $0.insert(id.hex).inserted }) else { throw .changed }
        defer { open.withLock { _ = $0.remove(id.hex) } }
        // Nobody makes its files meanwhile.
        if census.withLock({ $0.begun.removeValue(forKey: id) != nil }) { return }
        if let upload = try await parted.find(id) {
            let hold = try upload.beginDiscard()
            defer { hold.release() }
            return try await pool.run { () throws(StorageFault) in try self.remove(parted: id.hex) }
        }
        _ = suspended.take(id)
        try await pool.run { () throws(StorageFault) in try self.remove(id.hex) }
    }

    public func discard(idleSince time: Timestamp) async throws(StorageFault) -> Int {
        try await pool.run { () throws(StorageFault) in
            let idle = try self.idle(since: time)
            return self.forgetBegun(before: time) + (try self.discard(idle, idleSince: time))
        }
    }

    /// Uploads whose files nobody wrote to since `time`: the names of their files, by upload. Blocks its thread.
    package func idle(since time: Timestamp) throws(StorageFault) -> [String: [String]] {
        try storing { () throws(FileFault) in try namesByUpload() }.filter { areIdle($0.value, since: time) }
    }

    /// Removes those that are idle still. Blocks its thread.
    ///
    /// - Parameter uploads: what `idle` gave.
    /// - Returns: how many went.
    package func discard(
        _ uploads: [String: [String]], idleSince time: Timestamp
    ) throws(StorageFault) -> Int {
        var count = 0
        for (upload, names) in uploads {
            if try discardNow(upload, names, idleSince: time) { count += 1 }
        }
        return count
    }

    /// - Returns: `false` for an upload that somebody is at work on, or was since it was looked at.
    private func discardNow(
        _ upload: String, _ names: [String], idleSince time: Timestamp
    ) throws(StorageFault) -> Bool {
        guard open.withLock({ $0.insert(upload).inserted }) else { return false }
        defer { open.withLock { _ = $0.remove(upload) } }
        var hold: UploadHold?
        if names.contains(PartedUpload.contentName(upload)),
            let found = try storing({ () throws(FileFault) in try parted.find(named: upload) })
        {
            do throws(StorageFault) { hold = try found.beginDiscard() } catch { return false }
        }
        defer { hold?.release() }
        // Nobody writes to it from here on.
        guard areIdle(names, since: time) else { return false }
        suspended.forget(named: upload)
        if names != [upload] { try remove(parted: upload) }
        for name in names { try remove(name) }
        return true
    }

    /// Whether some of these files are there, and nobody wrote to any since `time`.
    private func areIdle(_ names: [String], since time: Timestamp) -> Bool {
        let times = names.compactMap { name in try? directory.identity(of: name).modified.seconds }
        return times.max().map { $0 < time.milliseconds / 1_000 } ?? false
    }

    /// Removes the files of an upload that takes parts, and forgets it after that: until then whoever looks for it
    /// finds the one that nobody can open.
    private func remove(parted upload: String) throws(StorageFault) {
        for name in [PartedUpload.contentName(upload), PartedUpload.listName(upload)] { try remove(name) }
        parted.forget(named: upload)
    }

    private func forgetBegun(before time: Timestamp) -> Int {
        let busy = open.withLock { $0 }
        return census.withLock { census in
            let kept = census.begun.filter { $0.value >= time || busy.contains($0.key.hex) }
            defer { census.begun = kept }
            return census.begun.count - kept.count
        }
    }

    private func remove(_ name: String) throws(StorageFault) {
        do throws(FileFault) {
            try directory.removeTree(name)
        } catch {
            guard error.kind == .notFound else { throw StorageFault(error) }
        }
    }
}
