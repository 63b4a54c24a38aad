import Foundation
import Inspection
import ModelFormats
import StrictJSON
import Testing

@Suite("Inspection reports")
struct InspectionReportTests {
    private func report(_ sample: Sample = .gguf("GGUF")) -> InspectionReport { sample.inspect() }

    private func decode(_ text: String, sizeBytes: UInt64) -> Result<InspectionReport, ReportFault> {
        do throws(ReportFault) {
            return .success(try InspectionReport(decoding: Array(text.utf8), fileSizeBytes: sizeBytes))
        } catch {
            return .failure(error)
        }
    }

    /// Replaces text in an encoded report and reads the result.
    private func edited(_ old: String, _ new: String, of sample: Sample = .gguf("GGUF")) throws -> ReportFault? {
        let text = String(decoding: sample.inspect().encoded(), as: UTF8.self)
        try #require(text.contains(old), "\(text)")
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        switch decode(changed, sizeBytes: UInt64(sample.bytes.count)) {
        case .success: return nil
        case .failure(let fault): return fault
        }
    }

    @Test(
        "A report reads back as it was written",
        arguments: RuleSample.all.filter { $0.rule != .reportTooLarge }.map(\.hit))
    func roundTrip(sample: Sample) throws {
        let report = sample.inspect()
        let read = try InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(sample.bytes.count))
        #expect(read == report)
    }

    @Test("A name that is not UTF-8 survives")
    func names() throws {
        let sample = Sample.gguf("bytes") { $0.tensors[0].name = [0x61, 0xFF, 0xC3] }
        let read = try InspectionReport(
            decoding: sample.inspect().encoded(), fileSizeBytes: UInt64(sample.bytes.count))
        #expect(read.tensors?.entries.map(\.nameBytes) == [[0x61, 0xFF, 0xC3]])
    }

    @Test("What a report says about the file is there")
    func facts() throws {
        let sample = Sample.gguf("facts") {
            $0.string("general.name", "Tiny")
            $0.string("general.license", "apache-2.0")
            $0.uint32("llama.context_length", 4096)
            $0.uint32("general.file_type", 15)
            $0.strings("tokenizer.ggml.tokens", ["a", "b", "c"])
            $0.string("tokenizer.chat_template", "{{ messages }}")
        }
        let report = sample.inspect()
        #expect(report.verdict == .clean)
        #expect(report.format == .gguf)
        #expect(report.formatClass == .tensors)
        #expect(report[.architecture] == "llama")
        #expect(report[.name] == "Tiny")
        #expect(report[.license] == "apache-2.0")
        #expect(report[.contextLength] == "4096")
        #expect(report[.fileType] == "Q4_K_M")
        #expect(report[.quantization] == "F32")
        #expect(report[.parameterCount] == "32")
        #expect(report[.vocabularySize] == "3")
        #expect(report[.chatTemplate] == "tokenizer.chat_template")
        #expect(report.gguf?.version == 3)
        #expect(report.rulesVersion == InspectionRules.version)
    }

    @Test("Facts and details cannot act on a terminal")
    func controls() {
        let report = Sample.gguf("escapes") { $0.string("general.name", "a\u{1B}]0;x\u{7}\u{202E}b\n") }.inspect()
        #expect(report[.name] == #"a\u{1b}]0;x\u{7}\u{202e}b\u{a}"#)
        let long = Sample.gguf("long") { $0.string("general.name", String(repeating: "n", count: 4000)) }.inspect()
        #expect(long[.name]?.count == Fact.valueScalarsMax + 1)
    }

    @Test("A report of another file is refused")
    func otherFile() {
        let sample = Sample.gguf("GGUF")
        let text = String(decoding: sample.inspect().encoded(), as: UTF8.self)
        #expect(decode(text, sizeBytes: UInt64(sample.bytes.count + 1)) == .failure(.otherFile))
    }

    @Test("Tensors outside the file are refused", arguments: ["1", "129", "18446744073709551615"])
    func outside(offset: String) throws {
        #expect(try edited(#"[32],0,128,32]"#, "[32],\(offset),128,32]") == .tensorOutside)
        #expect(try edited(#""data_start":"#, #""data_start":9"#) == .tensorOutside)
    }

    @Test("Tensors that overlap are refused unless the report blocks")
    func overlap() throws {
        let sample = Sample.gguf("two") { $0.tensors.append(.init("b", [32])) }
        #expect(try edited("[32],128,128,32]", "[32],127,128,32]", of: sample) == .tensorOverlap)
        let overlapping = Sample.gguf("overlap") {
            $0.tensors.append(.init("b", [32], offset: 0))
            $0.dataBytes = 128
        }
        let report = overlapping.inspect()
        #expect(report.verdict == .block)
        #expect(
            decode(String(decoding: report.encoded(), as: UTF8.self), sizeBytes: report.sizeBytes) == .success(report))
        #expect(try edited(#""verdict":"block""#, #""verdict":"clean""#, of: overlapping) == .verdict)
    }

    @Test("A verdict that is better than a finding is refused, a worse one is not")
    func verdict() throws {
        let sample = Sample.gguf("review") { $0.string("", "") }
        #expect(try edited(#""verdict":"review""#, #""verdict":"clean""#, of: sample) == .verdict)
        #expect(try edited(#""verdict":"review""#, #""verdict":"block""#, of: sample) == nil)
    }

    @Test(
        "Members of another form are refused",
        arguments: [
            (#""format":"gguf""#, #""format":"gguf2""#, "format"),
            (#""verdict":"clean""#, #""verdict":"fine""#, "verdict"),
            (#""rules":"\#(InspectionRules.version)""#, #""rules":1"#, "rules"),
            (#""rules_digest":""#, #""rules_digest":"0"#, "rules_digest"),
            (#""facts":["#, #""facts":[["shoe_size","1"],"#, "facts"), (#""facts":["#, #""facts":[["name"],"#, "facts"),
            (#""findings":[]"#, #""findings":[{"rule":"no.rule"}]"#, "rule"),
            (#""findings":[]"#, #""findings":[{}]"#, "rule"),
            (#""findings":[]"#, #""findings":[{"rule":"file.empty","x":1}]"#, "x"),
            (#""findings":[],"#, "", "findings"),
            (#""size":"#, #""size":-"#, "size"), (#""format""#, #""extra":1,"format""#, "extra"),
            (#""data_start":"#, #""data_stop":"#, "data_stop"), (#"[32],0,128,32]"#, "[32],0,128]", "tensors"),
            (#"[32],0,128,32]"#, "[32],0,128,32,1]", "tensors"), (#""alignment":32,"#, "", "gguf"),
            (#""version":3"#, #""version":4294967296"#, "gguf"),
        ])
    func forms(old: String, new: String, field: String) throws {
        #expect(try edited(old, new) == .field(field))
    }

    @Test("A readable file of tensors has a table, and a GGUF file a summary")
    func presence() throws {
        let sample = Sample.gguf("GGUF")
        let text = String(decoding: sample.inspect().encoded(), as: UTF8.self)
        let start = try #require(text.range(of: #","data_start""#))
        let without = String(text[..<start.lowerBound]) + "}"
        #expect(decode(without, sizeBytes: UInt64(sample.bytes.count)) == .failure(.field("tensors")))
        let worse = without.replacing(#""verdict":"clean""#, with: #""verdict":"undecided""#)
        #expect((try? decode(worse, sizeBytes: UInt64(sample.bytes.count)).get()) != nil)
        let summary = try #require(text.range(of: #",("gguf":\{[^}]*\})"#, options: .regularExpression))
        let withoutSummary = text.replacingCharacters(in: summary, with: "")
        #expect(decode(withoutSummary, sizeBytes: UInt64(sample.bytes.count)) == .failure(.field("gguf")))
    }

    @Test("Reports larger than the limit, and what is no JSON, are refused")
    func bytes() {
        let huge = [UInt8](repeating: 0x20, count: InspectionReport.reportBytesMax + 1)
        #expect(throws: ReportFault.tooLarge) { try InspectionReport(decoding: huge, fileSizeBytes: 1) }
        for text in ["", "{", "[]", "{}", "null", "{}{}", #"{"rules":"1","rules":"1"}"#] {
            #expect(throws: ReportFault.self) { try InspectionReport(decoding: Array(text.utf8), fileSizeBytes: 1) }
        }
    }

    @Test("Lists longer than their limits are refused")
    func lists() throws {
        let finding = #"{"rule":"file.empty"}"#
        let many = Array(repeating: finding, count: InspectionReport.findingsMax + 1).joined(separator: ",")
        #expect(try edited(#""findings":[]"#, #""findings":[\#(many)]"#) == .field("rule"))
        let facts = Array(repeating: #"["name","x"]"#, count: InspectionReport.factsMax + 1).joined(separator: ",")
        #expect(try edited(#""facts":["#, #""facts":[\#(facts),"#) == .field("facts"))
    }

    @Test("A report whose tensors do not fit says so and is undecided")
    func tooLarge() throws {
        let sample = try #require(RuleSample.all.first { $0.rule == .reportTooLarge }).hit
        let report = sample.inspect()
        #expect(report.tensors != nil)
        let encoded = report.encoded()
        #expect(encoded.count <= InspectionReport.reportBytesMax)
        let read = try InspectionReport(decoding: encoded, fileSizeBytes: UInt64(sample.bytes.count))
        #expect(read.tensors == nil)
        #expect(read.verdict == .undecided)
        #expect(read.findings.last?.rule == .reportTooLarge)
    }
}
