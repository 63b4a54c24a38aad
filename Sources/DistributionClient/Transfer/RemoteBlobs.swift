internal import NIOCore
internal import NIOHTTP1
internal import OCI
internal import RegistryClient

extension RemoteRepository {
    /// Whether the repository has a blob. One that may not be read counts as absent: pushing it again does no harm.
    func hasBlob(_ blob: Digest) async throws(DistributionFault) -> Bool {
        let request = try await request(.HEAD, "/blobs/\(blob)", [.pull, .push])
        return try await exchange(request, accepting: [401, 403, 404, 405]).isSuccess
    }

    /// A blob's bytes from an offset on, up to `end` where that is named.
    ///
    /// - Returns: an answer that begins at `start`, which is 0 where the registry gives nothing but whole blobs.
    func open(
        _ blob: Descriptor, from offset: UInt64, to end: UInt64? = nil
    ) async throws(DistributionFault) -> BlobAnswer {
        var request = try await request(.GET, "/blobs/\(blob.digest)", [.pull])
        let isPart = offset > 0 || end.map { $0 < blob.size } ?? false
        if isPart { request.fields = [("range", "bytes=\(offset)-\(end.map { String($0 - 1) } ?? "")")] }
        let answer = try await client.open(request, at: registry)
        guard isPart, answer.status == 206 else {
            guard answer.status == 200 else {
                throw .transport(.malformedAnswer(problem: "a blob with status \(answer.status)"))
            }
            return BlobAnswer(start: 0, isWhole: true, body: answer.body)
        }
        let stated = answer.headers.first(name: "content-range")
        guard let stated, stated.hasPrefix("bytes \(offset)-") else {
            throw .transport(.malformedAnswer(problem: "another part of the blob than was asked for"))
        }
        return BlobAnswer(start: offset, isWhole: false, body: answer.body)
    }
}

/// Bytes of a blob on their way.
struct BlobAnswer: Sendable {
    /// Which byte of the blob is the first.
    var start: UInt64
    /// Whether it goes on to the end, whatever was asked for.
    var isWhole: Bool
    var body: DistributionBody
}

/// A blob of another registry as something to upload: read once, hashed as it passes, fetched anew from any offset.
actor RemoteContent: UploadContent {
    nonisolated let sizeBytes: UInt64
    private let blob: Descriptor
    private let repository: RemoteRepository
    /// Nothing behind it is asked for.
    private let end: UInt64
    private var offset: UInt64 = 0
    private var pieces: DistributionBody.Iterator?
    private var piece = ByteBuffer()
    private var breaks = 0

    init(_ blob: Descriptor, of repository: RemoteRepository, end: UInt64 = .max) {
        self.blob = blob
        self.repository = repository
        self.end = min(end, blob.size)
        sizeBytes = blob.size
    }

    nonisolated func content(of range: Range<UInt64>) -> any UploadContent {
        RemoteContent(blob, of: repository, end: range.upperBound)
    }

    /// Up to `bytesMax` bytes that start at `offset`; empty only at the end.
    func read(at wanted: UInt64, bytesMax: Int) async throws -> [UInt8] {
        if wanted != offset { (pieces, piece, offset) = (nil, ByteBuffer(), wanted) }
        while piece.readableBytes == 0 {
            do throws(DistributionFault) {
                if pieces == nil {
                    guard offset < end else { return [] }
                    try await begin(at: offset)
                    continue
                }
                guard let next = try await nextPiece() else { return [] }
                piece = next
                breaks = 0
            } catch {
                breaks += 1
                let fault = error.afterContact
                guard fault.isBreak, breaks <= BlobDownload.breaksMax else { throw fault }
                pieces = nil
                try await Task.sleep(for: repository.client.patience.retry * (1 << breaks))
            }
        }
        let count = min(bytesMax, piece.readableBytes)
        offset += UInt64(count)
        return piece.readBytes(length: count) ?? []
    }

    private func nextPiece() async throws(DistributionFault) -> ByteBuffer? {
        // Out of the actor's state while it is advanced: whoever reads at the same time begins anew.
        guard var pieces = pieces.take() else { return nil }
        let piece = try await pieces.next()
        self.pieces = pieces
        return piece
    }

    private func begin(at wanted: UInt64) async throws(DistributionFault) {
        piece = ByteBuffer()
        let answer = try await repository.open(blob, from: wanted, to: end)
        var iterator = answer.body.makeAsyncIterator()
        var missing = wanted - answer.start
        while missing > 0, var skipped = try await iterator.next() {
            let count = min(Int(clamping: missing), skipped.readableBytes)
            skipped.moveReaderIndex(forwardBy: count)
            missing -= UInt64(count)
            piece = skipped
        }
        pieces = iterator
        offset = wanted
    }
}
