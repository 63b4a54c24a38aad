import Inspection
import ModelFormats
import Testing

@Suite("Files that would take long")
struct ExpensiveFileTests {
    @Test("Texts that look like templates are searched up to a limit, and what is left is told")
    func templates() {
        let texts = [String](repeating: #""{{ x }}""#, count: 40_000).joined(separator: ",")
        let report = Sample.json("braces", "[\(texts)]").inspect()
        #expect(report.findings.map(\.rule) == [.templateUnread])
        #expect(report.verdict == .undecided)
        let few = [String](repeating: #""{{ x }}""#, count: 400).joined(separator: ",")
        #expect(Sample.json("few", "[\(few)]").inspect().verdict == .clean)
    }

    @Test("Classes of a description are judged up to a limit, and what is left is told")
    func classes() {
        func description(_ count: Int) -> Sample {
            let layers = (0..<count).map { #"{"class_name":"keras>C\#($0)","config":{}}"# }.joined(separator: ",")
            return .json("model", #"{"class_name":"Sequential","config":{"layers":[\#(layers)]}}"#)
        }
        #expect(description(5_000).inspect().verdict == .clean)
        #expect(description(12_000).inspect().findings.map(\.rule).contains(.kerasUnread))
    }

    @Test("JSON in an archive is paid for by the archive's budget")
    func packedJSON() {
        let document = Array("[\([String](repeating: "{}", count: 500_000).joined(separator: ","))]".utf8)
        let members = (0..<40).map { ZipBuilder.Member.deflated("\($0).json", document) }
        let report = Sample.zip("many", members).inspect()
        #expect(report.findings.map(\.rule).contains(.fileLimit))
        #expect(Sample.zip("one", [members[0]]).inspect().verdict == .clean)
    }

    @Test("What slow decoders leave is undecided, whether it is a file or in one", arguments: [Compression.bzip2, .xz])
    func slowDecoders(compression: Compression) {
        let text = Array(repeatElement("Nothing but words.\n", count: 60_000).joined().utf8)
        let stream = Compressor.compress(text, compression)
        var member = ZipBuilder.Member("a.txt", text)
        member.stored = stream
        member.method = compression == .xz ? 95 : 12
        let samples = [Sample("text", name: "a.bin", stream), .zip("member", [member])]
        var few = InspectionLimits.standard
        few.workMax = 1_000_000
        for sample in samples {
            #expect(sample.inspect().verdict == .clean)
            let report = sample.inspect(few)
            #expect(report.findings.map(\.rule) == [.fileLimit])
            #expect(report.verdict == .undecided)
        }
    }

    @Test("Lists of numbers and short texts may be of any length, other values of JSON are counted")
    func values() {
        var few = InspectionLimits.standard
        few.jsonValuesMax = 1_000
        func list(_ element: String) -> Sample {
            .json("list", "[0,[0,\([String](repeating: element, count: 5_000).joined(separator: ","))]]")
        }
        for plain in ["1", #""a""#, "{}", "[]", "null"] { #expect(list(plain).inspect(few).verdict == .clean) }
        #expect(list(#"{"a":1}"#).inspect(few).findings.map(\.rule) == [.fileLimit])
        #expect(list(#"{"a":1}"#).inspect().verdict == .clean)
    }

    @Test("A mark behind thousands of marks in one word of YAML is found, however many there are")
    func marks() {
        // Each mark was once followed to the end of the word: some minutes for 4 MB.
        let words = String(repeating: ",!", count: 1 << 20)
        #expect(Sample("marks", name: "a.yaml", text: words).inspect().verdict == .clean)
        #expect(Sample("code", name: "a.yaml", text: words + "a%41").inspect().verdict == .block)
    }

    @Test("Names in YAML are looked up as long as there are few, and what is left is told")
    func names() {
        func document(_ count: Int) -> Sample {
            let keys = (0..<count).map { "- _target_: torch.nn.modules.linear.Linear\($0)" }
            return Sample("names", name: "a.yaml", text: keys.joined(separator: "\n"))
        }
        #expect(document(1_000).inspect().verdict == .clean)
        #expect(document(40_000).inspect().findings.map(\.rule).contains(.repositoryUnread))
        let same = [String](repeating: "- _target_: torch.nn.Linear", count: 100_000).joined(separator: "\n")
        #expect(Sample("same", name: "a.yaml", text: same).inspect().verdict == .clean)
    }

    @Test("Modules in JSON are looked up as long as there are few, and what is left is told")
    func modules() {
        func document(_ count: Int) -> Sample {
            let modules = (0..<count).map { #"{"idx":0,"path":"a","type":"sentence_transformers.models.M\#($0)"}"# }
            return .json("modules", "[\(modules.joined(separator: ","))]", name: "modules.json")
        }
        #expect(document(1_000).inspect().verdict == .clean)
        #expect(document(52_000).inspect().findings.map(\.rule).contains(.repositoryUnread))
    }

    @Test("Keywords that stand in one another are compared as long as that is paid for, and what is left is told")
    func keywords() {
        var few = InspectionLimits.standard
        few.workMax = 10_000_000
        for word in ["glpat-.", "SG.", "APIKEY=aB3", "eyJ.", "PuTTY-User-Key-File-"] {
            let text = String(repeating: word, count: 200_000)
            let report = Sample("words", name: "a.txt", text: text).inspect(few)
            #expect(report.findings.map(\.rule).contains(.fileLimit), "\(word)")
            #expect(report.verdict != .clean)
        }
        let addresses = String(repeating: "https://host.example.org/a/file-000123.jpg\n", count: 60_000)
        #expect(Sample("addresses", name: "a.txt", text: addresses).inspect(few).verdict == .clean)
        // Ordinary lists may be of any length: their size pays for them.
        few.workMax = 4_000_000
        #expect(Sample("addresses", name: "a.txt", text: addresses).inspect(few).verdict == .clean)
    }

    @Test("Following JSON is paid for by what it takes, and what is left is told")
    func work() {
        var few = InspectionLimits.standard
        few.workMax = 30_000_000
        for unit in [
            #"{"a":{}}"#, #"{"class_name":"Dense","config":{}}"#, #"{"_target_":"a.b"}"#,
            #"{"__class__":"A","__module__":"b","__loader__":"ObjectNode"}"#,
        ] {
            func document(_ count: Int) -> Sample {
                .json("units", "[\([String](repeating: unit, count: count).joined(separator: ","))]")
            }
            #expect(document(200_000).inspect(few).findings.map(\.rule).contains(.fileLimit), "\(unit)")
            #expect(!document(10_000).inspect(few).findings.map(\.rule).contains(.fileLimit), "\(unit)")
        }
    }

    @Test(
        "Parts of archives that take long pay from one budget",
        arguments: ["a.pkl", "chat_template.jinja", "a.yaml", "a.onnx"])
    func parts(name: String) {
        let content: [UInt8] =
            switch name {
            case "a.pkl": PickleBuilder.stream { pickle in (0..<40_000).forEach { _ in pickle.add(.emptyTuple) } }
            case "a.onnx":
                ONNXBuilder.model(graph: { graph in (0..<4_000).forEach { _ in ONNXBuilder.node(&graph, "Add") } })
            case "a.yaml": Array(repeatElement("- a: b\n", count: 4_000).joined().utf8)
            default: Array(repeatElement("{{ a }}", count: 1_000).joined().utf8)
            }
        var few = InspectionLimits.standard
        few.workMax = 10_000_000
        let members = (0..<20).map { ZipBuilder.Member.deflated("\($0)/\(name)", content) }
        #expect(Sample.zip("many", members).inspect(few).findings.map(\.rule).contains(.fileLimit))
        #expect(!Sample.zip("few", [members[0]]).inspect(few).findings.map(\.rule).contains(.fileLimit))
    }

    @Test("However little may be done, nothing that would be found is passed over in silence")
    func everyBudget() {
        let inner: [UInt8] = [0x80, 0x02] + Array("cos\nsystem\n(S'id'\ntR.".utf8)
        let outer = [0x80, 0x04, 0x43, UInt8(inner.count)] + inner + [0x2E]
        let samples: [Sample] = [
            .zip("nested", [.init("a.txt", Array("words".utf8)), .init("b.pkl", outer)]),
            .zip("polyglot", [.init("a.pkl", [0x80, 0x04, 0x4E, 0x2E]), .init("b.txt", inner)]),
        ]
        for sample in samples {
            #expect(sample.inspect().verdict == .block)
            var limits = InspectionLimits.standard
            for work in UInt64(0)..<1_500 {
                limits.workMax = work
                let verdict = sample.inspect(limits).verdict
                #expect(verdict == .block || verdict == .undecided, "\(sample.title) with \(work): \(verdict)")
            }
        }
    }
}
