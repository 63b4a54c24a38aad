import LinuxFiles
public import OCI
public import RegistryPorts

/// Blobs as files under their digests, and the staging that leads there.
///
/// The order is: write or share, hash, fsync, link under the digest, fsync the folder. A crash before the link leaves
/// nothing (or a file in staging that the next start removes); after it, an orphan that collection removes. Small blobs
/// go another way: the file first, then the journal, by which a start puts right what a power cut left of it.
public struct FilesystemBlobStore: BlobStore {
    /// Left free when bytes are taken in, so that the log can still be written: a revocation needs room.
    public static let reserveBytes: UInt64 = 64 << 20

    let store: FilesystemStore
    let pool: BlockingPool
    let budget: BandwidthBudget?

    /// - Parameters:
    ///   - readers: long reads at a time.
    ///   - backgroundBytesPerSecond: of all background reads together; 0 for no bound.
    public init(_ store: FilesystemStore, readers: Int, backgroundBytesPerSecond: UInt64) throws(StorageFault) {
        self.store = store
        pool = BlockingPool(threadsMax: readers, waitingMax: 4_096)
        budget = backgroundBytesPerSecond == 0 ? nil : BandwidthBudget(bytesPerSecond: backgroundBytesPerSecond)
    }

    var folders: BlobFolders { store.folders }

    /// As quick as `identity(of:)`.
    public func open(_ digest: Digest) async throws(StorageFault) -> (any OpenedBlob)? {
        do throws(FileFault) {
            let opened = try folders.folder(of: digest).directory.openIdentified(digest.hex)
            return OpenFile(opened.file, opened.identity)
        } catch {
            switch error.kind {
            case .notFound: return nil
            case .escapes, .notRegular, .isDirectory: throw .corrupted(reason: error.description)
            default: throw StorageFault(error)
            }
        }
    }

    /// One stat(2): quick enough to be done where it is asked for.
    public func identity(of digest: Digest) async throws(StorageFault) -> BlobIdentity? {
        let identity = try storing { () throws(FileFault) in try folders.identity(of: digest) }
        guard let identity, identity.kind == .regular else { return nil }
        return BlobIdentity(identity)
    }

    public func blobs(after digest: Digest?, limit: Int) async throws(StorageFault) -> [StoredBlob] {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try folders.list(after: digest, limit: limit) }
        }
    }

    public func remove(_ digest: Digest) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                let folder = try folders.folder(of: digest)
                do throws(FileFault) { try folder.directory.removeFile(digest.hex) } catch {
                    guard error.kind == .notFound else { throw error }
                }
                // Also of a blob that is gone already: whoever removed it may have been stopped before this.
                try folder.sync.sync()
            } catch {
                guard error.kind == .notFound else { throw StorageFault(error) }
            }
        }
    }

    public func discardLeftovers() async throws(StorageFault) -> UInt64 {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try store.staging.discardLeftovers() }
        }
    }

    public func freeBytes() async throws(StorageFault) -> UInt64 {
        try storing { () throws(FileFault) in try store.store.freeSpace().bytes }
    }
}

extension FilesystemStore {
    /// - Throws: `.noSpace` when taking in `bytes` would not leave the reserve.
    func requireRoom(for bytes: UInt64) throws(FileFault) {
        let (needed, overflow) = bytes.addingReportingOverflow(FilesystemBlobStore.reserveBytes)
        guard !overflow, try staging.directory.freeSpace().bytes >= needed else { throw FileFault(.space, .noSpace) }
    }
}
