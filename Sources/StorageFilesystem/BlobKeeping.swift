import LinuxFiles
public import OCI
public import RegistryPorts

extension FilesystemBlobStore {
    public func keep(
        _ staged: any StagedBlob, expecting expected: Digest?, hashing ranges: [Range<UInt64>],
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> KeptBlob {
        guard let staged = staged as? StagedBytes else { throw .unavailable(reason: "staged elsewhere") }
        guard staged.sizeBytes > Self.atOnceBytesMax else {
            return try await keepAtOnce(staged, expecting: expected, ranges, progress)
        }
        // The disk writes while the processor hashes; both must have succeeded before the bytes get their name.
        async let synced = sync(staged)
        let hashed: Hashed
        do throws(StorageFault) {
            hashed = try await hash(staged, expected?.algorithm ?? .sha256, ranges, progress)
        } catch {
            _ = await synced
            throw error
        }
        if let fault = await synced { throw fault }
        if let expected, expected != hashed.digest { throw .digestMismatch(actual: hashed.digest) }
        return try await pool.run { () throws(StorageFault) in try kept(staged, hashed) }
    }

    /// All on one thread, as what is kept at once.
    public func keep(
        _ bytes: [UInt8], as digest: Digest, receipt: [UInt8]?
    ) async throws(StorageFault) -> KeptBlob {
        try await pool.run { () throws(StorageFault) in
            var hash = RunningHash(HashAlgorithm(digest.algorithm))
            hash.update(bytes)
            let actual = try Digest(stored: hash.digest(), digest.algorithm)
            guard actual == digest else { throw .digestMismatch(actual: actual) }
            return try storing { () throws(FileFault) in
                try store.requireRoom(for: UInt64(bytes.count))
                return try keepNow(bytes, digest, receipt)
            }
        }
    }

    private func keepNow(
        _ bytes: [UInt8], _ digest: Digest, _ receipt: [UInt8]?
    ) throws(FileFault) -> KeptBlob {
        let file = try StagedFile(in: store.staging.directory, permissions: 0o600)
        try file.descriptor.write(bytes, at: 0)
        // Attributes are for those who may write a file.
        let isReceiptThere = try receipt.map { receipt throws(FileFault) in
            try file.descriptor.setAttribute(BlobReceiptFile.attribute, to: receipt)
        }
        try file.descriptor.setPermissions(0o444)
        let attached = isReceiptThere == true ? receipt : nil
        let published: (identity: FileIdentity, isNew: Bool)
        if let journaled = try journaled(file, bytes, digest, attached) {
            published = journaled
        } else {
            published = try publish(file, isSynced: false, as: digest)
        }
        return KeptBlob(
            digest: digest, sizeBytes: UInt64(bytes.count), rangeDigests: [],
            identity: BlobIdentity(published.identity), carriesReceipt: published.isNew && attached != nil)
    }

    /// Gives bytes their name, which the journal answers for, or else a sync of their own.
    ///
    /// - Returns: `nil` where the name is taken.
    private func journaled(
        _ staged: StagedFile, _ bytes: [UInt8], _ digest: Digest, _ receipt: [UInt8]?
    ) throws(FileFault) -> (identity: FileIdentity, isNew: Bool)? {
        guard bytes.count <= BlobJournal.blobBytesMax else { return nil }
        let folder = try folders.folder(making: digest)
        do throws(FileFault) { try staged.publish(in: folder.directory, as: digest.hex) } catch {
            guard error.kind == .exists else { throw error }
            return nil
        }
        do throws(FileFault) {
            // Named first: what is emptied from the journal is taken to be in the store.
            if try !store.journal.keep(digest, receipt, bytes) {
                try staged.descriptor.sync()
                if store.names != .withFile { try folder.sync.sync() }
            }
        } catch {
            // What is in memory would look intact to the next process.
            try? folder.directory.removeFile(digest.hex)
            throw error
        }
        return (try staged.descriptor.identity(), true)
    }

    /// What is hashed sooner than another thread could begin with it.
    private static let atOnceBytesMax: UInt64 = 256 << 10

    /// All on one thread: handing over costs more than what is handed over.
    private func keepAtOnce(
        _ staged: StagedBytes, expecting expected: Digest?, _ ranges: [Range<UInt64>],
        _ progress: (any ProgressSink)?
    ) async throws(StorageFault) -> KeptBlob {
        try await pool.runCancellable { flag throws(StorageFault) in
            let hashed = try hashNow(staged, expected?.algorithm ?? .sha256, ranges, progress, flag)
            if let expected, expected != hashed.digest { throw .digestMismatch(actual: hashed.digest) }
            try storing { () throws(FileFault) in try staged.file.descriptor.sync() }
            return try kept(staged, hashed)
        }
    }

    /// Gives synced bytes their name.
    private func kept(_ staged: StagedBytes, _ hashed: Hashed) throws(StorageFault) -> KeptBlob {
        try storing { () throws(FileFault) in
            KeptBlob(
                digest: hashed.digest, sizeBytes: staged.sizeBytes, rangeDigests: hashed.rangeDigests,
                identity: BlobIdentity(try publish(staged.file, isSynced: true, as: hashed.digest).identity))
        }
    }

    /// From here on reading a file once is no reason to keep it in memory.
    private static let uncachedBytesMin: UInt64 = 64 << 20

    private struct Hashed: Sendable {
        let digest: Digest
        let rangeDigests: [Digest]
    }

    private func sync(_ staged: StagedBytes) async -> StorageFault? {
        do throws(StorageFault) {
            try await pool.run { () throws(StorageFault) in
                try storing { () throws(FileFault) in try staged.file.descriptor.sync() }
            }
            return nil
        } catch {
            return error
        }
    }

    private func hash(
        _ staged: StagedBytes, _ algorithm: Digest.Algorithm, _ ranges: [Range<UInt64>],
        _ progress: (any ProgressSink)?
    ) async throws(StorageFault) -> Hashed {
        if let known = known(staged, algorithm, ranges) { return known }
        return try await pool.runCancellable { flag throws(StorageFault) in
            try hashNow(staged, algorithm, ranges, progress, flag)
        }
    }

    /// What was hashed while it came in is not hashed again unless its parts are asked for: nobody else can open it.
    private func known(
        _ staged: StagedBytes, _ algorithm: Digest.Algorithm, _ ranges: [Range<UInt64>]
    ) -> Hashed? {
        guard ranges.isEmpty, let digest = staged.digestWhileReceiving, digest.algorithm == algorithm else {
            return nil
        }
        return Hashed(digest: digest, rangeDigests: [])
    }

    /// The digests of a staged file.
    private func hashNow(
        _ staged: StagedBytes, _ algorithm: Digest.Algorithm, _ ranges: [Range<UInt64>],
        _ progress: (any ProgressSink)?, _ flag: CancellationFlag
    ) throws(StorageFault) -> Hashed {
        if let known = known(staged, algorithm, ranges) { return known }
        let result = try storing { () throws(FileFault) in
            var request = try HashRequest(ranges, progress, flag)
            request.algorithm = HashAlgorithm(algorithm)
            guard staged.isCold, staged.sizeBytes >= Self.uncachedBytesMin else {
                return try HashPass.run(over: staged.reader, request)
            }
            // An open file of its own: others hold the reader.
            request.bypassesCache = true
            return try HashPass.run(over: try staged.file.descriptor.reopenedForReading(), request)
        }
        let digest = try Digest(stored: result.digest, algorithm)
        if let known = staged.digestWhileReceiving, known.algorithm == algorithm, known != digest {
            throw .corrupted(reason: "staged bytes read back as others")
        }
        return Hashed(digest: digest, rangeDigests: try digests(result.rangeDigests))
    }

    /// Gives hashed bytes their name, durably.
    ///
    /// A file that has the name already keeps it if it holds the same bytes; one that rotted, or that a power cut left
    /// half written, is replaced, and views that show it are found by `TrustedViews.shows`.
    ///
    /// - Parameter isSynced: whether the bytes are on the disk. Where one sync makes both durable the name may come
    ///   first: until this returns nobody takes the file for a blob (`BlobLeases.beginWrite`), and what a power cut
    ///   leaves is believed by nobody before it was hashed.
    /// - Returns: the file that has the name, and whether it is this one.
    private func publish(
        _ staged: StagedFile, isSynced: Bool, as digest: Digest
    ) throws(FileFault) -> (identity: FileIdentity, isNew: Bool) {
        let folder = try folders.folder(making: digest)
        let isNamedFirst = !isSynced && store.names == .withFile
        if !isSynced, !isNamedFirst { try staged.descriptor.sync() }
        do throws(FileFault) {
            try staged.publish(in: folder.directory, as: digest.hex)
        } catch {
            guard error.kind == .exists else { throw error }
            if let present = try intactBlob(digest) {
                // Whoever made the name may not have synced it yet.
                try folder.sync.sync()
                return (present, false)
            }
            if isNamedFirst { try staged.descriptor.sync() }
            let temporary = try store.staging.newName("blob")
            try staged.publish(in: store.staging.directory, as: temporary)
            try store.staging.directory.rename(temporary, to: folder.directory, as: digest.hex)
            try folder.sync.sync()
            return (try staged.descriptor.identity(), true)
        }
        guard isNamedFirst else {
            try folder.sync.sync()
            return (try staged.descriptor.identity(), true)
        }
        do throws(FileFault) { try staged.descriptor.sync() } catch {
            // What is in memory would look intact to the next process.
            try? folder.directory.removeFile(digest.hex)
            throw error
        }
        return (try staged.descriptor.identity(), true)
    }

    /// The file under a digest, if it holds those bytes, which are on the disk then.
    private func intactBlob(_ digest: Digest) throws(FileFault) -> FileIdentity? {
        var request = HashRequest()
        request.algorithm = HashAlgorithm(digest.algorithm)
        guard let file = try? folders.folder(of: digest).directory.openFile(digest.hex),
            let result = try? HashPass.run(over: file, request), result.digest == digest.bytes
        else { return nil }
        // It was read from memory: whoever wrote it may have been stopped before it was on the disk.
        try file.sync()
        return result.after
    }
}

/// SHA-256 digests as `HashPass` gives them.
func digests(_ all: [[UInt8]]) throws(StorageFault) -> [Digest] {
    var digests: [Digest] = []
    digests.reserveCapacity(all.count)
    for bytes in all { digests.append(try Digest(stored: bytes)) }
    return digests
}

extension HashRequest {
    /// - Throws: `.limitExceeded` for ranges that no file has.
    init(
        _ ranges: [Range<UInt64>], _ progress: (any ProgressSink)?, _ flag: CancellationFlag
    ) throws(FileFault) {
        self.init()
        cancellation = flag
        self.ranges.reserveCapacity(ranges.count)
        for range in ranges {
            let (length, _) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
            guard let offset = Int64(exactly: range.lowerBound), let length = Int64(exactly: length),
                let part = ByteRange(offset: offset, length: length)
            else { throw FileFault(.hash, .limitExceeded) }
            self.ranges.append(part)
        }
        if let progress {
            let steps = ProgressSteps(progress, flag)
            self.progress = { done in steps.reached(done) }
        }
    }
}
