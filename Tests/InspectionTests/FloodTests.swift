import Inspection
import ModelFormats
import Testing

@Suite("Many harmless things before a bad one")
struct FloodTests {
    private static let asset = "type.googleapis.com/tensorflow.AssetFileDef"

    /// The pickle of a checkpoint with so many tensors, and what else it does.
    private static func torch(_ title: String, _ more: (inout PickleBuilder) -> Void) -> Sample {
        let pickle = PickleBuilder.stream { pickle in
            for _ in 0..<3_000 {
                pickle.add(.none)
                pickle.add(.binPersistentID)
                pickle.add(.pop)
            }
            more(&pickle)
            pickle.add(.none)
        }
        return .zip(title, [.init("m/data.pkl", pickle), .init("m/data/0", [1, 0, 2, 0xFF])], name: "m.pt")
    }

    private static func escaped(_ pickle: inout PickleBuilder) {
        pickle.add(.unicode, line: #"o\u0073"#)
        pickle.add(.unicode, line: "system")
        pickle.add(.stackGlobal)
        pickle.add(.emptyTuple)
        pickle.add(.reduce)
    }

    private static func prints(_ last: String) -> Sample {
        .tensorFlow(
            "prints to \(last)",
            TensorFlowBuilder.savedModel(graph: { graph in
                for (index, stream) in (Array(repeating: "log(info)", count: 1_100) + [last]).enumerated() {
                    TensorFlowBuilder.node(&graph, "p\(index)", "PrintV2") { node in
                        node.entry(5, "output_stream") { $0.text(2, stream) }
                    }
                }
            }))
    }

    private static func payloads(_ last: String) -> Sample {
        .tensorFlow(
            last,
            TensorFlowBuilder.savedModel(more: { meta in
                meta.entry(4, "c") { collection in
                    collection.message(5) { list in
                        for type in Array(repeating: asset, count: 1_100) + [last] {
                            list.message(1) { any in
                                any.text(1, type)
                                any.message(2) { $0.text(2, "vocab.txt") }
                            }
                        }
                    }
                }
            }))
    }

    private static func pipeline(_ title: String, _ library: String) -> Sample {
        let parts = (0..<200).map { #""a\#($0)":["\#(library)","X"]"# }.joined(separator: ",")
        return .pipeline(title, #"\#(parts),"z":["os","system"]"#)
    }

    private static let fields = ONNXBuilder.model(
        graph: { graph in
            ONNXBuilder.ordinaryGraph(&graph)
            ONNXBuilder.tensor(&graph, "w")
        }, more: { model in for _ in 0..<300 { model.text(99, "x") } })

    private static let links = (0..<300).map { TarBuilder.Member("a\($0)", linkTo: "x") }

    static let bad: [(sample: Sample, rule: RuleID)] = [
        (torch("tensors, then a hidden name", escaped), .pickleHiddenName),
        (
            .json(
                "trust, then a kernel",
                "[" + String(repeating: #"{"trust_remote_code":true},"#, count: 300)
                    + #"{"_attn_implementation":"evil/kernel"}]"#), .jsonForeignKernel
        ),
        (.tar("links, then one that leads out", links + [.init("out", linkTo: "/x")]), .archiveOutsideLink),
        (.onnx("unknown fields, then two tensors of one name", fields), .onnxDuplicateInitializer),
        (prints("file:///x"), .tensorFlowDangerousOperator),
        (payloads("type.googleapis.com/org.example.Thing"), .tensorFlowPayload),
        (pipeline("known libraries, then os", "diffusers"), .repositoryDangerousImport),
        (pipeline("unknown libraries, then os", "mine"), .repositoryDangerousImport),
        (
            .yaml(
                "unknown targets, then os",
                String(repeating: "- _target_: mine.X\n", count: 300) + "- _target_: os.system\n"),
            .repositoryDangerousImport
        ),
        (
            .yaml("a long line", "{a: \"" + String(repeating: "x", count: 9_000) + "\", _target_: os.system}\n"),
            .repositoryDangerousImport
        ),
        (
            .yaml("more than is searched", "# " + String(repeating: "x", count: 4 << 20) + "\na: b\n"),
            .repositoryUnread
        ),
        (
            .json("a name that goes on", #"{"_target_":"torch.nn\#(String(repeating: ".nn", count: 900)).os.system"}"#),
            .repositoryDangerousImport
        ),
    ]

    @Test("What is bad is found behind any number of things that are not", arguments: bad.indices)
    func found(index: Int) {
        let report = Self.bad[index].sample.inspect()
        let rule = Self.bad[index].rule
        #expect(report.verdict >= RuleCatalogue.rule(rule).verdict, "\(Self.bad[index].sample.title)")
        #expect(report.findings.contains { $0.rule == rule }, "\(Self.bad[index].sample.title)")
    }

    @Test(
        "Any number of things that are as they should be is no finding",
        arguments: [torch("tensors") { _ in }, prints("stderr"), payloads(asset)])
    func clean(sample: Sample) {
        let report = sample.inspect()
        #expect(report.findings == [])
        #expect(report.verdict == .clean)
    }
}
