import OCI
import RegistryCore
import SafeYAML
import StrictJSON
import Testing

@Suite("Policies as YAML")
struct PolicyParsingTests {
    private static func policy(_ rules: String, header: String = "pratique: policy/v1") throws -> Policy {
        try Policy(parsing: Array("\(header)\nname: n\nversion: \"3\"\nrules:\n\(rules)".utf8))
    }

    private static func rule(_ when: String, effect: String = "admit", id: String = "r") -> String {
        "  - { id: \(id), effect: \(effect), when: \(when), message: m }\n"
    }

    @Test(
        "Each way to compare is read",
        arguments: [
            ("{ verdict: clean }", .verdict, .isIn(["clean"])),
            ("{ format: [gguf, safetensors] }", .format, .isIn(["gguf", "safetensors"])),
            ("{ format: { in: [gguf] } }", .format, .isIn(["gguf"])),
            ("{ findings: { has_any: [a, b] } }", .findings, .hasAny(["a", "b"])),
            ("{ findings: { has_none: [a] } }", .findings, .hasNone(["a"])),
            ("{ size_bytes: { at_most: 18446744073709551615 } }", .sizeBytes, .atMost(.max)),
            ("{ files: { at_least: 0 } }", .files, .atLeast(0)),
        ] as [(String, PolicyFact, PolicyCondition.Comparison)])
    func comparisons(when: String, fact: PolicyFact, comparison: PolicyCondition.Comparison) throws {
        let policy = try Self.policy(Self.rule(when))
        #expect(policy.rules.map(\.conditions) == [[PolicyCondition(fact, comparison)]])
        #expect((policy.name, policy.version) == ("n", "3"))
    }

    @Test("Every fact can be spoken of", arguments: PolicyFact.allCases)
    func facts(fact: PolicyFact) throws {
        let policy = try Self.policy(Self.rule("{ \(fact.rawValue): x }"))
        #expect(policy.rules.first?.conditions.first?.fact == fact)
    }

    @Test(
        "A comparison that means nothing is refused with its rule and fact",
        arguments: [
            "{ verdict: 7 }", "{ verdict: null }", "{ verdict: true }", "{ verdict: [] }", "{ verdict: [a, 1] }",
            "{ verdict: {} }", "{ verdict: { in: [] } }", "{ verdict: { in: a } }", "{ verdict: { is: [a] } }",
            "{ verdict: { at_most: -1 } }", "{ verdict: { at_most: 1.5 } }", "{ verdict: { at_most: \"1\" } }",
            "{ verdict: { has_any: [a], has_none: [b] } }",
        ])
    func badComparisons(when: String) {
        #expect(throws: PolicyFault.badComparison(rule: "r", fact: "verdict")) { try Self.policy(Self.rule(when)) }
    }

    @Test("A rule that admits under no condition is refused, one that denies closes the door")
    func unconditional() throws {
        #expect(throws: PolicyFault.badComparison(rule: "r", fact: "when")) { try Self.policy(Self.rule("{}")) }
        #expect(try Self.policy(Self.rule("{}", effect: "deny")).rules.count == 1)
    }

    @Test(
        "What is not understood is refused, and named",
        arguments: [
            ("  - { id: r, effect: admit, when: { mood: x }, message: m }", .unknownFact(rule: "r", fact: "mood")),
            ("  - { id: r, effect: allow, when: { name: x }, message: m }", .unknownEffect(rule: "r", effect: "allow")),
            ("  - { id: r, effect: admit, when: { name: x } }", .field(.missing("message"))),
            ("  - { id: r, effect: admit, when: { name: x }, message: m, also: 1 }", .field(.unknown("also"))),
            (
                "  - { id: 7, effect: admit, when: { name: x }, message: m }",
                .field(.wrongType("id", expected: "a string"))
            ),
            ("  []", .noRules),
        ] as [(String, PolicyFault)])
    func refused(rules: String, fault: PolicyFault) {
        #expect(throws: fault) { try Self.policy(rules) }
    }

    @Test("Another version of the format is refused")
    func version() {
        #expect(throws: PolicyFault.unsupportedVersion("policy/v2")) {
            try Self.policy(Self.rule("{ name: x }"), header: "pratique: policy/v2")
        }
        #expect(throws: PolicyFault.field(.missing("pratique"))) {
            try Self.policy(Self.rule("{ name: x }"), header: "")
        }
    }

    @Test("Two rules of one name are refused, and more rules than the limit")
    func counts() {
        #expect(throws: PolicyFault.repeatedRule("r")) {
            try Self.policy(Self.rule("{ name: x }") + Self.rule("{ name: y }"))
        }
        let many = (0...Policy.rulesMax).map { Self.rule("{ name: x }", id: "r\($0)") }.joined()
        #expect(throws: PolicyFault.tooManyRules(limit: Policy.rulesMax)) { try Self.policy(many) }
    }

    @Test("YAML beyond the safe subset is refused", arguments: ["&a ", "!!str ", "*a "])
    func unsafeYAML(prefix: String) {
        #expect {
            try Self.policy("  - { id: \(prefix)r, effect: admit, when: { name: x }, message: m }")
        } throws: { error in
            guard case .yaml = error as? PolicyFault else { return false }
            return true
        }
    }

    @Test("A policy goes by the digest of the bytes that it was read from")
    func digest() throws {
        let one = try Self.policy(Self.rule("{ name: x }"))
        #expect(try Self.policy(Self.rule("{ name: x }")).digest == one.digest)
        #expect(try Self.policy(Self.rule("{ name:  x }")).digest != one.digest)
    }
}
