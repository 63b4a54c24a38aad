import Inspection
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
}
