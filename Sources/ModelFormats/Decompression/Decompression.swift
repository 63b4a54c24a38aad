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
        var edges = ContentEdges()
        var kept: [UInt8] = []
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
            if stream.outputBytes <= UInt64(keptBytesMax) {
                kept.append(contentsOf: chunk[..<count])
            } else {
                if !kept.isEmpty { edges.begin(with: kept) }
                kept = []
                edges.append(chunk[..<count])
            }
        }
        guard stream.outputBytes == sizeBytes ?? stream.outputBytes else {
            throw .invalid(.memberLength, offset: stream.inputOffset)
        }
        let trailingOffset = stream.trailingOffset
        let source: any ByteSource =
            stream.outputBytes <= UInt64(keptBytesMax) ? MemoryByteSource(kept) : DecodedSource(stream, edges)
        return Content(source: source, crc32: UInt32(truncatingIfNeeded: sum), trailingOffset: trailingOffset)
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
