import ModelFormats
import Testing

@Suite("GGUF reader")
struct GGUFReaderTests {
    private func fault(_ bytes: [UInt8]) -> FormatFault? {
        do throws(FormatFault) {
            _ = try GGUFReader.read(MemoryByteSource(bytes))
            return nil
        } catch {
            return error
        }
    }

    @Test("No prefix of a header is read as a file")
    func prefixes() {
        var builder = GGUFBuilder.ordinary
        builder.strings("tokenizer.ggml.tokens", ["a", "", "ccc"])
        builder.string("tokenizer.chat_template", "{{ messages }}")
        let header = builder.header()
        for count in 4..<header.count {
            #expect(fault(Array(header[..<count])) == .truncated(offset: UInt64(count)), "prefix of \(count)")
        }
    }

    @Test("A file that is cut off in its data has no table", arguments: [1, 64, 127])
    func cutData(count: Int) throws {
        let bytes = GGUFBuilder.ordinary.build().dropLast(count)
        let file = try GGUFReader.read(MemoryByteSource(Array(bytes)))
        #expect(file.table == nil)
        #expect(file.issues.map(\.kind) == [.tensorOutsideFile])
    }

    @Test("Other magics are not GGUF", arguments: ["GGUf", "GGML", "gguf", "\0\0\0\0"])
    func magic(text: String) {
        #expect(fault(Array(text.utf8) + [UInt8](repeating: 0, count: 64)) == .invalid(.ggufMagic, offset: 0))
    }

    @Test("Versions are told apart", arguments: [2, 3] as [UInt32])
    func knownVersions(version: UInt32) throws {
        var builder = GGUFBuilder.ordinary
        builder.version = version
        #expect(try GGUFReader.read(MemoryByteSource(builder.build())).version == version)
    }

    @Test(
        "Unknown versions and big-endian files are refused by name",
        arguments: [
            (1, FormatFault.unsupported(.ggufVersion(1))), (4, .unsupported(.ggufVersion(4))),
            (0x0300_0000, .unsupported(.ggufBigEndian)), (0x0200_0000, .unsupported(.ggufBigEndian)),
            (0, .invalid(.ggufVersionZero, offset: 4)), (.max, .unsupported(.ggufVersion(.max))),
        ] as [(UInt32, FormatFault)])
    func unknownVersions(version: UInt32, expected: FormatFault) {
        var builder = GGUFBuilder.ordinary
        builder.version = version
        #expect(fault(builder.build()) == expected)
    }

    @Test("Counts are refused before anything is reserved", arguments: [100_001, 1 << 31, 1 << 63, .max] as [UInt64])
    func counts(count: UInt64) {
        var builder = GGUFBuilder.ordinary
        builder.tensorCount = count
        #expect(fault(builder.build()) == .limitExceeded(.ggufTensorCount, offset: 8))
        builder.tensorCount = nil
        builder.pairCount = count
        #expect(fault(builder.build()) == .limitExceeded(.ggufMetadataCount, offset: 16))
    }

    @Test("A count that the file cannot hold is a truncated file")
    func largeCounts() {
        var builder = GGUFBuilder.ordinary
        builder.tensorCount = 100_000
        let bytes = builder.build()
        #expect(fault(bytes) == .truncated(offset: UInt64(bytes.count)))
        builder.tensorCount = nil
        builder.pairCount = 100_000
        #expect(fault(builder.build()) == .truncated(offset: UInt64(bytes.count)))
    }

    @Test("Lengths of text and arrays are compared with the file", arguments: [1 << 20, 1 << 62, .max] as [UInt64])
    func lengths(length: UInt64) {
        let payloads: [(UInt32, [UInt8])] = [
            (8, Bytes.little(length)),
            (9, Bytes.little(UInt32(0)) + Bytes.little(length)),
            (9, Bytes.little(UInt32(10)) + Bytes.little(length)),
            (9, Bytes.little(UInt32(8)) + Bytes.little(length)),
            (9, Bytes.little(UInt32(9)) + Bytes.little(length)),
            (9, Bytes.little(UInt32(8)) + Bytes.little(UInt64(1)) + Bytes.little(length)),
        ]
        for (type, payload) in payloads {
            var builder = GGUFBuilder()
            builder.pair("key", type, payload)
            let bytes = builder.build()
            #expect(fault(bytes) == .truncated(offset: UInt64(bytes.count)))
        }
    }

    @Test("Types of values that do not exist are refused", arguments: [13, 255, .max] as [UInt32])
    func valueTypes(type: UInt32) {
        var builder = GGUFBuilder.ordinary
        builder.pair("key", type, Bytes.little(UInt64(0)))
        guard case .invalid(.ggufValueType, _)? = fault(builder.build()) else {
            Issue.record("accepted")
            return
        }
        builder.pairs.removeLast()
        builder.pair("key", 9, Bytes.little(type) + Bytes.little(UInt64(0)))
        guard case .invalid(.ggufValueType, _)? = fault(builder.build()) else {
            Issue.record("accepted in an array")
            return
        }
    }

    @Test("Arrays may nest eight deep and no deeper")
    func nesting() throws {
        func nested(_ depth: Int) -> GGUFBuilder {
            var payload = Bytes.little(UInt32(0)) + Bytes.little(UInt64(0))
            for _ in 1..<depth {
                payload = Bytes.little(UInt32(9)) + Bytes.little(UInt64(1)) + payload
            }
            var builder = GGUFBuilder.ordinary
            builder.pair("nested", 9, payload)
            return builder
        }
        #expect(try GGUFReader.read(MemoryByteSource(nested(8).build())).issues.map(\.kind) == [.nestedArray])
        #expect(try GGUFReader.read(MemoryByteSource(nested(1).build())).issues == [])
        guard case .limitExceeded(.ggufArrayDepth, _)? = fault(nested(9).build()) else {
            Issue.record("nine levels were accepted")
            return
        }
        guard case .limitExceeded(.ggufArrayDepth, _)? = fault(nested(50_000).build()) else {
            Issue.record("50,000 levels were accepted")
            return
        }
    }

    @Test("Alignment is a power of two, and is honoured", arguments: [1, 8, 32, 64, 4096] as [UInt32])
    func alignment(value: UInt32) throws {
        var builder = GGUFBuilder.ordinary
        builder.alignment = UInt64(value)
        builder.uint32("general.alignment", value)
        builder.tensors.append(.init("output.weight", [3]))
        builder.tensors.append(.init("output_norm.weight", [5]))
        let bytes = builder.build()
        let file = try GGUFReader.read(MemoryByteSource(bytes))
        let table = try #require(file.table)
        #expect(file.issues == [])
        #expect(table.dataStart == Bytes.roundUp(UInt64(builder.header().count), UInt64(value)))
        #expect(table.ranges.map(\.upperBound).max() == UInt64(bytes.count))
    }

    @Test("Alignments without a meaning are refused", arguments: [0, 3, 48, 1 << 21] as [UInt32])
    func badAlignment(value: UInt32) {
        var builder = GGUFBuilder.ordinary
        builder.uint32("general.alignment", value)
        switch fault(builder.build()) {
        case .invalid(.ggufAlignment, _)?: #expect(value < 1 << 21)
        case .limitExceeded(.ggufAlignment, _)?: #expect(value == 1 << 21)
        default: Issue.record("accepted")
        }
    }

    @Test("An alignment of another type is refused")
    func alignmentType() {
        var builder = GGUFBuilder.ordinary
        builder.pair("general.alignment", 10, Bytes.little(UInt64(32)))
        guard case .invalid(.ggufAlignment, _)? = fault(builder.build()) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("A vocabulary of 300,000 tokens is skipped, whatever it contains")
    func vocabulary() throws {
        var builder = GGUFBuilder.ordinary
        builder.strings("tokenizer.ggml.tokens", (0..<300_000).map { "token\($0)" })
        let file = try GGUFReader.read(MemoryByteSource(builder.build()))
        #expect(file["tokenizer.ggml.tokens"] == .array(of: .string, count: 300_000))
        #expect(file.issues == [])
        #expect(file.table != nil)
    }

    @Test("Long strings are hashed and short ones kept")
    func strings() throws {
        var builder = GGUFBuilder.ordinary
        builder.string("short", String(repeating: "s", count: 4096))
        builder.string("long", String(repeating: "l", count: 4097))
        let file = try GGUFReader.read(MemoryByteSource(builder.build()))
        #expect(file["short"]?.text?.utf8.count == 4096)
        guard case .digestedString(4097, let digest)? = file["long"] else {
            Issue.record("a long string was kept")
            return
        }
        #expect(digest.count == 32)
    }

    @Test("Every chat template is kept, up to the limit of its size")
    func templates() throws {
        var builder = GGUFBuilder.ordinary
        builder.string("tokenizer.chat_template", "{{ a }}")
        builder.string("tokenizer.chat_template.tool_use", "{{ b }}")
        builder.strings("tokenizer.chat_templates", ["tool_use"])
        builder.string("tokenizer.chat_template.huge", String(repeating: "x", count: (512 << 10) + 1))
        let file = try GGUFReader.read(MemoryByteSource(builder.build()))
        #expect(
            file.templates.map(\.key) == [
                "tokenizer.chat_template", "tokenizer.chat_template.tool_use", "tokenizer.chat_template.huge",
            ])
        #expect(
            file.templates.map { $0.bytes.map { String(decoding: $0, as: UTF8.self) } } == ["{{ a }}", "{{ b }}", nil])
    }

    @Test("The digest of the header changes with the metadata and not with the weights")
    func headerDigest() throws {
        var builder = GGUFBuilder.ordinary
        builder.string("general.name", "one")
        let first = try GGUFReader.read(MemoryByteSource(builder.build()))
        var bytes = builder.build()
        bytes[bytes.count - 1] ^= 1
        #expect(try GGUFReader.read(MemoryByteSource(bytes)).headerSHA256 == first.headerSHA256)
        builder.pairs[1].value[12] ^= 1
        #expect(try GGUFReader.read(MemoryByteSource(builder.build())).headerSHA256 != first.headerSHA256)
    }
}
