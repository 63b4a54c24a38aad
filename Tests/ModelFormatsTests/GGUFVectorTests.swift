import ModelFormats
import Testing

@Suite("GGUF vectors of the existing tool")
struct GGUFVectorTests {
    static let reproducible = [
        "alltypes", "layers", "c_badutf", "c_const", "c_dupkey", "c_esc", "c_nan", "c_overlap", "c_zero",
    ]

    private func read(_ name: String) throws -> (file: GGUFFile, bytes: [UInt8]) {
        let bytes = try Vectors.bytes("gguf/\(name).gguf")
        return (try GGUFReader.read(MemoryByteSource(bytes)), bytes)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("A fingerprint equals the existing tool's byte for byte", arguments: reproducible)
    func fingerprint(name: String) throws {
        let (file, bytes) = try read(name)
        let table = try #require(file.table)
        let digests = try TensorDigests(bytes, table: table)
        let fingerprint = GGUFFingerprint(table: table, summary: file.summary, fileDigest: digests.file)
        #expect(text(fingerprint.encoded()) == text(try Vectors.bytes("gguf/\(name).fingerprint.json")))
    }

    @Test("A manifest equals the existing tool's byte for byte, and reads back", arguments: reproducible)
    func manifest(name: String) throws {
        let (file, bytes) = try read(name)
        let table = try #require(file.table)
        let digests = try TensorDigests(bytes, table: table)
        let manifest = try #require(
            TensorManifest(
                table: table, architecture: file.architecture, fileDigest: digests.file,
                tensorDigests: digests.tensors))
        let expected = try Vectors.bytes("gguf/\(name).manifest.json")
        #expect(text(manifest.encoded()) == text(expected))
        #expect(manifest.compare(with: try TensorManifest.parse(expected)).isEmpty)
    }

    @Test("A file whose data is not where its alignment says has no table")
    func alignment() throws {
        let (file, _) = try read("c_align64")
        #expect(file.alignment == 64)
        #expect(file.table == nil)
        #expect(file.issues.contains { $0.kind == .tensorOutsideFile })
    }

    @Test("A type the existing tool does not know is named and measured")
    func iq4() throws {
        let (file, bytes) = try read("c_iq4")
        let table = try #require(file.table)
        #expect(table.entries.map(\.typeName) == ["IQ4_NL"])
        #expect(table.ranges == [128..<UInt64(bytes.count)])
    }

    @Test(
        "What the existing tool lets pass is an issue",
        arguments: [
            ("c_overlap", GGUFIssue.Kind.tensorOverlap), ("c_dupkey", .duplicateKey), ("c_zero", .noTensors),
            ("c_badutf", .tensorNameNotUTF8),
        ])
    func weaknesses(name: String, kind: GGUFIssue.Kind) throws {
        let (file, _) = try read(name)
        #expect(file.issues.map(\.kind) == [kind])
    }

    @Test("Ordinary files have no issues", arguments: ["alltypes", "layers", "c_const", "c_nan", "c_esc", "c_iq4"])
    func clean(name: String) throws {
        let (file, _) = try read(name)
        #expect(file.issues == [])
    }

    @Test("Metadata of every type is read")
    func metadata() throws {
        let (file, _) = try read("alltypes")
        #expect(file["u8"] == .uint8(200))
        #expect(file["i8"] == .int8(-5))
        #expect(file["u16"] == .uint16(60000))
        #expect(file["i16"] == .int16(-300))
        #expect(file["u32"] == .uint32(4_000_000_000))
        #expect(file["i32"] == .int32(-7))
        #expect(file["f32"] == .float32(0.00001))
        #expect(file["f64"] == .float64(1e21))
        #expect(file["u64"] == .uint64(.max))
        #expect(file["i64"] == .int64(-4_611_686_018_427_387_904))
        #expect(file["bool"] == .bool(true))
        #expect(file["arr"] == .array(of: .string, count: 2))
        #expect(file["general.name"] == .string("tiny <&> \u{2028} é"))
    }
}
