import Inspection
import ModelFormats
import Testing

@Suite("Rules and files")
struct RuleTests {
    @Test("A file that breaks a rule is found, and the verdict is at least the rule's", arguments: inFiles)
    func hits(rule: RuleID) throws {
        let samples = RuleSample.all.filter { $0.rule == rule }
        #expect(!samples.isEmpty, "no file breaks \(rule)")
        for sample in samples {
            let report = try sample.hit.reported()
            #expect(report.findings.contains { $0.rule == rule }, "\(sample.hit.title)")
            #expect(report.verdict >= RuleCatalogue.rule(rule).verdict, "\(sample.hit.title)")
        }
    }

    @Test(
        "A file that barely keeps a rule is read as what the other is, to its end, and does not break it",
        arguments: inFiles)
    func nearMisses(rule: RuleID) throws {
        let samples = RuleSample.all.filter { $0.rule == rule }
        #expect(samples.contains { $0.nearMiss != nil }, "no file barely keeps \(rule)")
        for sample in samples {
            guard let nearMiss = sample.nearMiss else { continue }
            #expect(nearMiss.bytes != sample.hit.bytes || nearMiss.name != sample.hit.name || rule == .fileUnreadable)
            let report = try nearMiss.reported()
            #expect(!report.findings.contains { $0.rule == rule }, "\(nearMiss.title)")
            let ends = report.findings.map(\.rule).filter(Self.endsReading)
            #expect(ends == [] || sample.staysUnread, "\(nearMiss.title)")
            let isSameReader = try Self.reader(of: report) == Self.reader(of: sample.hit.reported())
            #expect(isSameReader || Self.tellsFormats.contains(rule), "\(nearMiss.title): \(report.format)")
        }
    }

    /// Rules of which a file can be a sample. The others are about the numbers of tensors, what becomes of the process
    /// that inspects, and what other scanners say: each of these areas has a table that is as complete
    /// (`WeightRuleTests`, `AttemptRuleTests`, `ScannerRuleTests`). Some compare files with each other (`ShardTests`).
    static let inFiles = RuleID.allCases.filter { rule in
        !["weights.", "inspection.", "scanner."].contains { rule.rawValue.hasPrefix($0) }
            && ![.repositoryMissingShard, .repositoryUnlistedShard, .repositoryShardMismatch].contains(rule)
    }

    /// Rules that are broken by being of one format and kept by being of another.
    private static let tellsFormats: Set<RuleID> = [
        .fileEmpty, .fileUnknownFormat, .fileUnsupportedFormat, .fileExecutable, .fileUnreadable,
    ]

    /// All texts are read by the same reader first.
    private static func reader(of report: InspectionReport) -> FileFormat {
        report.format.isText ? .text : report.format
    }

    /// Whether what follows was not looked at once the rule was broken: then nothing can be said of other rules.
    private static func endsReading(_ rule: RuleID) -> Bool {
        [.fileLimit, .fileUnreadable, .safetensorsDuplicateName, .jsonDuplicateKey].contains(rule)
            || rule != .reportTruncated
                && [".malformed", ".truncated", ".unread"].contains { rule.rawValue.hasSuffix($0) }
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
            Sample("words", name: "a.txt", text: "NNRTI\nfoo\n"),
        ])
    func clean(sample: Sample) {
        let report = sample.inspect()
        #expect(report.findings.map(\.rule) == [])
        #expect(report.verdict == .clean)
    }

    @Test("A file that cannot be read is undecided, whenever reading fails", arguments: [0, 3, 30, 150])
    func unreadable(count: Int) {
        let bytes = GGUFBuilder.ordinary.build()
        let report = Sample("cut", name: "m.gguf", bytes, readableBytes: count).inspect()
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
