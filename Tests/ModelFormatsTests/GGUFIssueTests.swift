import ModelFormats
import Testing

@Suite("GGUF issues")
struct GGUFIssueTests {
    private func issues(_ change: (inout GGUFBuilder) -> Void) throws -> [GGUFIssue.Kind] {
        var builder = GGUFBuilder.ordinary
        change(&builder)
        return try GGUFReader.read(MemoryByteSource(builder.build())).issues.map(\.kind)
    }

    @Test("An ordinary file has none")
    func ordinary() throws {
        #expect(try issues { _ in } == [])
    }

    @Test("Keys are present once, not empty and UTF-8")
    func keys() throws {
        #expect(
            try issues {
                $0.string("a.b", "1"); $0.string("a.b", "2")
            } == [.duplicateKey])
        #expect(
            try issues {
                $0.string("a.b", "1"); $0.string("A.b", "2")
            } == [.keyDiffersInCase])
        #expect(
            try issues {
                $0.string("a.b", "1"); $0.string("a.c", "1")
            } == [])
        #expect(try issues { $0.string("", "1") } == [.emptyKey])
        #expect(try issues { $0.pairs.append(([0xFF], Bytes.little(UInt32(7)) + [1])) } == [.keyNotUTF8])
    }

    @Test("Texts are UTF-8, and booleans 0 or 1")
    func values() throws {
        #expect(try issues { $0.pair("a", 8, Bytes.little(UInt64(2)) + [0xC3, 0x28]) } == [.stringNotUTF8])
        #expect(try issues { $0.pair("a", 8, Bytes.little(UInt64(2)) + [0xC3, 0xA9]) } == [])
        let long = [UInt8](repeating: 0x61, count: 5000)
        #expect(try issues { $0.pair("a", 8, Bytes.little(UInt64(5001)) + long + [0xFF]) } == [.stringNotUTF8])
        #expect(try issues { $0.pair("a", 7, [2]) } == [.boolNeitherZeroNorOne])
        #expect(try issues { $0.pair("a", 7, [1]) } == [])
    }

    @Test("A model names its architecture and has tensors")
    func presence() throws {
        #expect(try issues { $0.pairs = [] } == [.noArchitecture])
        #expect(
            try issues {
                $0.pairs = []; $0.uint32("general.architecture", 1)
            } == [.noArchitecture])
        #expect(try issues { $0.tensors = [] } == [.noTensors])
    }

    @Test("The first part of a split model may have no tensors")
    func split() throws {
        func add(_ builder: inout GGUFBuilder, _ number: UInt16, _ count: UInt16, _ tensors: Int32) {
            builder.pair("split.no", 2, Bytes.little(number))
            builder.pair("split.count", 2, Bytes.little(count))
            builder.pair("split.tensors.count", 5, Bytes.little(tensors))
        }
        #expect(
            try issues {
                add(&$0, 0, 2, 10); $0.tensors = []
            } == [])
        #expect(try issues { add(&$0, 1, 2, 10) } == [])
        #expect(try issues { add(&$0, 2, 2, 10) } == [.splitInconsistent])
        #expect(try issues { add(&$0, 0, 2, 0) } == [.splitInconsistent])
        #expect(
            try issues {
                add(&$0, 0, 1, 0); $0.tensors = []
            } == [.noTensors])
        #expect(try issues { $0.pair("split.no", 2, Bytes.little(UInt16(0))) } == [.splitInconsistent])
    }

    @Test("Tensors have names of their own that ggml can hold")
    func tensorNames() throws {
        #expect(try issues { $0.tensors.append(.init("blk.0.attn_q.weight", [8])) } == [.duplicateTensorName])
        #expect(try issues { $0.tensors.append(.init(String(repeating: "n", count: 64), [8])) } == [.tensorNameTooLong])
        #expect(try issues { $0.tensors.append(.init(String(repeating: "n", count: 63), [8])) } == [])
        #expect(try issues { $0.tensors.append(.init("", [8])) } == [.tensorNameEmpty])
        #expect(try issues { $0.tensors[0].name = [0x80] } == [.tensorNameNotUTF8])
    }

    @Test("Canonically equivalent names are different names")
    func equivalentNames() throws {
        #expect(
            try issues {
                $0.tensors.append(.init("\u{E9}", [8])); $0.tensors.append(.init("e\u{301}", [8]))
            } == [])
        #expect(
            try issues {
                $0.string("\u{E9}", ""); $0.string("e\u{301}", "")
            } == [])
    }

    @Test("Names beyond a kilobyte end the reading")
    func hugeNames() {
        var builder = GGUFBuilder.ordinary
        builder.tensors.append(.init(String(repeating: "n", count: 1025), [8]))
        #expect(throws: FormatFault.self) { try GGUFReader.read(MemoryByteSource(builder.build())) }
    }

    @Test("Dimensions are few, not zero, and multiply to something")
    func dimensions() throws {
        #expect(try issues { $0.tensors[0].shape = [2, 2, 2, 2, 2] } == [.tooManyDimensions])
        #expect(try issues { $0.tensors[0].shape = [2, 2, 2, 2] } == [])
        #expect(try issues { $0.tensors[0].shape = [] } == [])
        #expect(try issues { $0.tensors[0].shape = [4, 0] } == [.zeroElements])
        #expect(
            try issues {
                $0.tensors[0].shape = [1 << 63, 0]; $0.dataBytes = 0
            } == [.zeroElements])
        #expect(
            try issues {
                $0.tensors[0].shape = [1 << 33, 1 << 31]; $0.dataBytes = 0
            } == [.elementCountOverflow])
        #expect(
            try issues {
                $0.tensors[0].shape = [1 << 62, 2]; $0.dataBytes = 0
            } == [.elementCountOverflow])
        #expect(
            try issues {
                $0.tensors[0].shape = [(1 << 63) - 1]; $0.dataBytes = 0
            } == [.sizeOverflow])
        #expect(
            try issues {
                $0.tensors[0].shape = [1 << 38]; $0.dataBytes = 0
            } == [.tensorOutsideFile])
    }

    @Test("Types are known and rows fill their blocks")
    func types() throws {
        #expect(try issues { $0.tensors[0].type = 43 } == [.unknownTensorType])
        #expect(try issues { $0.tensors[0].type = 4 } == [.unknownTensorType])
        #expect(try issues { $0.tensors[0] = .init("a", [33], .q4_0) } == [.partialBlock])
        #expect(try issues { $0.tensors[0] = .init("a", [16, 2], .q4_0) } == [.partialBlock])
        #expect(try issues { $0.tensors[0] = .init("a", [32, 2], .q4_0) } == [])
    }

    @Test("Every type is measured", arguments: GGMLType.allCases)
    func everyType(type: GGMLType) throws {
        let elements = type.block.elements * 3
        #expect(try issues { $0.tensors = [.init("a", [elements, 2], type), .init("b", [elements], type)] } == [])
        #expect(type.sizeBytes(elements: elements) == 3 * type.block.bytes)
        #expect(type.sizeBytes(elements: .max) == nil || type.block.bytes <= type.block.elements)
        #expect(GGMLType.name(of: type.rawValue) == type.name)
    }

    @Test("Tensors lie aligned, apart, in order and inside")
    func layout() throws {
        func two(_ builder: inout GGUFBuilder, _ first: UInt64, _ second: UInt64, data: UInt64) {
            builder.tensors = [.init("a", [32], offset: first), .init("b", [32], offset: second)]
            builder.dataBytes = data
        }
        #expect(try issues { two(&$0, 0, 128, data: 256) } == [])
        #expect(try issues { two(&$0, 0, 96, data: 256) } == [.tensorOverlap, .trailingBytes])
        #expect(try issues { two(&$0, 0, 0, data: 128) } == [.tensorOverlap])
        #expect(try issues { two(&$0, 0, 160, data: 288) } == [.gap])
        #expect(try issues { two(&$0, 128, 0, data: 256) } == [.tensorsOutOfOrder])
        #expect(try issues { two(&$0, 0, 130, data: 258) } == [.offsetNotAligned, .paddingNotZero])
        #expect(try issues { two(&$0, 0, 128, data: 255) } == [.tensorOutsideFile])
        #expect(try issues { two(&$0, 0, 1 << 63, data: 256) } == [.tensorOutsideFile])
        #expect(try issues { two(&$0, 0, .max - 31, data: 256) } == [.tensorOutsideFile])
    }

    @Test("Bytes that belong to no tensor are padding of zeros")
    func padding() throws {
        #expect(try issues { $0.padding = 1 } == [.paddingNotZero])
        #expect(try issues { $0.trailing = [UInt8](repeating: 0, count: 31) } == [])
        #expect(try issues { $0.trailing = [UInt8](repeating: 0, count: 32) } == [.trailingBytes])
        #expect(try issues { $0.trailing = [0, 1] } == [.paddingNotZero])
    }

    @Test("Harmless issues cannot crowd out a bad one")
    func crowd() throws {
        var builder = GGUFBuilder.ordinary
        builder.tensors = (0..<5000).map { .init("tensor\($0)", [0]) }
        builder.tensors += [.init("a", [32], offset: 0), .init("b", [32], offset: 0)]
        builder.dataBytes = 128
        let file = try GGUFReader.read(MemoryByteSource(builder.build()))
        #expect(file.issues.count == GGUFLimits.standard.issuesPerKindMax + 1)
        #expect(file.issuesDropped == 5000 - GGUFLimits.standard.issuesPerKindMax)
        #expect(file.issues.contains { $0.kind == .tensorOverlap })
    }
}
