internal import LinuxFiles
internal import OCI

/// Threads on which this program reads files.
enum FilePool {
    static let shared = BlockingPool(threadsMax: 4, waitingMax: 1_024)
}

extension LocalFile {
    /// SHA-256 of the file and of parts of it, in one read, with progress.
    func hash(ranges: [Range<UInt64>] = [], in context: CommandContext) async throws -> FileDigests {
        let meter = context.meter("hashing \(name)", .bytes, total: sizeBytes)
        defer { meter.finish() }
        return try await hash(ranges: ranges) { meter.update($0) }
    }

    /// - Parameter progress: hears how many bytes were hashed so far.
    func hash(
        ranges: [Range<UInt64>] = [], progress: @escaping @Sendable (UInt64) -> Void
    ) async throws -> FileDigests {
        var request = HashRequest()
        request.ranges = ranges.compactMap { range in
            ByteRange(offset: Int64(clamping: range.lowerBound), length: Int64(clamping: range.count))
        }
        guard request.ranges.count == ranges.count else {
            throw CommandFailure(.dataError, "\(path) lies about its size.")
        }
        request.progress = { progress(UInt64(clamping: $0)) }
        let cancellation = CancellationFlag()
        request.cancellation = cancellation
        let descriptor = descriptor
        let result: HashResult
        do {
            let ready = request
            result = try await withTaskCancellationHandler {
                try await FilePool.shared.run { () throws(FileFault) in try HashPass.run(over: descriptor, ready) }
            } onCancel: {
                cancellation.cancel()
            }
        } catch let fault as FileFault {
            throw CommandFailure(fault, path: path)
        }
        return FileDigests(
            file: try Digest(sha256: result.digest), ranges: try result.rangeDigests.map { try Digest(sha256: $0) })
    }
}

/// The digests of one file.
struct FileDigests: Sendable {
    var file: Digest
    /// In the order of the request.
    var ranges: [Digest]
}
