import LinuxFiles
import OCI
import RegistryPorts
import Synchronization

/// The uploads that take parts: two files each, the bytes in their places and the list of what is there.
final class PartedUploads: Sendable {
    private let store: FilesystemStore
    private let pool: BlockingPool
    private let known = Mutex<[UploadID: PartedUpload]>([:])

    init(_ store: FilesystemStore, _ pool: BlockingPool) {
        self.store = store
        self.pool = pool
    }

    /// The upload, if this process heard of it.
    func known(_ id: UploadID) -> PartedUpload? { known.withLock { $0[id] } }

    /// The upload, also if an earlier process had it.
    func find(_ id: UploadID) async throws(StorageFault) -> PartedUpload? {
        if let upload = known(id) { return upload }
        let found = try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try self.read(id) }
        }
        guard let found else { return nil }
        return known.withLock { known in
            if let other = known[id] { return other }
            known[id] = found
            return found
        }
    }

    private func read(_ id: UploadID) throws(FileFault) -> PartedUpload? {
        let (content, list): (FileIdentity, FileDescriptor)
        do throws(FileFault) {
            content = try store.uploads.identity(of: PartedUpload.contentName(id.hex))
            list = try store.uploads.openFileForWriting(PartedUpload.listName(id.hex))
        } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
        guard content.kind == .regular, let parts = try PartList.read(list) else { return nil }
        // A file that is shorter than its list says is believed in nothing.
        let isWhole = parts.present.ranges.last?.upperBound ?? 0 <= UInt64(clamping: content.size)
        return PartedUpload(
            isWhole ? parts : UploadParts(total: parts.total), named: id.hex, in: store.uploads, pool)
    }

    /// Begins one that has no bytes. Blocks its thread.
    func make(_ id: UploadID, total: UInt64) throws(FileFault) -> PartedUpload {
        let parts = UploadParts(total: total)
        let list = try store.uploads.createFile(PartedUpload.listName(id.hex), permissions: 0o600)
        do throws(FileFault) {
            try PartList.write(parts, to: list)
            _ = try store.uploads.createFile(PartedUpload.contentName(id.hex), permissions: 0o600)
        } catch {
            try? store.uploads.removeFile(PartedUpload.listName(id.hex))
            throw error
        }
        let upload = PartedUpload(parts, named: id.hex, in: store.uploads, pool)
        known.withLock { $0[id] = upload }
        return upload
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
                return try self.store.uploads.openFileForWriting(PartedUpload.contentName(upload.name))
            }
        }
        upload.hashAhead(algorithm)
        return UploadPartFileWriter(
            range, missing: missing, of: upload, file, hold, hashing: algorithm, store: store, pool: pool)
    }

    /// Opens one for its end.
    func join(_ id: UploadID, hashing algorithm: Digest.Algorithm) async throws(StorageFault) -> any UploadWriter {
        guard let upload = try await find(id) else { throw .notFound }
        let hold = try upload.beginEnd()
        return JoinedUpload(upload, hold, hashing: algorithm, store: store, pool: pool) { [weak self] in
            self?.forget(id)
        }
    }

    /// Forgets one that is gone from the disk.
    func forget(_ id: UploadID) {
        known.withLock { _ = $0.removeValue(forKey: id) }
    }

    /// Whether somebody is at work on the upload of this name.
    func isBusy(named name: String) -> Bool {
        known.withLock { known in known.values.contains { $0.name == name && $0.isBusy } }
    }

    func forget(named name: String) {
        known.withLock { known in known = known.filter { $0.value.name != name } }
    }
}
