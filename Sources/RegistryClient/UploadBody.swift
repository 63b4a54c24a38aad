package import NIOCore

/// Bytes to upload that can be read from any offset, so that a broken upload can go on.
public protocol UploadContent: Sendable {
    /// Must not change while it is sent.
    var sizeBytes: UInt64 { get }

    /// Up to `bytesMax` bytes that start at `offset`; empty only at the end.
    func read(at offset: UInt64, bytesMax: Int) async throws -> [UInt8]

    /// The same bytes for somebody who reads `range` alone, from its beginning to its end, while others read others.
    func content(of range: Range<UInt64>) -> any UploadContent
}

extension UploadContent {
    public func content(of range: Range<UInt64>) -> any UploadContent { self }
}

/// The rest of an upload, or a part of it, as the HTTP client sends it.
package struct UploadBody: AsyncSequence, Sendable {
    let content: any UploadContent
    let offset: UInt64
    let end: UInt64
    let progress: @Sendable (UInt64) -> Void

    /// - Parameter end: behind the last byte; that of the content without.
    package init(
        content: any UploadContent, offset: UInt64, end: UInt64 = .max,
        progress: @escaping @Sendable (UInt64) -> Void
    ) {
        self.content = content
        self.offset = offset
        self.end = Swift.min(end, content.sizeBytes)
        self.progress = progress
    }

    package var byteCount: Int64 {
        Int64(clamping: end - Swift.min(offset, end))
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(body: self, offset: offset)
    }

    package struct Iterator: AsyncIteratorProtocol {
        let body: UploadBody
        var offset: UInt64

        /// The next piece. A file that ends early or cannot be read stops the upload: sending fewer bytes than
        /// announced would only be noticed at the other end.
        package mutating func next() async throws -> ByteBuffer? {
            body.progress(offset)
            let remaining = body.end - Swift.min(offset, body.end)
            guard remaining > 0 else { return nil }
            let bytesMax = Int(Swift.min(remaining, UInt64(Self.pieceBytes)))
            let piece: [UInt8]
            do {
                piece = try await body.content.read(at: offset, bytesMax: bytesMax)
            } catch {
                throw ContentReadFault()
            }
            guard !piece.isEmpty, piece.count <= bytesMax else { throw ContentReadFault() }
            offset += UInt64(piece.count)
            return ByteBuffer(bytes: piece)
        }

        private static let pieceBytes = 1 << 20
    }
}
