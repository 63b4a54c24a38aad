import Inspection
import ModelFormats

extension RuleSample {
    static let gguf: [RuleSample] = ggufHeader + ggufTensors + ggufLayout

    private static let ggufHeader: [RuleSample] = [
        .init(
            .ggufMalformed, .gguf("type 13") { $0.pair("a", 13, []) },
            butNot: .gguf("type 7") { $0.pair("a", 7, [1]) }),
        .init(
            .ggufTruncated, .gguf("more pairs than there are") { $0.pairCount = 100_000 },
            butNot: .gguf("as many") { $0.pairCount = 1 }),
        .init(
            .ggufUnsupportedVersion, .gguf("version 1") { $0.version = 1 },
            butNot: .gguf("version 2") { $0.version = 2 }),
        .init(
            .ggufBigEndian, .gguf("big endian") { $0.version = 0x0300_0000 },
            butNot: .gguf("little endian") { $0.version = 3 }),
        .init(
            .ggufDuplicateKey, .gguf("twice") { $0.string("general.architecture", "x") },
            butNot: .gguf("once") { $0.string("general.name", "x") }),
        .init(
            .ggufKeyCase, .gguf("case") { $0.string("General.Architecture", "x") },
            butNot: .gguf("another key") { $0.string("General.Architectures", "x") }),
        .init(
            .ggufEmptyKey, .gguf("empty key") { $0.string("", "x") }, butNot: .gguf("a key") { $0.string("a", "x") }),
        .init(
            .ggufNotUTF8, .gguf("not UTF-8") { $0.pair("a", 8, Bytes.little(UInt64(1)) + [0x80]) },
            butNot: .gguf("UTF-8") { $0.string("a", "é") }),
        .init(.ggufBool, .gguf("2") { $0.pair("a", 7, [2]) }, butNot: .gguf("1") { $0.pair("a", 7, [1]) }),
        .init(
            .ggufNestedArray,
            .gguf("nested") {
                $0.pair("a", 9, Bytes.little(UInt32(9)) + Bytes.little(UInt64(0)))
            },
            butNot: .gguf("flat") { $0.strings("a", ["x"]) }),
        .init(
            .ggufNoArchitecture, .gguf("a number") { $0.pairs[0].value = Bytes.little(UInt32(4)) + [1, 0, 0, 0] },
            butNot: .gguf("a text")),
        .init(
            .ggufMetadataCode, .gguf("code") { $0.string("general.name", "{{ x.__class__ }}") },
            butNot: .gguf("braces") { $0.string("general.name", "{{ x.class }}") }),
        .init(
            .ggufMetadataCode, .gguf("code in a list") { $0.strings("general.tags", ["a", "{{ x.__class__ }}"]) },
            butNot: .gguf("tokens") { $0.strings("tokenizer.ggml.tokens", ["a", "{{ x.__class__ }}"]) }),
        .init(
            .ggufMetadataCode,
            .gguf("code in a long text") {
                $0.string("general.description", String(repeating: "x ", count: 9_000) + "{{ x.__class__ }}")
            },
            butNot: .gguf("a long text") { $0.string("general.description", String(repeating: "x ", count: 9_000)) }),
        .init(
            .ggufMetadataCode,
            .gguf("a list of templates") { $0.strings("tokenizer.chat_templates", ["{{ x.__class__ }}"]) },
            butNot: .gguf("a list of templates") { $0.strings("tokenizer.chat_templates", ["{{ x.class }}"]) }),
        .init(
            .ggufVocabulary,
            .gguf("fewer types than tokens") {
                $0.strings("tokenizer.ggml.tokens", ["a", "b"])
                $0.pair(
                    "tokenizer.ggml.token_type", 9, Bytes.little(UInt32(5)) + Bytes.little(UInt64(1)) + [1, 0, 0, 0])
            },
            butNot: .gguf("as many") {
                $0.strings("tokenizer.ggml.tokens", ["a"])
                $0.pair(
                    "tokenizer.ggml.token_type", 9, Bytes.little(UInt32(5)) + Bytes.little(UInt64(1)) + [1, 0, 0, 0])
            }),
        .init(
            .ggufSplit, .gguf("split") { $0.pair("split.no", 2, Bytes.little(UInt16(1))) },
            butNot: .gguf("whole") { $0.pair("splitting", 2, Bytes.little(UInt16(1))) }),
    ]

    private static let ggufTensors: [RuleSample] = [
        .init(.ggufNoTensors, .gguf("none") { $0.tensors = [] }, butNot: .gguf("one")),
        .init(
            .ggufTensorName, .gguf("long") { $0.tensors[0].name = [UInt8](repeating: 0x61, count: 64) },
            butNot: .gguf("long enough") { $0.tensors[0].name = [UInt8](repeating: 0x61, count: 63) }),
        .init(
            .ggufTensorName, .gguf("NUL") { $0.tensors[0].name = Array("a\0b".utf8) },
            butNot: .gguf("a dot") { $0.tensors[0].name = Array("a.b".utf8) }),
        .init(
            .ggufDuplicateTensor, .gguf("twice") { $0.tensors.append(.init("blk.0.attn_q.weight", [32])) },
            butNot: .gguf("two") { $0.tensors.append(.init("blk.1.attn_q.weight", [32])) }),
        .init(
            .ggufDimensions, .gguf("five") { $0.tensors[0].shape = [1, 1, 1, 1, 1] },
            butNot: .gguf("four") { $0.tensors[0].shape = [1, 1, 1, 1] }),
        .init(
            .ggufZeroElements, .gguf("zero") { $0.tensors[0].shape = [0] },
            butNot: .gguf("one") { $0.tensors[0].shape = [1] }),
        .init(
            .ggufSizeOverflow,
            .gguf("overflow") {
                $0.tensors[0].shape = [1 << 33, 1 << 31]
                $0.dataBytes = 0
            },
            butNot: .gguf("merely too large") {
                $0.tensors[0].shape = [1 << 33, 1 << 20]
                $0.dataBytes = 0
            }),
        .init(
            .ggufUnknownType, .gguf("type 43") { $0.tensors[0].type = 43 },
            butNot: .gguf("type 24") { $0.tensors[0].type = 24 }),
        .init(
            .ggufPartialBlock, .gguf("31") { $0.tensors[0] = .init("a", [31], .q8_0) },
            butNot: .gguf("32") { $0.tensors[0] = .init("a", [32], .q8_0) }),
    ]

    private static let ggufLayout: [RuleSample] = [
        .init(
            .ggufMisaligned,
            .gguf("8") {
                $0.tensors[0].offset = 8
                $0.dataBytes = 136
            },
            butNot: .gguf("32") {
                $0.tensors[0].offset = 32
                $0.dataBytes = 160
            }),
        .init(.ggufTensorOutside, .gguf("cut") { $0.dataBytes = 127 }, butNot: .gguf("whole") { $0.dataBytes = 128 }),
        .init(
            .ggufTensorOverlap,
            .gguf("overlap") {
                $0.tensors.append(.init("b", [32], offset: 96))
                $0.dataBytes = 224
            },
            butNot: .gguf("apart") {
                $0.tensors.append(.init("b", [32], offset: 128))
                $0.dataBytes = 256
            }),
        .init(
            .ggufGap,
            .gguf("gap") {
                $0.tensors[0].offset = 32
                $0.dataBytes = 160
            },
            butNot: .gguf("padding") { $0.tensors = [.init("a", [1]), .init("b", [32])] }),
        .init(
            .ggufOrder,
            .gguf("order") {
                $0.tensors = [.init("a", [32], offset: 128), .init("b", [32], offset: 0)]
                $0.dataBytes = 256
            },
            butNot: .gguf("in order") {
                $0.tensors = [.init("b", [32], offset: 0), .init("a", [32], offset: 128)]
                $0.dataBytes = 256
            }),
        .init(.ggufPadding, .gguf("ones") { $0.padding = 1 }, butNot: .gguf("zeros") { $0.padding = 0 }),
        .init(
            .ggufTrailingBytes, .gguf("32") { $0.trailing = [UInt8](repeating: 0, count: 32) },
            butNot: .gguf("31") { $0.trailing = [UInt8](repeating: 0, count: 31) }),
    ]
}
