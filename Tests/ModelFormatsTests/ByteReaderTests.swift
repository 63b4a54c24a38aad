import ModelFormats
import Testing

/// A file of any size that holds a header and zeros, and remembers how it was read.
final class SparseSource: ByteSource {
    let head: [UInt8]
    let sizeBytes: UInt64
    private(set) var reads = 0
    private(set) var bytesRead = 0
    private(set) var largestRead = 0

    init(head: [UInt8], sizeBytes: UInt64) {
        self.head = head
        self.sizeBytes = sizeBytes
    }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard offset < sizeBytes else { return 0 }
        let count = Int(min(UInt64(buffer.count), sizeBytes - offset))
        for index in 0..<count {
            let position = offset + UInt64(index)
            buffer[index] = position < UInt64(head.count) ? head[Int(position)] : 0
        }
        reads += 1
        bytesRead += count
        largestRead = max(largestRead, count)
        return count
    }
}

/// A source that ends before its own size, or fails.
struct FailingSource: ByteSource {
    let bytes: [UInt8]
    let sizeBytes: UInt64
    let fault: ByteSourceFault?

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        let count = MemoryByteSource(bytes).read(at: offset, into: buffer)
        if count == 0, let fault { throw fault }
        return count
    }
}

@Suite("Reading from sources")
struct ByteReaderTests {
    @Test("A GGUF file of 100 GB costs a few small reads")
    func hugeGGUF() throws {
        var builder = GGUFBuilder.ordinary
        builder.tensors = [.init("a", [25_000_000_000])]
        let head = builder.header()
        let source = SparseSource(head: head, sizeBytes: Bytes.roundUp(UInt64(head.count), 32) + 100_000_000_000)
        let file = try GGUFReader.read(source)
        #expect(file.issues == [])
        #expect(file.table?.entries.first?.sizeBytes == 100_000_000_000)
        #expect(source.reads <= 6)
        #expect(source.largestRead <= ByteReader.windowBytesMax)
    }

    @Test("A huge array is passed over, and read once for the digest of the header")
    func hugeArray() throws {
        var builder = GGUFBuilder.ordinary
        builder.pair("tokenizer.ggml.scores", 9, Bytes.little(UInt32(6)) + Bytes.little(UInt64(1_000_000)))
        // The elements and one tensor description are zeros.
        let head = Array(builder.header().dropLast(19 + 8 + 4 + 8 + 4 + 8))
        let source = SparseSource(head: head, sizeBytes: UInt64(head.count) + 4_000_000 + 24 + 100)
        let file = try GGUFReader.read(source)
        #expect(file["tokenizer.ggml.scores"] == .array(of: .float32, count: 1_000_000))
        #expect(source.bytesRead < 5_000_000)
        #expect(source.largestRead <= ByteReader.windowBytesMax)
    }

    @Test("A source that shrinks is truncated, and one that fails is unreadable")
    func failing() {
        let bytes = GGUFBuilder.ordinary.build()
        let short = FailingSource(bytes: Array(bytes[..<40]), sizeBytes: UInt64(bytes.count), fault: nil)
        #expect(throws: FormatFault.truncated(offset: 40)) { try GGUFReader.read(short) }
        let fault = ByteSourceFault(offset: 40, code: 5)
        let broken = FailingSource(bytes: Array(bytes[..<40]), sizeBytes: UInt64(bytes.count), fault: fault)
        #expect(throws: FormatFault.unreadable(fault)) { try GGUFReader.read(broken) }
        #expect(throws: FormatFault.unreadable(ByteSourceFault(offset: 0, code: 5))) {
            let source = FailingSource(bytes: [], sizeBytes: 100, fault: ByteSourceFault(offset: 0, code: 5))
            return try FormatDetector.detect(source)
        }
    }

    @Test("Numbers are little endian, and none is read past the end")
    func numbers() throws {
        var reader = ByteReader(MemoryByteSource([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
        #expect(try reader.uint16() == 0x0201)
        #expect(try reader.peek() == 3)
        #expect(try reader.uint32() == 0x0605_0403)
        #expect(throws: FormatFault.truncated(offset: 10)) { try reader.uint64() }
        #expect(throws: FormatFault.truncated(offset: 10)) { try reader.skip(5) }
        #expect(throws: FormatFault.truncated(offset: 10)) { try reader.bytes(5) }
        try reader.skip(3)
        #expect(try reader.uint8() == 10)
        #expect(try reader.peek() == nil)
    }
}
