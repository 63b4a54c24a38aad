import LinuxFiles
public import OCI
public import RegistryPorts

extension FilesystemBlobStore {
    public func verify(
        _ digest: Digest, sizeBytes: UInt64, hashing ranges: [Range<UInt64>], pace: ReadPace,
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> BlobCheck {
        try await pool.runCancellable { flag throws(StorageFault) in
            do throws(FileFault) {
                var request = try HashRequest(ranges, progress, flag)
                request.algorithm = HashAlgorithm(digest.algorithm)
                request.budget = pace == .background ? budget : nil
                // Several files are read at a time; a second thread for each would only get in the way.
                request.readsAhead = false
                return try check(digest, sizeBytes, request)
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

    private func check(
        _ digest: Digest, _ sizeBytes: UInt64, _ request: HashRequest
    ) throws(FileFault) -> BlobCheck {
        let file = try folders.folder(of: digest).directory.openFile(digest.hex)
        let before = try file.identity()
        guard UInt64(clamping: before.size) == sizeBytes else {
            return .otherSize(found: UInt64(clamping: before.size))
        }
        let result: HashResult
        do throws(FileFault) {
            result = try HashPass.run(over: file, request)
        } catch {
            // Nothing of ours writes to a blob. Whoever does so while we look must not escape judgement by it.
            guard error.kind == .changed else { throw error }
            return .unreadable
        }
        guard let found = try? Digest(digest.algorithm, bytes: result.digest) else { throw FileFault(.hash, .other) }
        let rangeDigests = result.rangeDigests.compactMap { try? Digest(sha256: $0) }
        guard found == digest else { return .otherBytes(found: found, rangeDigests: rangeDigests) }
        // As it was before the first byte was read: what was done to the file since is for the next look to notice.
        return .intact(identity: BlobIdentity(result.before), rangeDigests: rangeDigests)
    }
}
