import LinuxFiles
import OCI
import RegistryPorts
import Synchronization

/// The uploads that take parts: two files each, the bytes in their places and the list of what is there.
final class PartedUploads: Sendable {
    private let store: FilesystemStore
    private let pool: BlockingPool
    /// Makes the names of files durable.
    private let sync: DirectorySync
    private let areEarlierNamesDurable = Atomic<Bool>(false)
    private let memory = Mutex(Memory())

    private struct Memory {
        /// By the names of their files.
        var known: [String: PartedUpload] = [:]
        /// How often one was forgotten: what was read of the disk before may be gone since.
        var forgotten: UInt64 = 0

        mutating func remember(_ upload: PartedUpload) -> PartedUpload {
            if let other = known[upload.name] { return other }
            known[upload.name] = upload
            return upload
        }
    }

    init(_ store: FilesystemStore, _ pool: BlockingPool) {
        self.store = store
        self.pool = pool
        sync = DirectorySync(store.uploads)
    }

    /// The upload, if this process heard of it.
    func known(_ id: UploadID) -> PartedUpload? { memory.withLock { $0.known[id.hex] } }

    /// The upload, also if an earlier process had it.
    func find(_ id: UploadID) async throws(StorageFault) -> PartedUpload? {
        if let upload = known(id) { return upload }
        return try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try self.find(named: id.hex) }
        }
    }

    /// The upload of this name. Blocks its thread.
    func find(named name: String) throws(FileFault) -> PartedUpload? {
        while true {
            let (known, forgotten) = memory.withLock { ($0.known[name], $0.forgotten) }
            if let known { return known }
            guard let found = try read(name) else { return nil }
            let upload = memory.withLock { memory -> PartedUpload? in
                memory.forgotten == forgotten ? memory.remember(found) : nil
            }
            if let upload { return upload }
        }
    }

    private func read(_ name: String) throws(FileFault) -> PartedUpload? {
        let (content, list): (FileIdentity, FileDescriptor)
        do throws(FileFault) {
            content = try store.uploads.identity(of: PartedUpload.contentName(name))
            list = try store.uploads.openFileForWriting(PartedUpload.listName(name))
        } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
        guard content.kind == .regular, let (parts, number) = try PartList.read(list) else { return nil }
        // A file that is shorter than its list says is believed in nothing.
        let isWhole = parts.present.ranges.last?.upperBound ?? 0 <= UInt64(clamping: content.size)
        return PartedUpload(
            isWhole ? parts : UploadParts(total: parts.total), number: number, named: name, in: store.uploads, pool)
    }

    /// Begins one that has no bytes. Blocks its thread.
    func make(_ id: UploadID, total: UInt64) throws(FileFault) -> PartedUpload {
        let parts = UploadParts(total: total)
        let (content, list) = (PartedUpload.contentName(id.hex), PartedUpload.listName(id.hex))
        let listFile = try store.uploads.createFile(list, permissions: 0o600)
        do throws(FileFault) {
            try PartList.write(parts, number: 0, to: listFile)
            _ = try store.uploads.createFile(content, permissions: 0o600)
            try sync.sync()
        } catch {
            for name in [content, list] { try? store.uploads.removeFile(name) }
            throw error
        }
        let upload = PartedUpload(parts, number: 0, named: id.hex, in: store.uploads, pool)
        return memory.withLock { $0.remember(upload) }
    }

    /// Opens a part.
    func open(
        _ range: Range<UInt64>, of upload: PartedUpload, hashing algorithm: HashAlgorithm
    ) async throws(StorageFault) -> any UploadPartWriter {
        let (missing, hold) = try upload.open(range)
        let count = missing.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
        let file = try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                try self.store.requireRoom(for: count)
                try self.syncEarlierNames()
                return try self.store.uploads.openFileForWriting(PartedUpload.contentName(upload.name))
            }
        }
        upload.hashAhead(algorithm)
        return UploadPartFileWriter(
            range, missing: missing, of: upload, file, hold, hashing: algorithm, store: store, pool: pool)
    }

    /// A process before this one may have been killed between making files and syncing their names.
    private func syncEarlierNames() throws(FileFault) {
        guard !areEarlierNamesDurable.load(ordering: .acquiring) else { return }
        try sync.sync()
        areEarlierNamesDurable.store(true, ordering: .releasing)
    }

    /// Opens one for its end.
    func join(_ id: UploadID, hashing algorithm: Digest.Algorithm) async throws(StorageFault) -> any UploadWriter {
        guard let upload = try await find(id) else { throw .notFound }
        let hold = try upload.beginEnd()
        return JoinedUpload(upload, hold, hashing: algorithm, store: store, pool: pool) { [weak self] in
            self?.forget(named: id.hex)
        }
    }

    /// Forgets one whose files are gone from where uploads are found.
    func forget(named name: String) {
        let upload = memory.withLock { memory in
            memory.forgotten &+= 1
            return memory.known.removeValue(forKey: name)
        }
        upload?.vanish()
    }
}
