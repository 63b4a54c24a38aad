import Inspection
import ModelFormats
import Testing

@Suite("Rules and files")
struct RuleTests {
    @Test("A file that breaks a rule is found, and the verdict is at least the rule's")
    func hits() {
        for sample in RuleSample.all {
            let report = sample.hit.inspect()
            #expect(report.findings.contains { $0.rule == sample.rule }, "\(sample.rule): \(sample.hit.title)")
            #expect(report.verdict >= RuleCatalogue.rule(sample.rule).verdict, "\(sample.rule): \(sample.hit.title)")
        }
    }

    @Test("A file that barely keeps a rule does not break it")
    func nearMisses() {
        for sample in RuleSample.all {
            guard let nearMiss = sample.nearMiss else { continue }
            let report = nearMiss.inspect()
            #expect(!report.findings.contains { $0.rule == sample.rule }, "\(sample.rule): \(nearMiss.title)")
        }
    }

    @Test("Every rule is tried by a file")
    func coverage() {
        // These need a source that fails, more findings and tensors than a sample should have, or no inspection.
        let elsewhere: Set<RuleID> = [
            .fileUnreadable, .reportTruncated, .reportTooLarge, .inspectionCrashed, .inspectionTimedOut,
            .inspectionUnintelligible, .inspectionOverloaded, .inspectionUnavailable,
            // What other scanners say.
            .scannerThreat, .scannerSuspicion, .scannerFailed, .scannerNotScanned, .scannerTensorsSkipped,
        ]
        let tried = Set(RuleSample.all.map(\.rule)).union(elsewhere)
        // Those about weights have tests of their own: `WeightRuleTests`.
        let rules = RuleID.allCases.filter { !$0.rawValue.hasPrefix("weights.") }
        #expect(rules.filter { !tried.contains($0) } == [])
    }

    @Test(
        "Ordinary files are clean",
        arguments: [
            Sample.gguf("GGUF"), Sample("safetensors", name: "m.safetensors", SafetensorsBuilder.ordinary.build()),
            .json("config", #"{"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":32000}"#),
            Sample("pickle", name: "m.pkl", PickleBuilder.stream { $0.call("torch._utils", "_rebuild_tensor_v2") }),
            .onnx("ONNX"), .tensorFlow("SavedModel"), .tensorFlow("checkpointed", TensorFlowBuilder.checkpointed()),
            Sample("readme", name: "README.md", text: "# Model\n\n[link](https://example.org)\n"),
            Sample("link first", name: "README.md", text: "[link](https://example.org) and text\n"),
            Sample("merges", name: "merges.txt", text: "#version: 0.2\nĠ t\nĠ a\n"),
            Sample("yaml", name: "model.yaml", text: "name: x\n"),
            Sample("license", name: "LICENSE", text: "Apache License\n"),
        ])
    func clean(sample: Sample) {
        let report = sample.inspect()
        #expect(report.findings.map(\.rule) == [])
        #expect(report.verdict == .clean)
    }

    @Test("A file that cannot be read is undecided, whenever reading fails", arguments: [0, 3, 30, 150])
    func unreadable(count: Int) {
        struct Broken: ByteSource {
            let bytes: [UInt8]
            let sizeBytes: UInt64

            func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
                let count = MemoryByteSource(bytes).read(at: offset, into: buffer)
                if count == 0 { throw ByteSourceFault(offset: offset, code: 5) }
                return count
            }
        }
        let bytes = GGUFBuilder.ordinary.build()
        let report = Inspector.inspect(
            source: Broken(bytes: Array(bytes[..<count]), sizeBytes: UInt64(bytes.count)), name: "m.gguf")
        #expect(report.findings.map(\.rule) == [.fileUnreadable])
        #expect(report.verdict == .undecided)
    }

    @Test("Findings beyond the limit are counted, and their verdict stays")
    func limit() throws {
        var limits = InspectionLimits.standard
        limits.findingsMax = 4
        let text =
            #"{"a":[\#((0..<20).map { #"{"trust_remote_code":true,"x\#($0)":1}"# }.joined(separator: ",")),"#
            + #"{"weight_map":{"t":"../x"}}]}"#
        let report = Sample.json("many", text).inspect(limits)
        #expect(report.findings.count == 4)
        #expect(report.findings.last?.rule == .reportTruncated)
        #expect(report.findings.last?.detail.hasPrefix("18 ") == true)
        #expect(report.verdict == .block)
    }

    @Test(
        "A name can only make the verdict worse",
        arguments: ["m.gguf", "m.bin", "m", "m.txt", "m.json", "m.py", ".gguf", "/", ""])
    func names(name: String) {
        let bad = GGUFBuilder.ordinary.build() + [UInt8](repeating: 0, count: 64)
        #expect(Sample("bad", name: name, bad).inspect().verdict >= .review)
        #expect(Sample("pickle", name: name, [0x80, 2, 0x2E]).inspect().verdict >= .undecided)
    }
}
