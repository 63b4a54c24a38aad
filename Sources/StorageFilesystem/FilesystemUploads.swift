import Crypto
import LinuxFiles
import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Uploads as one growing file each. What arrived is kept over restarts; it is hashed again when an upload goes on.
///
/// The size of the file is the offset to go on from. That is honest after a power cut too: file systems raise the size
/// that they record of a growing file only after its bytes are on the disk, and the digest at the end has the last
/// word.
public final class FilesystemUploads: UploadStore {
    /// Most uploads that are not finished.
    public static let uploadsMax = 10_000

    private let store: FilesystemStore
    private let directory: Directory
    private let pool: BlockingPool
    private let open = Mutex<Set<UploadID>>([])

    /// - Parameter writers: uploads that write and hash at the same moment.
    public init(_ store: FilesystemStore, writers: Int) {
        self.store = store
        directory = store.uploads
        pool = BlockingPool(threadsMax: writers, waitingMax: 4_096)
    }

    public func offset(of id: UploadID) async throws(StorageFault) -> UInt64? {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                return UInt64(clamping: try self.directory.identity(of: id.hex).size)
            } catch {
                if error.kind == .notFound { return nil }
                throw StorageFault(error)
            }
        }
    }

    public func resume(
        _ id: UploadID, at offset: UInt64, expecting total: UInt64?
    ) async throws(StorageFault) -> any UploadWriter {
        guard open.withLock({ $0.insert(id).inserted }) else { throw .changed }
        do throws(StorageFault) {
            let growing = try await pool.runCancellable { flag throws(StorageFault) in
                try storing { () throws(FileFault) in
                    if let total, total > offset { try self.store.requireRoom(for: total - offset) }
                    return try self.openNow(id, at: offset, flag)
                }
            }
            growing.whenReleased { [weak self] in self?.open.withLock { _ = $0.remove(id) } }
            return UploadFileWriter(growing, name: id.hex, offset: offset, store: store, pool: pool)
        } catch {
            open.withLock { _ = $0.remove(id) }
            throw error
        }
    }

    private func openNow(
        _ id: UploadID, at offset: UInt64, _ flag: CancellationFlag
    ) throws(FileFault) -> GrowingFile {
        guard let size = Int64(exactly: offset) else { throw FileFault(.open, .notFound) }
        let file: FileDescriptor
        do throws(FileFault) {
            file = try directory.openFileForWriting(id.hex)
        } catch {
            guard error.kind == .notFound, offset == 0 else { throw error }
            guard try directory.entries(entriesMax: Self.uploadsMax * 2).count < Self.uploadsMax else {
                throw FileFault(.create, .noSpace)
            }
            return GrowingFile(try directory.createFile(id.hex, permissions: 0o600))
        }
        guard try file.identity().size >= size else { throw FileFault(.open, .notFound) }
        try file.truncate(to: size)
        return try GrowingFile(file, hashingUpTo: size, flag)
    }

    public func discard(_ id: UploadID) async throws(StorageFault) {
        guard open.withLock({ $0.insert(id).inserted }) else { throw .changed }
        defer { open.withLock { _ = $0.remove(id) } }
        try await pool.run { () throws(StorageFault) in try self.remove(id.hex) }
    }

    public func discard(idleSince time: Timestamp) async throws(StorageFault) -> Int {
        try await pool.run { () throws(StorageFault) in
            let names = try storing { () throws(FileFault) in
                try self.directory.entries(entriesMax: Self.uploadsMax * 2).compactMap(\.name)
            }
            var count = 0
            for name in names {
                guard let identity = try? self.directory.identity(of: name),
                    identity.modified.seconds < time.milliseconds / 1_000,
                    self.open.withLock({ open in !open.contains { $0.hex == name } })
                else { continue }
                try self.remove(name)
                count += 1
            }
            return count
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

/// A file that grows at its end, and the SHA-256 of all that is in it.
///
/// `@unchecked Sendable`: the writer of an upload has at most one batch under way, so one thread at a time is here.
final class GrowingFile: @unchecked Sendable {
    let file: FileDescriptor
    private var hash = SHA256()
    private var released: (@Sendable () -> Void)?

    init(_ file: FileDescriptor) {
        self.file = file
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

    /// Takes up a file whose first `size` bytes are already there.
    init(_ file: FileDescriptor, hashingUpTo size: Int64, _ flag: CancellationFlag) throws(FileFault) {
        self.file = file
        var position: Int64 = 0
        while position < size {
            if flag.isCancelled { throw FileFault(.hash, .cancelled) }
            let bytes = try file.read(position..<min(size, position + 1 << 20))
            hash.update(data: bytes)
            position += Int64(bytes.count)
        }
    }

    func append(_ bytes: [UInt8], at offset: UInt64) throws(FileFault) {
        guard let position = Int64(exactly: offset) else { throw FileFault(.write, .limitExceeded) }
        try file.write(bytes, at: position)
        hash.update(data: bytes)
    }

    func digest() -> [UInt8] {
        Array(hash.finalize())
    }
}
