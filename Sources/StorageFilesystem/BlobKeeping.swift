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
    public func keep(_ bytes: [UInt8], as digest: Digest) async throws(StorageFault) -> KeptBlob {
        try await pool.run { () throws(StorageFault) in
            var hash = RunningHash(HashAlgorithm(digest.algorithm))
            hash.update(bytes)
            let actual = try Digest(stored: hash.digest(), digest.algorithm)
            guard actual == digest else { throw .digestMismatch(actual: actual) }
            return try storing { () throws(FileFault) in
                try store.requireRoom(for: UInt64(bytes.count))
                let file = try StagedFile(in: store.staging.directory, permissions: 0o444)
                try file.descriptor.write(bytes, at: 0)
                try file.descriptor.sync()
                return KeptBlob(
                    digest: digest, sizeBytes: UInt64(bytes.count), rangeDigests: [],
                    identity: BlobIdentity(try publish(file, as: digest)))
            }
        }
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
                identity: BlobIdentity(try publish(staged.file, as: hashed.digest)))
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

    /// Gives hashed and synced bytes their name, durably.
    ///
    /// A file that has the name already keeps it if it holds the same bytes; one that rotted is replaced, and views
    /// that show it are found by `TrustedViews.shows`.
    private func publish(_ staged: StagedFile, as digest: Digest) throws(FileFault) -> FileIdentity {
        let folder = try folders.folder(making: digest)
        do throws(FileFault) {
            try staged.publish(in: folder.directory, as: digest.hex)
        } catch {
            guard error.kind == .exists else { throw error }
            if let present = intactBlob(digest) {
                // Whoever made the name may not have synced it yet.
                try folder.sync.sync()
                return present
            }
            let temporary = try store.staging.newName("blob")
            try staged.publish(in: store.staging.directory, as: temporary)
            try store.staging.directory.rename(temporary, to: folder.directory, as: digest.hex)
        }
        try folder.sync.sync()
        return try staged.descriptor.identity()
    }

    private func intactBlob(_ digest: Digest) -> FileIdentity? {
        var request = HashRequest()
        request.algorithm = HashAlgorithm(digest.algorithm)
        guard let file = try? folders.folder(of: digest).directory.openFile(digest.hex),
            let result = try? HashPass.run(over: file, request)
        else { return nil }
        return result.digest == digest.bytes ? result.after : nil
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
