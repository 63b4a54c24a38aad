import ModelFormats
import OCI
import Testing

@Suite("Tensor manifests")
struct TensorManifestTests {
    typealias Mismatch = TensorManifest.Mismatch

    private func manifest(_ builder: GGUFBuilder, flip: Int? = nil) throws -> TensorManifest {
        var bytes = builder.build()
        if let flip { bytes[bytes.count - flip] ^= 1 }
        let file = try GGUFReader.read(MemoryByteSource(bytes))
        let table = try #require(file.table)
        let digests = try TensorDigests(bytes, table: table)
        return try #require(
            TensorManifest(
                table: table, architecture: file.architecture, fileDigest: digests.file, tensorDigests: digests.tensors)
        )
    }

    private var model: GGUFBuilder {
        var builder = GGUFBuilder.ordinary
        builder.tensors = [.init("a", [32]), .init("b", [32], .q4_0), .init("c", [8])]
        return builder
    }

    private func edited(_ old: String, _ new: String) throws -> TensorManifest {
        let text = String(decoding: try manifest(model).encoded(), as: UTF8.self)
        try #require(text.contains(old))
        return try TensorManifest.parse(Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
    }

    @Test("A manifest reads back as it was written")
    func roundTrip() throws {
        let manifest = try manifest(model)
        let read = try TensorManifest.parse(manifest.encoded())
        #expect(read == manifest)
        #expect(read.compare(with: manifest) == [])
        #expect(TensorManifest.verdictText([]) == "PASS: all tensors match manifest")
    }

    @Test("A flipped bit is found in its tensor, the root and the file")
    func flipped() throws {
        let found = try manifest(model).compare(with: try manifest(model, flip: 1))
        #expect(found.count == 3)
        guard case .fileDigest? = found.first, case .digest(let name, let expected, let actual)? = found.last else {
            Issue.record("\(found)")
            return
        }
        #expect(name == Array("c".utf8))
        #expect(
            TensorManifest.verdictText([found[2]])
                == "FAIL: 1 mismatches\n  c: hash mismatch "
                + "(expected \(expected.hex.prefix(16)), got \(actual.hex.prefix(16)))"
        )
    }

    @Test("An edit of the metadata alone is found, which the existing tool lets pass")
    func metadata() throws {
        var changed = model
        changed.string("tokenizer.chat_template", "{{ x }}")
        let found = try manifest(model).compare(with: try manifest(changed))
        #expect(found.count == 2)
        #expect(
            found.allSatisfy { if case .fileDigest = $0 { true } else if case .fileSize = $0 { true } else { false } })
    }

    @Test("Appended bytes are found")
    func appended() throws {
        var changed = model
        changed.trailing = Array("PAYLOAD".utf8)
        #expect(try manifest(model).compare(with: try manifest(changed)).count == 2)
    }

    @Test("Tensors that are missing on either side are found")
    func missing() throws {
        var changed = model
        changed.tensors.removeLast()
        changed.tensors.append(.init("d", [8]))
        let found = try manifest(model).compare(with: try manifest(changed))
        #expect(found.contains(.notInManifest(Array("d".utf8))))
        #expect(found.contains(.notInFile(Array("c".utf8))))
        #expect(Mismatch.notInManifest(Array("d".utf8)).line == "d: not in manifest")
    }

    @Test(
        "Whatever else a manifest says is compared too",
        arguments: [
            (#""parameters": 72"#, #""parameters": 73"#, "parameters: mismatch (expected 73, got 72)"),
            (#""tensor_count": 3"#, #""tensor_count": 4"#, "tensor_count: mismatch (expected 4, got 3)"),
            (
                #""architecture": "llama""#, #""architecture": "evil""#,
                "architecture: mismatch (expected evil, got llama)"
            ),
            (#""quant_type": "F32""#, #""quant_type": "Q4_0""#, "quant_type: mismatch (expected Q4_0, got F32)"),
            (#""type": "Q4_0""#, #""type": "Q4_1""#, "b: type mismatch (expected Q4_1, got Q4_0)"),
            (#""offset": 128"#, #""offset": 129"#, "b: offset mismatch (expected 129, got 128)"),
            (#""data_size": 18"#, #""data_size": 19"#, "b: data_size mismatch (expected 19, got 18)"),
            (#""element_count": 8"#, #""element_count": 9"#, "c: element_count mismatch (expected 9, got 8)"),
        ])
    func fields(old: String, new: String, line: String) throws {
        let found = try edited(old, new).compare(with: try manifest(model))
        #expect(found.map(\.line).contains(line))
    }

    @Test("Of types that tie, either may stand in a manifest of the existing tool")
    func tie() throws {
        var builder = model
        builder.tensors = [.init("a", [32]), .init("b", [32], .q4_0)]
        let actual = try manifest(builder)
        #expect(actual.quantType == "F32")
        let text = String(decoding: actual.encoded(), as: UTF8.self)
        let other = text.replacing(#""quant_type": "F32""#, with: #""quant_type": "Q4_0""#)
        #expect(try TensorManifest.parse(Array(other.utf8)).compare(with: actual) == [])
    }

    @Test("Rows that share a name are found")
    func repeated() throws {
        let found = try edited(#""name": "b""#, #""name": "a""#).compare(with: try manifest(model))
        #expect(found.contains(.repeatedName(Array("a".utf8))))
        #expect(found.contains(.notInManifest(Array("b".utf8))))
    }

    @Test(
        "Documents of another form are refused",
        arguments: [
            (#""manifest_version": "1.0""#, #""manifest_version": "1.1""#, "manifest_version"),
            (#""manifest_version": "1.0""#, #""manifest_version": 1"#, "manifest_version"),
            (#""file_size""#, #""file_sizes""#, "file_sizes"), (#""hash": ""#, #""hash": "00"#, "hash"),
            (#""merkle_root": ""#, #""merkle_root": "sha256:"#, "merkle_root"),
            (#""offset": 0"#, #""offset": -1"#, "offset"),
            (#""offset": 0"#, #""offset": 0.0"#, "offset"), (#""type": "F32""#, #""x": "F32""#, "x"),
        ])
    func refused(old: String, new: String, field: String) throws {
        #expect(throws: TensorManifestFault.field(field)) { try edited(old, new) }
    }

    @Test("A short hash is refused, and so are capital letters")
    func hashes() throws {
        let text = String(decoding: try manifest(model).encoded(), as: UTF8.self)
        let hash = try manifest(model).rows[0].digest.hex
        for other in ["", "ab", String(hash.dropLast()), hash.uppercased()] {
            let changed = Array(text.replacing(hash, with: other).utf8)
            #expect(throws: TensorManifestFault.field("hash")) { try TensorManifest.parse(changed) }
        }
    }

    @Test("Names cannot move the cursor of a terminal")
    func names() {
        #expect(Mismatch.notInFile(Array("a\u{1B}[31m\u{202E}b".utf8)).line == #"a\u{1b}[31m\u{202e}b: not in file"#)
    }

    @Test("safetensors files have manifests too")
    func safetensors() throws {
        let bytes = SafetensorsBuilder.ordinary.build()
        let table = try #require(try SafetensorsReader.read(MemoryByteSource(bytes)).table)
        let digests = try TensorDigests(bytes, table: table)
        let manifest = try #require(
            TensorManifest(table: table, fileDigest: digests.file, tensorDigests: digests.tensors))
        #expect(manifest.architecture == "unknown")
        #expect(manifest.merkleRoot == digests.tensors[0].hex)
        #expect(try TensorManifest.parse(manifest.encoded()) == manifest)
        #expect(TensorManifest(table: table, fileDigest: digests.file, tensorDigests: []) == nil)
    }
}
