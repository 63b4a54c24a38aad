import ModelFormats
import Testing

@Suite("Decompression")
struct DecompressionTests {
    private func budget(_ bytes: UInt64 = 1 << 30, work: UInt64 = .max) -> ArchiveBudget {
        ArchiveBudget(outputBytesMax: bytes, workMax: work, memoryBytesMax: 28 << 20, membersMax: 10)
    }

    private func open(
        _ bytes: [UInt8], _ compression: Compression, expecting size: UInt64? = nil, _ budget: ArchiveBudget? = nil
    ) throws -> Decompression.Content {
        try Decompression.open(
            MemoryByteSource(bytes), compression, expecting: size, budget: budget ?? self.budget())
    }

    private func content(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 7)
        return (0..<count).map { $0 % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : 0x61 }
    }

    @Test("What was compressed comes back, with its CRC", arguments: Compression.allCases)
    func roundTrip(compression: Compression) throws {
        for count in [0, 1, 70_000, 600_000] {
            let bytes = content(count)
            let content = try open(Compressor.compress(bytes, compression), compression)
            #expect(content.source.sizeBytes == UInt64(count))
            #expect(try content.source.bytes(at: 0, count: count) == bytes)
            #expect(content.crc32 == Compressor.crc32(bytes))
            #expect(content.trailingOffset == nil)
        }
    }

    @Test("A content that is not kept in memory can be read at any offset", arguments: Compression.allCases)
    func large(compression: Compression) throws {
        let bytes = content(6 << 20)
        let source = try open(Compressor.compress(bytes, compression), compression).source
        // What slow decoders gave is kept in a form that can be read anywhere.
        #expect(source.isSequential == ![.bzip2, .xz].contains(compression))
        var random = SeededRandom(seed: 3)
        for offset in [0, 300_000, 5_000_000, 4_999_000, 100, bytes.count - 1, 2_000_000] {
            let count = min(Int.random(in: 1...700_000, using: &random), bytes.count - offset)
            #expect(try source.bytes(at: UInt64(offset), count: count) == Array(bytes[offset..<offset + count]))
        }
    }

    @Test("Streams behind one another are one content", arguments: [Compression.gzip, .bzip2, .xz, .zstandard])
    func concatenated(compression: Compression) throws {
        let stream = Compressor.compress([1, 2, 3], compression)
        let source = try open(stream + stream, compression).source
        #expect(try source.bytes(at: 0, count: 6) == [1, 2, 3, 1, 2, 3])
    }

    @Test("What follows the last stream is told", arguments: Compression.allCases)
    func trailing(compression: Compression) throws {
        let stream = Compressor.compress([1, 2, 3], compression)
        #expect(try open(stream + [9], compression).trailingOffset == UInt64(stream.count))
    }

    @Test("Zeros may follow where the format allows them")
    func padding() throws {
        #expect(try open(Compressor.compress([1], .gzip) + [0, 0, 0, 0], .gzip).trailingOffset == nil)
        #expect(try open(Compressor.compress([1], .zstandard) + [0, 0], .zstandard).trailingOffset != nil)
    }

    @Test("A stream that is cut is truncated", arguments: Compression.allCases)
    func truncated(compression: Compression) throws {
        let stream = Compressor.compress(content(5000), compression)
        for count in [0, 1, 10, stream.count / 2, stream.count - 1] {
            do {
                _ = try open(Array(stream[..<count]), compression)
                Issue.record("\(count) bytes were enough")
            } catch let fault as FormatFault {
                guard case .truncated = fault else {
                    Issue.record("\(fault)")
                    continue
                }
            }
        }
    }

    @Test("A stream whose sum is wrong is refused", arguments: [Compression.gzip, .zlib, .bzip2, .xz])
    func sums(compression: Compression) throws {
        var stream = Compressor.compress(content(5000), compression)
        let index = compression == .gzip ? stream.count - 6 : stream.count / 2
        stream[index] ^= 1
        #expect(throws: FormatFault.self) { try open(stream, compression) }
    }

    @Test("A content longer or shorter than expected is refused")
    func length() throws {
        let stream = Compressor.compress(content(5000), .deflate)
        #expect(throws: FormatFault.self) { try open(stream, .deflate, expecting: 4999) }
        #expect(throws: FormatFault.self) { try open(stream, .deflate, expecting: 5001) }
        #expect(try open(stream, .deflate, expecting: 5000).source.sizeBytes == 5000)
    }

    @Test("Decoding ends where the budget does, and every pass is paid for")
    func spending() throws {
        let bytes = content(5 << 20)
        let stream = Compressor.compress(bytes, .zstandard)
        #expect(throws: FormatFault.limitExceeded(.archiveOutputBytes, offset: 0)) {
            try open(stream, .zstandard, budget(5 << 20 - 1))
        }
        let tight = budget(6 << 20)
        let source = try open(stream, .zstandard, tight).source
        #expect(!tight.isExhausted)
        #expect(throws: FormatFault.self) { try source.bytes(at: 0, count: bytes.count) }
        #expect(tight.isExhausted)
    }

    @Test("A content a thousand times its compressed size is refused, unless it is small")
    func ratio() throws {
        let zeros = [UInt8](repeating: 0, count: 12 << 20)
        #expect(throws: FormatFault.self) { try open(Compressor.compress(zeros, .gzip), .gzip) }
        let few = [UInt8](repeating: 0, count: 8 << 20)
        #expect(try open(Compressor.compress(few, .gzip), .gzip).source.sizeBytes == 8 << 20)
    }

    @Test("Decoders that work at the same time share their memory")
    func memory() throws {
        let small = ArchiveBudget(outputBytesMax: 1 << 30, workMax: .max, memoryBytesMax: 20 << 20, membersMax: 1)
        let stream = Compressor.compress(content(5 << 20), .xz)
        let first = try open(stream, .xz, small)
        #expect(throws: FormatFault.limitExceeded(.archiveMemoryBytes, offset: 0)) { try open(stream, .xz, small) }
        #expect(first.source.sizeBytes == 5 << 20)
    }

    @Test("What a slow decoder gave is read again without asking it", arguments: [Compression.bzip2, .xz])
    func decodedOnce(compression: Compression) throws {
        let bytes = content(5 << 20)
        let stream = Compressor.compress(bytes, compression)
        let tight = budget(7 << 20, work: work(stream, bytes, compression))
        let source = try open(stream, compression, tight).source
        #expect(try source.bytes(at: 0, count: bytes.count) == bytes)
        #expect(throws: FormatFault.self) { try source.bytes(at: 0, count: bytes.count) }
        #expect(tight.isExhausted)
    }

    @Test("What slow decoders do is counted, and ends where its budget does", arguments: [Compression.bzip2, .xz])
    func work(compression: Compression) throws {
        let bytes = content(1 << 20)
        let stream = Compressor.compress(bytes, compression)
        let enough = work(stream, bytes, compression)
        #expect(try open(stream, compression, budget(work: enough)).source.sizeBytes == 1 << 20)
        let tight = budget(work: enough - 1)
        #expect(throws: FormatFault.limitExceeded(.work, offset: 0)) {
            try open(stream, compression, tight)
        }
        #expect(tight.isExhausted)
        // Streams that are empty cost as well: there may be very many.
        let empty = [[UInt8]](repeating: Compressor.compress([], compression), count: 100)
        #expect(throws: FormatFault.limitExceeded(.work, offset: 0)) {
            try open(Array(empty.joined()), compression, budget(work: 1_900_000))
        }
    }

    @Test("Fast decoders do what they do for nothing", arguments: [Compression.deflate, .zlib, .gzip, .zstandard])
    func noWork(compression: Compression) throws {
        let stream = Compressor.compress(content(1 << 20), compression)
        #expect(try open(stream, compression, budget(work: 0)).source.sizeBytes == 1 << 20)
    }

    /// What decoding the stream takes, in units of `DecodingWork`.
    private func work(_ stream: [UInt8], _ content: [UInt8], _ compression: Compression) -> UInt64 {
        compression == .xz
            ? 20_000 + UInt64(stream.count) * 60 + UInt64(content.count) * 4 : 20_000 + UInt64(content.count) * 60
    }

    @Test("A text is surveyed while it is decoded, and is surveyed as if it had not been compressed")
    func survey() throws {
        let line = Array("a line that people read, with a few words that are long enough to be one.\n".utf8)
        let text = [[UInt8]](repeating: line, count: (6 << 20) / line.count).joined() + Array("\u{202E} \u{7}\n".utf8)
        for bytes in [Array(text), Array(text) + [0], Array(text) + [0xE2, 0x80], content(6 << 20)] {
            let tight = budget(UInt64(bytes.count) + 1 << 20)
            let source = try open(Compressor.compress(bytes, .gzip), .gzip, tight).source
            #expect(try TextSurvey.survey(source) == TextSurvey.survey(MemoryByteSource(bytes)))
            #expect(!tight.isExhausted)
        }
    }
}
