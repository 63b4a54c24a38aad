import CCompression

/// Makes compressed bytes readable at any offset, in bounded memory.
package enum Decompression {
    /// A content up to this size is kept in memory.
    static let keptBytesMax = 4 << 20
    /// A content that is larger must not be so many times the size of what it was compressed to.
    package static let ratioMax: UInt64 = 1000
    /// Smaller contents do no harm, whatever their ratio.
    package static let harmlessBytesMax: UInt64 = 8 << 20

    package struct Content {
        package let source: any ByteSource
        package let crc32: UInt32
        /// Where bytes begin, among the compressed ones, that do not belong to the content.
        package let trailingOffset: UInt64?
    }

    /// Decodes everything once: the size is known then, the sums of the format are checked, and the CRC of the content
    /// is there to be compared.
    ///
    /// - Parameter sizeBytes: what the content is said to have; it is not read beyond that.
    /// - Throws: `.truncated` and `.invalid` with an offset in the compressed bytes; `.limitExceeded` if the budget is
    ///   used up, the stream wants too much memory or expands too much.
    package static func open(
        _ compressed: any ByteSource, _ compression: Compression, expecting sizeBytes: UInt64? = nil,
        budget: ArchiveBudget
    ) throws(FormatFault) -> Content {
        let stream = try DecodedStream(compressed, compression, budget: budget)
        let expected = sizeBytes.map { min($0, UInt64(DecodedSource.windowBytes)) } ?? UInt64(DecodedSource.windowBytes)
        var chunk = [UInt8](repeating: 0, count: max(1, Int(expected)))
        var content = DecodedContent(budget: compression.work == nil ? nil : budget)
        var sum: UInt = 0
        while !stream.isFinished {
            let count = try stream.read(into: &chunk)
            guard stream.outputBytes <= sizeBytes ?? .max else {
                throw .invalid(.memberLength, offset: stream.inputOffset)
            }
            guard !isExcessive(stream.outputBytes, from: stream.inputOffset) else {
                throw .limitExceeded(.compressionRatio, offset: stream.inputOffset)
            }
            sum = chunk.withUnsafeBufferPointer { CCompression.crc32_z(sum, $0.baseAddress, count) }
            content.append(chunk[..<count])
        }
        guard stream.outputBytes == sizeBytes ?? stream.outputBytes else {
            throw .invalid(.memberLength, offset: stream.inputOffset)
        }
        let trailingOffset = stream.trailingOffset
        return Content(
            source: content.source(stream), crc32: UInt32(truncatingIfNeeded: sum), trailingOffset: trailingOffset)
    }

    package static func isExcessive(_ outputBytes: UInt64, from inputBytes: UInt64) -> Bool {
        outputBytes > harmlessBytesMax && outputBytes / ratioMax > inputBytes
    }

    /// CRC-32 of a whole source.
    package static func crc32(of source: any ByteSource) throws(FormatFault) -> UInt32 {
        var reader = ByteReader(source)
        var sum: UInt = 0
        try reader.forEachChunk(reader.remaining) { chunk in
            sum = chunk.withUnsafeBufferPointer { CCompression.crc32_z(sum, $0.baseAddress, $0.count) }
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}

/// What was decoded, as it is kept: whole if it is small, else in the cheapest way to read it again.
private struct DecodedContent {
    private var kept: [UInt8] = []
    private var edges = ContentEdges()
    private var blocks: RecompressedBlocks?
    private var text = TextScanner()
    private var sizeBytes = 0
    private let budget: ArchiveBudget?

    /// - Parameter budget: of a slow decoder, which is not asked twice if that can be helped; `nil` of others.
    init(budget: ArchiveBudget?) {
        self.budget = budget
    }

    private var isSmall: Bool { sizeBytes <= Decompression.keptBytesMax }

    /// Takes the next window, which is full unless it is the last.
    mutating func append(_ window: ArraySlice<UInt8>) {
        sizeBytes += window.count
        if isSmall { return kept.append(contentsOf: window) }
        if !kept.isEmpty {
            let kept = kept
            edges.begin(with: kept)
            text.consume(kept.span)
            blocks = budget.map { RecompressedBlocks(budget: $0) }
            for start in stride(from: 0, to: kept.count, by: RecompressedBlocks.blockBytes) {
                blocks?.append(kept[start..<min(start + RecompressedBlocks.blockBytes, kept.count)])
            }
            self.kept = []
        }
        edges.append(window)
        text.consume(window.span)
        blocks?.append(window)
    }

    mutating func source(_ stream: DecodedStream) -> any ByteSource {
        if isSmall { return MemoryByteSource(kept) }
        if let blocks, blocks.isWhole { return RecompressedSource(blocks) }
        return DecodedSource(stream, edges, survey: text.finish())
    }
}

/// The first and the last bytes of a content, which are read more often than others.
struct ContentEdges {
    private static let headBytes = DecodedSource.windowBytes
    /// Enough for the end record of an archive with the longest comment.
    private static let tailBytes = 128 << 10

    private(set) var head: [UInt8] = []
    private(set) var tail: [UInt8] = []

    mutating func begin(with bytes: [UInt8]) {
        head = Array(bytes.prefix(Self.headBytes))
        tail = Array(bytes.suffix(Self.tailBytes))
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        if bytes.count >= Self.tailBytes {
            tail = Array(bytes.suffix(Self.tailBytes))
        } else {
            tail = Array((tail + bytes).suffix(Self.tailBytes))
        }
    }
}
