import Inspection
import LinuxFiles
import RegistryCommands
import StrictJSON
import Testing

@Suite("Reports of inspect")
struct InspectReportTests {
    let scratch: Scratch
    let clean: String
    let bad: String
    /// Text in a file that calls itself a GGUF file.
    let odd: String

    init() throws {
        scratch = try Scratch()
        clean = try scratch.write("clean.gguf", SmallGGUF.bytes())
        bad = try scratch.write("bad ü.gguf", SmallGGUF.bytes(tensorOffset: 1 << 40))
        odd = try scratch.write("odd.gguf", "hello\n")
    }

    @Test("From best to worst: clean, review, undecided, what cannot be opened, block")
    func order() async throws {
        let unknown = try scratch.write("unknown", [0, 1, 2, 3, 0xFF, 0xFE])
        let missing = "\(scratch.path)/missing"
        #expect(await securectl(["inspect", clean]).status == 0)
        #expect(await securectl(["inspect", odd, clean]).status == 10)
        #expect(await securectl(["inspect", odd, unknown]).status == 12)
        #expect(await securectl(["inspect", missing, unknown]).status == 66)
        #expect(await securectl(["inspect", missing, unknown, bad]).status == 11)
        #expect(await securectl(["inspect"]).status == 64)
        #expect(await securectl(["inspect", clean, "--output", "xml"]).status == 64)
    }

    @Test("The worst file comes first, with every place, what it means and what to do")
    func table() async throws {
        let outcome = await securectl(["inspect", clean, odd, bad])
        let lines = outcome.out.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1].hasPrefix("block") && lines[1].hasSuffix("bad ü.gguf"))
        #expect(lines[2].hasPrefix("review") && lines[3].hasPrefix("clean"))
        let rule = RuleCatalogue.rule(.ggufTensorOutside)
        for text in [rule.title, rule.meaning, rule.remedy, "gguf.tensor-outside", "blk.0.attn_q.weight, byte "] {
            #expect(outcome.out.contains(text), "\(text)")
        }
        #expect(outcome.out.hasSuffix("3 files: 1 block, 1 review, 1 clean.\n"))
    }

    @Test("The document names files in the order of the command line, and each rule once")
    func document() async throws {
        let outcome = await securectl(["inspect", clean, bad, clean, "--output", "json"])
        let document = try #require(outcome.json?.asObject)
        #expect(document["type"]?.asString == "inspection-report/v1")
        #expect(document["verdict"]?.asString == "block")
        #expect(document["exit_status"]?.asNumber?.int64 == 11)
        let files = (document["files"]?.asArray ?? []).compactMap(\.asObject)
        #expect(files.map { $0["path"]?.asString } == [clean, bad])
        #expect(files.map { $0["verdict"]?.asString } == ["clean", "block"])
        let found = (files.last?["findings"]?.asArray ?? []).compactMap { $0.asObject?["rule"]?.asString }
        let rules = (document["rules"]?.asArray ?? []).compactMap { $0.asObject?["id"]?.asString }
        #expect(found == ["gguf.tensor-outside"])
        #expect(rules == found)
    }

    @Test("SARIF results point to their rule and file, at a byte, with a fingerprint that the place does not change")
    func sarif() async throws {
        let first = try await sarifRun(["inspect", "--output", "sarif", clean, bad])
        let results = (first["results"]?.asArray ?? []).compactMap(\.asObject)
        let result = try #require(results.first)
        #expect(results.count == 1)
        #expect(result["ruleId"]?.asString == "gguf.tensor-outside")
        #expect(result["level"]?.asString == "error")
        let rules = first["tool"]?.asObject?["driver"]?.asObject?["rules"]?.asArray ?? []
        let index = try #require(result["ruleIndex"]?.asNumber?.int64)
        #expect(rules[Int(index)].asObject?["id"]?.asString == "gguf.tensor-outside")
        #expect(rules[Int(index)].asObject?["help"]?.asObject?["text"]?.asString?.contains("What to do:") == true)
        let place = try #require(result["locations"]?.asArray?.first?.asObject?["physicalLocation"]?.asObject)
        #expect(place["artifactLocation"]?.asObject?["uri"]?.asString?.hasSuffix("/bad%20%C3%BC.gguf") == true)
        #expect(place["artifactLocation"]?.asObject?["index"]?.asNumber?.int64 == 1)
        #expect((place["region"]?.asObject?["byteOffset"]?.asNumber?.uint64 ?? 0) > 1 << 40)

        try scratch.write("bad ü.gguf", SmallGGUF.bytes(tensorOffset: 1 << 41))
        let second = try await sarifRun(["inspect", "--output", "sarif", bad])
        let moved = second["results"]?.asArray?.first?.asObject
        #expect(moved?["partialFingerprints"] == result["partialFingerprints"])
        try scratch.write("other.gguf", SmallGGUF.bytes(tensorOffset: 1 << 41))
        let third = try await sarifRun(["inspect", "--output", "sarif", "\(scratch.path)/other.gguf"])
        let other = third["results"]?.asArray?.first?.asObject
        #expect(other?["partialFingerprints"] != result["partialFingerprints"])
    }

    @Test("A file that was not inspected is a failure of the run, not a result")
    func notInspected() async throws {
        let run = try await sarifRun(["inspect", "--output", "sarif", "\(scratch.path)/missing"])
        let invocation = try #require(run["invocations"]?.asArray?.first?.asObject)
        #expect(run["results"]?.asArray == [])
        #expect(invocation["executionSuccessful"]?.asBool == false)
        #expect(invocation["toolExecutionNotifications"]?.asArray?.count == 1)
    }

    private func sarifRun(_ arguments: [String]) async throws -> JSONObject {
        let outcome = await securectl(arguments)
        #expect(outcome.json?.asObject?["version"]?.asString == "2.1.0")
        return try #require(outcome.json?.asObject?["runs"]?.asArray?.first?.asObject)
    }

    @Test("A report is written to a file whole, and what was there stays when it cannot be")
    func file() async throws {
        let target = "\(scratch.path)/report.json"
        let outcome = await securectl(["inspect", bad, "--output", "json", "--report", target])
        #expect(outcome.status == 11)
        #expect(outcome.out.isEmpty)
        let written = try #require(scratch.read("report.json"))
        let report = Outcome(status: 0, out: String(decoding: written, as: UTF8.self), err: "")
        #expect(report.json?.asObject?["verdict"]?.asString == "block")
        #expect(scratch.files().filter { $0.hasPrefix(".unfinished") }.isEmpty)
        #expect(await securectl(["inspect", clean, "--report", "\(scratch.path)/no/report"]).status == 66)
        #expect(await securectl(["inspect", clean, "--report", "\(scratch.path)/"]).status == 64)
    }

    @Test("A policy decides in its own words; what nobody stated is not established")
    func policy() async throws {
        let policy = try scratch.write("policy.yaml", Self.policy)
        let admitted = await securectl(
            ["inspect", clean, "--policy", policy, "--source", "https://ours.example", "--output", "json"])
        #expect(admitted.status == 0)
        let artifact = admitted.json?.asObject?["artifacts"]?.asArray?.first?.asObject
        #expect(artifact?["decision"]?.asObject?["outcome"]?.asString == "admitted")

        let unstated = await securectl(["inspect", clean, "--policy", policy])
        #expect(unstated.status == 10)
        #expect(unstated.out.contains("It does not come from us. (not established: source)"))
        let blocked = await securectl(
            ["inspect", clean, bad, "--policy", policy, "--source", "https://ours.example"])
        #expect(blocked.status == 11)
        #expect(blocked.out.contains("admitted  \(clean)"))
        #expect(blocked.out.contains("refused  \(bad)"))
        #expect(blocked.out.contains("Something must not be loaded."))
        #expect(await securectl(["inspect", clean, "--source", "x"]).status == 64)
        #expect(await securectl(["inspect", clean, "--policy", clean]).status == 65)
    }

    private static let policy = """
        pratique: policy/v1
        name: ours
        version: "1"
        rules:
          - id: blocked
            effect: deny
            when: { verdict: block }
            message: Something must not be loaded.
          - id: from-us
            effect: deny
            when: { source: { has_none: ["https://ours.example"] } }
            message: It does not come from us.
          - id: tensors
            effect: admit
            when: { verdict: clean, format_class: [tensors] }
            message: Tensors are admitted.
        """

    @Test("Weights are looked at when asked, have findings of their own, and no say in what a policy decides")
    func weights() async throws {
        let numbers: [Float] = [1, -2, .nan, 4]
        let data = numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
        let strange = try scratch.write("nan.gguf", SmallGGUF.bytes().dropLast(16) + data)
        #expect(await securectl(["inspect", strange]).status == 0)
        let outcome = await securectl(["inspect", strange, clean, "--weights", "--output", "json"])
        #expect(outcome.status == 10)
        let files = (outcome.json?.asObject?["files"]?.asArray ?? []).compactMap(\.asObject)
        #expect(files.map { $0["verdict"]?.asString } == ["review", "clean"])
        let tensors = files.map { $0["weights"]?.asObject?["tensors"]?.asArray?.first?.asObject }
        #expect(tensors.first??["nan"]?.asNumber?.uint64 == 1)
        #expect(tensors.first??["mean"]?.asNumber?.double == 1)
        #expect(tensors.last??["variance"]?.asNumber?.double == 0)
        let table = await securectl(["inspect", strange, "--weights"])
        #expect(table.out.contains("blk.0.attn_q.weight  F32 "))
        #expect(table.out.contains("[weights.not-a-number, high]"))

        let policy = try scratch.write("policy.yaml", Self.policy)
        let asked = ["--weights", "--policy", policy, "--source", "https://ours.example"]
        #expect(await securectl(["inspect", strange] + asked).status == 0)
    }

    @Test("The order of the files stays the same, however long each takes")
    func stableOrder() async throws {
        for index in 0..<100 { try scratch.write("many/\(index % 10)/\(index).gguf", SmallGGUF.bytes()) }
        try #require(symlinked("..", "\(scratch.path)/many/loop"))
        let arguments = ["inspect", "\(scratch.path)/many", "--output", "json"]
        let first = await securectl(arguments, inspector: UnevenInspector())
        let paths = (first.json?.asObject?["files"]?.asArray ?? []).compactMap { $0.asObject?["path"]?.asString }
        #expect(paths.count == 101)
        #expect(paths.dropLast().elementsEqual(paths.dropLast().sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }))
        #expect(first.status == 12)
        #expect(await securectl(arguments).out == first.out)
    }
}

/// Takes longer for some files than for others.
private struct UnevenInspector: FileInspector {
    func inspect(
        _ file: FileDescriptor, sizeBytes: UInt64, name: String, as claim: FileClaim
    ) async throws(InspectionRefusal) -> InspectionReport {
        for _ in 0..<name.utf8.count * Int(name.utf8.first ?? 0) % 97 { await Task.yield() }
        return try await DirectInspector().inspect(file, sizeBytes: sizeBytes, name: name, as: claim)
    }

    func view(
        _ view: FileView, of file: FileDescriptor, sizeBytes: UInt64, member: String,
        line: @escaping @Sendable (ViewLine) -> Bool
    ) async throws(InspectionRefusal) {
        try await DirectInspector().view(view, of: file, sizeBytes: sizeBytes, member: member, line: line)
    }
}
