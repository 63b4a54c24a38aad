import OCI
import RegistryCore
import StrictJSON
import Testing

@Suite("Policies by format")
struct PolicyFormatTests {
    private static func policy(_ formats: String, _ more: String = "") throws -> Policy {
        try Policy(
            parsing: Array("pratique: policy/v1\nname: n\nversion: \"1\"\nformats: \(formats)\n\(more)".utf8))
    }

    private static func facts(
        _ groups: [FormatGroup: FormatGroupFacts], verdict: String = "clean", source: String? = nil
    ) -> PolicyFacts {
        var facts = PolicyFacts(
            [.verdict: .text(verdict), .formatGroup: .members(groups.keys.map(\.rawValue))], groups: groups)
        if let source { facts[.source] = .text(source) }
        return facts
    }

    private static func found(
        _ verdict: String = "clean", bytes: UInt64 = 10, scanners: [String] = []
    ) -> FormatGroupFacts {
        FormatGroupFacts(files: 1, verdict: verdict, largestBytes: bytes, scanners: scanners)
    }

    @Test("Formats that are named are admitted clean, and no others", arguments: FormatGroup.allCases)
    func table(group: FormatGroup) throws {
        let policy = try Self.policy("{ gguf: allow, pickle: allow, archive: deny }")
        for verdict in ["clean", "review", "undecided", "block"] {
            let decision = policy.decide(Self.facts([group: Self.found(verdict)], verdict: verdict))
            let isAllowed = group == .gguf || group == .pickle
            let expected: PolicyDecision.Outcome =
                isAllowed && verdict == "clean"
                ? .admitted : isAllowed && verdict == "undecided" ? .undecided : .refused
            #expect(decision.outcome == expected)
            #expect(decision.codes == (expected == .admitted ? [] : ["format:\(group.rawValue)"]))
            #expect(decision.reasons.count == decision.codes.count)
            #expect(decision.trace.map(\.rule) == ["format:\(group.rawValue)"])
        }
    }

    @Test("One file of a format that is not named spoils the others")
    func mixed() throws {
        let decision = try Self.policy("{ gguf: allow }").decide(
            Self.facts([.gguf: Self.found(), .script: Self.found()]))
        #expect(decision.outcome == .refused)
        #expect(decision.codes == ["format:script"])
        #expect(decision.trace.map(\.effect) == [.admit, .deny])
    }

    @Test("Where the formats are not known nothing is admitted")
    func unknown() throws {
        let policy = try Self.policy("{ gguf: allow }")
        #expect(policy.decide(PolicyFacts([.verdict: .text("clean")])).codes == ["formats"])
        #expect(policy.decide(PolicyFacts([.verdict: .text("clean")], groups: [:])).outcome == .refused)
        #expect(policy.decide(PolicyFacts()).outcome == .undecided)
    }

    @Test("What a format asks for has to be there: scanners, sources, size")
    func requirements() throws {
        let policy = try Self.policy(
            "{ pickle: { require: { scanners: [clamav, yara], sources: [a, b], size_bytes_max: 100 } } }")
        func codes(_ found: FormatGroupFacts, source: String? = "a") -> [String] {
            policy.decide(Self.facts([.pickle: found], source: source)).reasons
        }
        let good = Self.found(scanners: ["clamav", "other", "yara"])
        #expect(codes(good).isEmpty)
        #expect(codes(Self.found(bytes: 100, scanners: ["clamav", "yara"])).isEmpty)
        #expect(codes(Self.found(bytes: 101, scanners: ["clamav", "yara"])).count == 1)
        #expect(codes(Self.found(scanners: ["clamav"])).first?.contains("yara") == true)
        #expect(codes(Self.found()).first?.contains("clamav, yara") == true)
        #expect(codes(good, source: "c").count == 1)
        #expect(codes(good, source: nil).count == 1)
    }

    @Test("A rule that denies outweighs the formats, and formats that are denied outweigh a rule that admits")
    func together() throws {
        let deny = "rules:\n  - { id: d, effect: deny, when: { source: bad }, message: Bad. }\n"
        let policy = try Self.policy("{ gguf: allow }", deny)
        #expect(policy.decide(Self.facts([.gguf: Self.found()], source: "good")).outcome == .admitted)
        #expect(policy.decide(Self.facts([.gguf: Self.found()], source: "bad")).codes == ["d"])
        let admit = "rules:\n  - { id: a, effect: admit, when: { verdict: clean }, message: Good. }\n"
        let closed = try Self.policy("{ gguf: allow }", admit)
        #expect(closed.decide(Self.facts([.pickle: Self.found()])).codes == ["format:pickle"])
    }

    @Test("A decision says what was known of each format, and which waivers it rests on")
    func document() throws {
        let waiver = Waiver(
            id: 7, terms: WaiverTerms(rule: "gguf.gap", reason: "padding of an exporter", expires: .latest),
            grantedBy: .console, grantedAt: Timestamp(clamping: 0))
        let decision = try Self.policy("{ gguf: allow }").decide(
            Self.facts([.gguf: Self.found(scanners: ["clamav"])]), waivers: [waiver])
        let json = try #require(decision.json.asObject)
        let group = json["facts"]?.asObject?["format_groups"]?.asObject?["gguf"]?.asObject
        #expect(group?["scanners"] == ["clamav"])
        #expect(group?["verdict"] == "clean")
        #expect(json["waivers"]?.asArray?.first?.asObject?["id"] == 7)
        #expect(json["waivers"]?.asArray?.first?.asObject?["reason"] == "padding of an exporter")
    }

    @Test("A policy shows its formats as its file says them")
    func shown() throws {
        let policy = try Self.policy(
            "{ gguf: allow, archive: deny, pickle: { require: { scanners: [clamav], size_bytes_max: 5 } } }")
        let text = String(decoding: JSONValue.object(try #require(policy.formatsObject)).encoded(), as: UTF8.self)
        #expect(
            text
                == #"{"archive":"deny","gguf":"allow","pickle":{"require":{"scanners":["clamav"],"size_bytes_max":5}}}"#
        )
    }
}
