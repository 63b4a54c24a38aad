import Crypto
import LinuxFiles
import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Uploads as one growing file each. What arrived is kept over restarts; it is hashed again when an upload goes on.
public final class FilesystemUploads: UploadStore {
    /// Most uploads that are not finished.
    public static let uploadsMax = 10_000

    private let directory: Directory
    private let pool: BlockingPool
    private let open = Mutex<Set<UploadID>>([])

    /// - Parameter writers: uploads that write and hash at the same moment.
    public init(_ store: FilesystemStore, writers: Int) {
        directory = store.uploads
        pool = BlockingPool(threadsMax: writers, waitingMax: 4_096)
    }

    public func offset(of id: UploadID) async throws(StorageFault) -> UInt64? {
        do throws(FileFault) {
            return UInt64(clamping: try directory.identity(of: id.hex).size)
        } catch {
            if error.kind == .notFound { return nil }
            throw StorageFault(error)
        }
    }

    public func resume(_ id: UploadID, at offset: UInt64) async throws(StorageFault) -> any UploadWriter {
        guard open.withLock({ $0.insert(id).inserted }) else { throw .changed }
        do throws(StorageFault) {
            let directory = directory
            let (file, hash) = try await pool.run { () throws(StorageFault) in
                try Self.openNow(id, at: offset, in: directory)
            }
            return Writer(
                file: file, name: id.hex, directory: directory, hash: hash, offset: offset, pool: pool,
                closed: { [weak self] in self?.open.withLock { _ = $0.remove(id) } })
        } catch {
            open.withLock { _ = $0.remove(id) }
            throw error
        }
    }

    private static func openNow(
        _ id: UploadID, at offset: UInt64, in directory: Directory
    ) throws(StorageFault) -> (FileDescriptor, SHA256) {
        try storing { () throws(FileFault) in
            let size = Int64(clamping: offset)
            let file: FileDescriptor
            do throws(FileFault) {
                file = try directory.openFileForWriting(id.hex)
            } catch {
                guard error.kind == .notFound, offset == 0 else { throw error }
                guard try directory.entries(entriesMax: uploadsMax * 2).count < uploadsMax else {
                    throw FileFault(.create, .noSpace)
                }
                return (try directory.createFile(id.hex, permissions: 0o600), SHA256())
            }
            guard try file.identity().size >= size else { throw FileFault(.open, .notFound) }
            try file.truncate(to: size)
            var hash = SHA256()
            var position: Int64 = 0
            while position < size {
                let bytes = try file.read(position..<min(size, position + 1 << 20))
                guard !bytes.isEmpty else { throw FileFault(.read, .changed) }
                hash.update(data: bytes)
                position += Int64(bytes.count)
            }
            return (file, hash)
        }
    }

    public func discard(_ id: UploadID) async throws(StorageFault) {
        guard open.withLock({ !$0.contains(id) }) else { throw .changed }
        try Self.remove(id.hex, in: directory)
    }

    public func discard(idleSince time: Timestamp) async throws(StorageFault) -> Int {
        let names = try storing { () throws(FileFault) in
            try directory.entries(entriesMax: Self.uploadsMax * 2).compactMap(\.name)
        }
        let busy = Set(open.withLock { $0 }.map(\.hex))
        var count = 0
        for name in names where !busy.contains(name) {
            let identity = try storing { () throws(FileFault) in try directory.identity(of: name) }
            guard identity.modified.seconds < time.milliseconds / 1_000 else { continue }
            try Self.remove(name, in: directory)
            count += 1
        }
        return count
    }

    private static func remove(_ name: String, in directory: Directory) throws(StorageFault) {
        do throws(FileFault) {
            try directory.removeFile(name)
        } catch {
            guard error.kind == .notFound else { throw StorageFault(error) }
        }
    }

    /// Writes and hashes what arrives on the pool's threads: the connection's thread never waits for the disk. Pieces
    /// are gathered to about a mebibyte.
    private actor Writer: UploadWriter {
        private static let batchBytes = 1 << 20

        private let file: FileDescriptor
        private let name: String
        private let directory: Directory
        private let pool: BlockingPool
        private let closed: @Sendable () -> Void
        private var hash: SHA256
        private var written: UInt64
        private var batch: [UInt8] = []

        init(
            file: FileDescriptor, name: String, directory: Directory, hash: SHA256, offset: UInt64,
            pool: BlockingPool, closed: @escaping @Sendable () -> Void
        ) {
            self.file = file
            self.name = name
            self.directory = directory
            self.hash = hash
            self.pool = pool
            self.closed = closed
            written = offset
        }

        deinit { closed() }

        var offset: UInt64 { written + UInt64(batch.count) }

        func append(_ bytes: [UInt8]) async throws(StorageFault) {
            batch.append(contentsOf: bytes)
            if batch.count >= Self.batchBytes { try await flush() }
        }

        func suspend() async throws(StorageFault) {
            try await flush()
        }

        func finish() async throws(StorageFault) -> any StagedBlob {
            try await flush()
            let (file, name, directory) = (file, name, directory)
            // Nobody else can name the upload from here on; what was received goes on without a name of its own.
            let staged = try await pool.run { () throws(StorageFault) in
                try storing { () throws(FileFault) in
                    try file.setPermissions(0o444)
                    return StagedFile(adopting: file, name: name, in: directory)
                }
            }
            return StagedBytes(
                staged, sizeBytes: written, digest: try Digest(stored: Array(hash.finalize())))
        }

        private func flush() async throws(StorageFault) {
            guard !batch.isEmpty else { return }
            let (file, bytes, position) = (file, batch, written)
            batch = []
            var next = hash
            next = try await pool.run { [next] () throws(StorageFault) in
                try storing { () throws(FileFault) in
                    try file.write(bytes, at: Int64(clamping: position))
                    var hash = next
                    hash.update(data: bytes)
                    return hash
                }
            }
            hash = next
            written += UInt64(bytes.count)
        }
    }
}
