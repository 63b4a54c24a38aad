import Crypto
import ModelFormats
import OCI
import Testing

@Suite("Hashing a file and its tensors in one pass")
struct TensorDigesterTests {
    @Test("Pieces of any size come to the same digests", arguments: [1, 7, 32, 1000, 1 << 20])
    func pieces(size: Int) throws {
        let bytes = try Vectors.bytes("gguf/layers.gguf")
        let table = try #require(try GGUFReader.read(MemoryByteSource(bytes)).table)
        var digester = try #require(TensorDigester(table))
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { digester.update($0) }
        }
        let result = digester.finalize()
        let digests = try #require(result)
        let expected = try TensorDigests(bytes, table: table)
        #expect(Array(digests.file) == expected.file.bytes)
        #expect(digests.tensors.map(Array.init) == expected.tensors.map(\.bytes))
    }

    @Test("Empty tensors are hashed, wherever they lie")
    func empty() throws {
        var builder = GGUFBuilder.ordinary
        builder.tensors = [
            .init("a", [0], offset: 0), .init("b", [32], offset: 0), .init("c", [0], offset: 64),
            .init("d", [0], offset: 128),
        ]
        builder.dataBytes = 128
        let bytes = builder.build()
        let table = try #require(try GGUFReader.read(MemoryByteSource(bytes)).table)
        var digester = try #require(TensorDigester(table))
        bytes.withUnsafeBytes { digester.update($0) }
        let result = digester.finalize()
        let digests = try #require(result)
        #expect(digests.tensors.map(Array.init) == (try TensorDigests(bytes, table: table)).tensors.map(\.bytes))
    }

    @Test("A file that ends early has no digests, and overlapping tensors have no digester")
    func refused() throws {
        let bytes = try Vectors.bytes("gguf/layers.gguf")
        let table = try #require(try GGUFReader.read(MemoryByteSource(bytes)).table)
        var digester = try #require(TensorDigester(table))
        bytes.dropLast().withUnsafeBytes { digester.update($0) }
        #expect(digester.finalize() == nil)
        let overlap = try GGUFReader.read(MemoryByteSource(try Vectors.bytes("gguf/c_overlap.gguf")))
        #expect(TensorDigester(try #require(overlap.table)) == nil)
    }
}
