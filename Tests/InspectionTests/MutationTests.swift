import Inspection
import ModelFormats
import Testing

@Suite("Mutated files")
struct MutationTests {
    private static let mutationsPerSample = 2500

    /// Small valid files of every format that is read.
    static let seeds: [Sample] = [
        .gguf("GGUF") {
            $0.string(
                "tokenizer.chat_template", "{% for m in messages %}{{ m['role'] ~ ': ' ~ m.content|trim }}{% endfor %}")
            $0.strings("tokenizer.ggml.tokens", ["a", "bc", ""])
            $0.uint32("general.alignment", 32)
            $0.pair("split.no", 2, Bytes.little(UInt16(0)))
            $0.pair("split.count", 2, Bytes.little(UInt16(1)))
            $0.tensors += [.init("b", [32, 2], .q4_0), .init("c", [5])]
        },
        Sample("safetensors", name: "m.safetensors", SafetensorsBuilder.ordinary.build()),
        .safetensors(
            "safetensors with more",
            #"{"a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"#
                + #""b":{"dtype":"F4","shape":[2],"data_offsets":[8,9]}}"#,
            9),
        .json(
            "config",
            #"{"auto_map":{"a":"b.C"},"chat_template":[{"name":"x","template":"{{ a|b('c') }}"}],"n":[1,2.5e3]}"#),
        .template(
            "{% set x = ['a', 'b']|join('') ~ \"c\"[::-1] %}{{ x.y['z']|map(attribute='q') }}"
                + "{# c #}{% raw %}{{{% endraw %}"
        ),
        Sample("text", name: "a.md", text: "# T\n\n{{ a.b }} \u{1B}\u{202E} é 😀\n"),
        Sample("pickle", name: "a.pkl", text: "cos\nsystem\n(S'id'\ntR."),
        Sample(
            "zip", name: "a.gguf",
            GGUFBuilder.ordinary.build() + [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)),
        .zip(
            "torch",
            [
                .init("m/data.pkl", [0x80, 2, 0x4E, 0x2E]), .init("m/data/0", [1, 2, 3, 4]),
                .deflated("m/code/a.py", Array("x = 1\n".utf8)),
                ZipBuilder.Member("m/version", [0x33, 0x0A]).with { $0.hasDescriptor = true },
            ]),
        Sample("zip in tar", name: "a.tar", TarBuilder([.init("b.zip", ZipBuilder.ordinary.build())]).build()),
        Sample("tar.gz", name: "a.tar.gz", Compressor.compress(TarBuilder.ordinary.build(), .gzip)),
        Sample("zstd", name: "a.json.zst", Compressor.compress(Array("[1]".utf8), .zstandard)),
        .numpy("numpy", descr: "[('a', '<f4', (2,)), (('t', 'b'), '|S3')]", [UInt8](repeating: 0, count: 22)),
        Sample(
            "hdf5", name: "a.h5", HDF5Builder.ordinary([.text("model_config", "{}"), .externalLink("x", "y", "z")])),
        .kerasArchive("keras", KerasModel.calling("keras.activations", "relu")),
        .keras("model", KerasModel.layer("StringLookup", #""vocabulary":"v","function":"x""#)),
        .numpy("objects", descr: "'|O'", [0x80, 4, 0x4E, 0x2E]),
        .onnx(
            "ONNX",
            ONNXBuilder.withGraph { graph in
                ONNXBuilder.externalTensor(&graph, "e", [("location", "a.bin"), ("offset", "4"), ("length", "8")])
                ONNXBuilder.node(&graph, "If") { node in
                    node.message(5) { attribute in attribute.message(6, ONNXBuilder.ordinaryGraph) }
                }
            }),
        .tensorFlow("SavedModel", TensorFlowBuilder.checkpointed()),
        .tensorFlow("graph", TensorFlowBuilder.graph(TensorFlowBuilder.ordinaryGraph)),
    ]

    private func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[index] = [0, 0xFF, 0x7F, 0x80, 0x7B, 0x22].randomElement(using: &random) ?? 0
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...16, using: &random)))
            case 3: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 16)], at: index)
            case 4: bytes.removeLast(bytes.count - index)
            case 5: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            default:
                for offset in index..<min(bytes.count, index + 8) { bytes[offset] = 0xFF }
            }
        }
        return bytes
    }

    @Test(
        "2,500 mutations of each: always a report, which reads back, and never a trap", arguments: Array(seeds.indices))
    func mutations(index: Int) throws {
        let seed = Self.seeds[index]
        var random = SeededRandom(seed: UInt64(index) + 1)
        var verdicts: Set<Verdict> = []
        for _ in 0..<Self.mutationsPerSample {
            let bytes = mutate(seed.bytes, &random)
            let report = Inspector.inspect(source: MemoryByteSource(bytes), name: seed.name)
            verdicts.insert(report.verdict)
            let read = try InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(bytes.count))
            #expect(read == report)
            if let table = report.tensors {
                #expect(table.ranges.allSatisfy { $0.upperBound <= UInt64(bytes.count) })
                #expect(report.verdict == .block || table.overlap == nil)
            }
        }
        #expect(verdicts.count > 1)
    }

    @Test("Mutated reports are refused or are reports, and never a trap")
    func reports() throws {
        var random = SeededRandom(seed: 99)
        let sample = Self.seeds[0]
        let encoded = sample.inspect().encoded()
        var accepted = 0
        for _ in 0..<5000 {
            let bytes = mutate(encoded, &random)
            guard let report = try? InspectionReport(decoding: bytes, fileSizeBytes: UInt64(sample.bytes.count)) else {
                continue
            }
            accepted += 1
            #expect(report.tensors?.ranges.allSatisfy { $0.upperBound <= UInt64(sample.bytes.count) } ?? true)
            #expect(report.verdict >= Verdict.worst(of: report.findings.map(\.verdict)))
        }
        #expect(accepted < 4000)
    }
}
