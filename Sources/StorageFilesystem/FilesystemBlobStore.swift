import LinuxFiles
public import OCI
public import RegistryPorts

/// Blobs as files under their digests, and the staging that leads there.
///
/// The order is: write or share, hash, fsync, link under the digest, fsync the folder. A crash before the link leaves
/// nothing (or a file in staging that the next start removes); after it, an orphan that collection removes.
public struct FilesystemBlobStore: BlobStore {
    /// Left free when bytes are taken in, so that the log can still be written: a revocation needs room.
    public static let reserveBytes: UInt64 = 64 << 20

    private let store: FilesystemStore
    private let folders: BlobFolders
    private let pool: BlockingPool
    private let budget: BandwidthBudget?

    /// - Parameters:
    ///   - readers: long reads at a time.
    ///   - backgroundBytesPerSecond: of all background reads together; 0 for no bound.
    public init(_ store: FilesystemStore, readers: Int, backgroundBytesPerSecond: UInt64) throws(StorageFault) {
        self.store = store
        folders = try storing { () throws(FileFault) in try BlobFolders(store.blobs) }
        pool = BlockingPool(threadsMax: readers, waitingMax: 4_096)
        budget = backgroundBytesPerSecond == 0 ? nil : BandwidthBudget(bytesPerSecond: backgroundBytesPerSecond)
    }

    public func stage(_ source: any LocalFile) async throws(StorageFault) -> any StagedBlob {
        try await pool.run { () throws(StorageFault) in try stageNow(source) }
    }

    private func stageNow(_ source: any LocalFile) throws(StorageFault) -> StagedBytes {
        try storingOrStorage {
            let from = try source.withDescriptor { number in try FileDescriptor(duplicating: number) }
            let before = try from.identity()
            let staged = try StagedFile(in: store.staging, permissions: 0o444)
            do throws(FileFault) {
                try staged.descriptor.shareBlocks(of: from)
                // The blocks were shared in one step; what was written to the source since is not in them.
                let size = try staged.descriptor.identity().size
                guard size == before.size else { throw FileFault(.copy, .changed) }
                return StagedBytes(staged, sizeBytes: UInt64(clamping: size), digest: nil)
            } catch {
                guard error.kind == .unsupported || error.kind == .other else { throw error }
            }
            try requireRoom(for: UInt64(clamping: before.size))
            var request = HashRequest()
            request.copy = staged.descriptor
            let result = try HashPass.run(over: from, request)
            guard let digest = try? Digest(sha256: result.digest) else { throw FileFault(.hash, .other) }
            return StagedBytes(staged, sizeBytes: UInt64(clamping: result.size), digest: digest)
        }
    }

    public func stage(_ bytes: [UInt8]) async throws(StorageFault) -> any StagedBlob {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                try requireRoom(for: UInt64(bytes.count))
                let staged = try StagedFile(in: store.staging, permissions: 0o444)
                try staged.descriptor.write(bytes, at: 0)
                return StagedBytes(staged, sizeBytes: UInt64(bytes.count), digest: nil)
            }
        }
    }

    public func keep(
        _ staged: any StagedBlob, expecting expected: Digest?, hashing ranges: [Range<UInt64>],
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> KeptBlob {
        guard let staged = staged as? StagedBytes else { throw .unavailable(reason: "staged elsewhere") }
        return try await pool.run { () throws(StorageFault) in
            let (digest, rangeDigests) = try hash(staged, ranges, progress)
            if let expected, expected != digest { throw .digestMismatch(actual: digest) }
            return try storing { () throws(FileFault) in
                try staged.file.descriptor.sync()
                let identity = try publish(staged, as: digest)
                return KeptBlob(
                    digest: digest, sizeBytes: staged.sizeBytes, rangeDigests: rangeDigests,
                    identity: BlobIdentity(identity))
            }
        }
    }

    /// Gives hashed and synced bytes their name. A file that has the name already keeps it if it holds the same bytes;
    /// one that rotted is replaced.
    private func publish(_ staged: StagedBytes, as digest: Digest) throws(FileFault) -> FileIdentity {
        let folder = folders[digest]
        do throws(FileFault) {
            try staged.file.publish(in: folder.directory, as: digest.hex)
        } catch {
            guard error.kind == .exists else { throw error }
            if let intact = try? HashPass.run(over: try folder.directory.openFile(digest.hex)),
                intact.digest == digest.bytes
            {
                try folder.sync.sync()
                return intact.after
            }
            let temporary = DurableFile.temporaryPrefix + digest.hex
            try? folder.directory.removeFile(temporary)
            try staged.file.publish(in: folder.directory, as: temporary)
            try folder.directory.rename(temporary, to: folder.directory, as: digest.hex)
        }
        try folder.sync.sync()
        return try folder.directory.identity(of: digest.hex)
    }

    /// The digests of a staged file; what was hashed while it came in is not hashed again unless its parts are asked for.
    private func hash(
        _ staged: StagedBytes, _ ranges: [Range<UInt64>], _ progress: (any ProgressSink)?
    ) throws(StorageFault) -> (Digest, [Digest]) {
        if let digest = staged.digestWhileReceiving, ranges.isEmpty { return (digest, []) }
        let result = try storing { () throws(FileFault) in
            try HashPass.run(over: staged.file.descriptor, try Self.request(ranges, progress, nil))
        }
        let digest = try Digest(stored: result.digest)
        // Nobody else can open what we stage; if it changed all the same, nothing about it is known.
        if let known = staged.digestWhileReceiving, known != digest { throw .changed }
        var rangeDigests: [Digest] = []
        rangeDigests.reserveCapacity(result.rangeDigests.count)
        for bytes in result.rangeDigests { rangeDigests.append(try Digest(stored: bytes)) }
        return (digest, rangeDigests)
    }

    public func open(_ digest: Digest) async throws(StorageFault) -> (any LocalFile)? {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                return try OpenFile(try folders[digest].directory.openFile(digest.hex))
            } catch {
                if error.kind == .notFound { return nil }
                throw StorageFault(error)
            }
        }
    }

    /// One stat(2): quick enough to be done where it is asked for.
    public func identity(of digest: Digest) async throws(StorageFault) -> BlobIdentity? {
        do throws(FileFault) {
            let identity = try folders[digest].directory.identity(of: digest.hex)
            return identity.kind == .regular ? BlobIdentity(identity) : nil
        } catch {
            if error.kind == .notFound || error.kind == .escapes { return nil }
            throw StorageFault(error)
        }
    }

    public func verify(
        _ digest: Digest, sizeBytes: UInt64, linksAtMost: UInt64?, hashing ranges: [Range<UInt64>], pace: ReadPace,
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> BlobCheck {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                return try verifyNow(digest, sizeBytes, linksAtMost, ranges, pace, progress)
            } catch {
                switch error.kind {
                case .notFound: return .missing
                case .notRegular, .escapes, .isDirectory: return .notARegularFile
                case .deviceFailure, .permission: return .unreadable
                default: throw StorageFault(error)
                }
            }
        }
    }

    private func verifyNow(
        _ digest: Digest, _ sizeBytes: UInt64, _ linksAtMost: UInt64?, _ ranges: [Range<UInt64>], _ pace: ReadPace,
        _ progress: (any ProgressSink)?
    ) throws(FileFault) -> BlobCheck {
        let file = try folders[digest].directory.openFile(digest.hex)
        let before = try file.identity()
        guard UInt64(clamping: before.size) == sizeBytes else {
            return .otherSize(found: UInt64(clamping: before.size))
        }
        if let linksAtMost, before.links > linksAtMost { return .linkedElsewhere(links: before.links) }
        var request = try Self.request(ranges, progress, pace == .background ? budget : nil)
        // Several files are read at a time; a second thread for each would only get in the way.
        request.readsAhead = false
        let result = try HashPass.run(over: file, request)
        guard let found = try? Digest(sha256: result.digest) else { throw FileFault(.hash, .other) }
        let rangeDigests = result.rangeDigests.compactMap { try? Digest(sha256: $0) }
        guard found == digest else { return .otherBytes(found: found, rangeDigests: rangeDigests) }
        return .intact(identity: BlobIdentity(result.after), rangeDigests: rangeDigests)
    }

    public func blobs(after digest: Digest?, limit: Int) async throws(StorageFault) -> [StoredBlob] {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try folders.list(after: digest, limit: limit) }
        }
    }

    public func remove(_ digest: Digest) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                try folders[digest].directory.removeFile(digest.hex)
            } catch {
                guard error.kind == .notFound else { throw StorageFault(error) }
            }
            try storing { () throws(FileFault) in try folders[digest].sync.sync() }
        }
    }

    public func discardLeftovers() async throws(StorageFault) -> UInt64 {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                var freed: UInt64 = 0
                for entry in try store.staging.entries(entriesMax: 1_000_000) {
                    guard let name = entry.name else { continue }
                    freed &+= UInt64(clamping: try store.staging.identity(of: name).size)
                    try store.staging.removeTree(name)
                }
                return freed
            }
        }
    }

    public func freeBytes() async throws(StorageFault) -> UInt64 {
        try storing { () throws(FileFault) in try store.store.freeSpace().bytes }
    }

    private func requireRoom(for bytes: UInt64) throws(FileFault) {
        let (needed, overflow) = bytes.addingReportingOverflow(Self.reserveBytes)
        guard !overflow, try store.staging.freeSpace().bytes >= needed else { throw FileFault(.space, .noSpace) }
    }

    private static func request(
        _ ranges: [Range<UInt64>], _ progress: (any ProgressSink)?, _ budget: BandwidthBudget?
    ) throws(FileFault) -> HashRequest {
        var request = HashRequest()
        for range in ranges {
            guard let offset = Int64(exactly: range.lowerBound), let length = Int64(exactly: range.count),
                let part = ByteRange(offset: offset, length: length)
            else { throw FileFault(.hash, .limitExceeded) }
            request.ranges.append(part)
        }
        request.budget = budget
        if let progress { request.progress = { bytes in _ = progress.advanced(byBytes: Int(clamping: bytes)) } }
        return request
    }

    /// As `storing`, for bodies that also lend descriptors, which rethrow untyped.
    private func storingOrStorage<T>(_ body: () throws -> T) throws(StorageFault) -> T {
        do { return try body() } catch let fault as FileFault { throw StorageFault(fault) } catch {
            throw .unavailable(reason: "\(error)")
        }
    }
}
