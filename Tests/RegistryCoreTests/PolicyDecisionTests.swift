import OCI
import RegistryCore
import StrictJSON
import Testing

@Suite("Decisions of a policy")
struct PolicyDecisionTests {
    private static let verdicts = ["clean", "review", "block", "undecided"]
    private static let classes = ["tensors", "document", "code", "archive", "unknown"]

    private static func defaultPolicy() throws -> Policy {
        try Policy(parsing: Array(Policy.defaultDocument.utf8))
    }

    private static func policy(_ rules: PolicyRule...) throws -> Policy {
        Policy(name: "p", version: "1", digest: try Sample.digest(1), rules: rules)
    }

    private static func rule(
        _ id: String, _ effect: PolicyRule.Effect, _ conditions: PolicyCondition...
    ) -> PolicyRule {
        PolicyRule(id: id, effect: effect, conditions: conditions, message: "Message of \(id).")
    }

    @Test("The default policy admits clean tensors and documents, and nothing else", arguments: verdicts, classes)
    private func defaultTable(verdict: String, formatClass: String) throws {
        let decision = try Self.defaultPolicy().decide(
            PolicyFacts([
                .verdict: .text(verdict), .formatClass: .members([formatClass]), .formatGroup: .members(["gguf"]),
            ]))
        let admits = verdict == "clean" && ["tensors", "document"].contains(formatClass)
        // A class that is denied is denied, even if the inspection came to no result.
        let isDenied = ["code", "archive", "unknown"].contains(formatClass)
        let expected: PolicyDecision.Outcome =
            verdict == "undecided" && !isDenied ? .undecided : admits ? .admitted : .refused
        #expect(decision.outcome == expected)
        #expect(decision.reasons.isEmpty == admits)
        #expect(decision.codes.isEmpty == admits)
    }

    @Test("One file of another class spoils a directory", arguments: ["code", "archive", "unknown"])
    func mixed(spoiler: String) throws {
        let facts = PolicyFacts([
            .verdict: .text("clean"), .formatClass: .members(["tensors", "document", spoiler]),
            .formatGroup: .members(["gguf", "text"]),
        ])
        #expect(try Self.defaultPolicy().decide(facts).codes == ["class-not-admitted"])
        var clean = PolicyFacts([
            .verdict: .text("clean"), .formatClass: .members(["tensors", "document"]),
            .formatGroup: .members(["gguf", "text"]),
        ])
        #expect(try Self.defaultPolicy().decide(clean).outcome == .admitted)
        // What a class does not show: pickles in an array of NumPy.
        clean[.formatGroup] = .members(["numpy", "pickle"])
        #expect(try Self.defaultPolicy().decide(clean).codes == ["pickle-not-admitted"])
    }

    @Test(
        "Nothing known is nothing admitted",
        arguments: [
            [:], [.formatClass: .set([])], [.verdict: .text("clean")],
        ] as [[PolicyFact: FactValue]])
    func nothingKnown(facts: [PolicyFact: FactValue]) throws {
        #expect(try Self.defaultPolicy().decide(PolicyFacts(facts)).outcome != .admitted)
    }

    @Test("One rule that denies outweighs every rule that admits, in either order", arguments: [true, false])
    func denyWins(denyFirst: Bool) throws {
        let admit = Self.rule("a", .admit, PolicyCondition(.name, .isIn(["n"])))
        let deny = Self.rule("d", .deny, PolicyCondition(.name, .hasAny(["n"])))
        let policy = denyFirst ? try Self.policy(deny, admit, admit) : try Self.policy(admit, admit, deny)
        let decision = policy.decide(PolicyFacts([.name: .text("n"), .verdict: .text("clean")]))
        #expect(decision.outcome == .refused)
        #expect(decision.codes == ["d"])
        #expect(decision.reasons == ["Message of d."])
    }

    @Test("What no rule admits is refused, and says so")
    func noRule() throws {
        let policy = try Self.policy(Self.rule("a", .admit, PolicyCondition(.name, .isIn(["other"]))))
        let decision = policy.decide(PolicyFacts([.name: .text("n"), .verdict: .text("clean")]))
        #expect(decision.outcome == .refused)
        #expect(decision.codes == ["no-rule-admits"])
        #expect(decision.trace.map(\.result) == [.doesNotApply])
    }

    @Test("A rule that asks for what nobody established admits nothing, and denies if it denies")
    func unknownFacts() throws {
        let facts = PolicyFacts([.name: .text("n"), .verdict: .text("clean")])
        let admitting = try Self.policy(Self.rule("a", .admit, PolicyCondition(.license, .isIn(["mit"]))))
        #expect(admitting.decide(facts).outcome == .refused)
        #expect(admitting.decide(facts).trace.first?.missing == [.license])
        let denying = try Self.policy(
            Self.rule("a", .admit, PolicyCondition(.name, .isIn(["n"]))),
            Self.rule("d", .deny, PolicyCondition(.license, .hasAny(["gpl"]))))
        let decision = denying.decide(facts)
        #expect(decision.outcome == .refused)
        #expect(decision.reasons == ["Message of d. (not established: license)"])
    }

    @Test("A condition that is known to be false settles a rule, whatever else is unknown")
    func falseBeatsUnknown() throws {
        let policy = try Self.policy(
            Self.rule("a", .admit, PolicyCondition(.name, .isIn(["n"]))),
            Self.rule(
                "d", .deny, PolicyCondition(.license, .hasAny(["gpl"])), PolicyCondition(.name, .isIn(["other"]))))
        #expect(policy.decide(PolicyFacts([.name: .text("n"), .verdict: .text("clean")])).outcome == .admitted)
    }

    @Test("No rule can admit what the inspection could not decide", arguments: [nil, FactValue.text("undecided")])
    func undecided(verdict: FactValue?) throws {
        let policy = try Self.policy(Self.rule("a", .admit, PolicyCondition(.name, .isIn(["n"]))))
        var facts = PolicyFacts([.name: .text("n")])
        facts[.verdict] = verdict
        let decision = policy.decide(facts)
        #expect(decision.outcome == .undecided)
        #expect(!decision.reasons.isEmpty)
        #expect(!decision.codes.isEmpty)
    }

    @Test(
        "Each comparison holds for what it says, and is neither true nor false of another kind of fact",
        arguments: [
            (.isIn(["a", "b"]), .text("a"), true), (.isIn(["a"]), .text("b"), false),
            (.isIn(["a", "b"]), .set(["a", "b"]), true), (.isIn(["a"]), .set(["a", "b"]), false),
            (.isIn(["a"]), .set([]), nil), (.isIn(["1"]), .number(1), nil),
            (.hasAny(["a"]), .text("a"), true), (.hasAny(["a"]), .set(["a", "b"]), true),
            (.hasAny(["a"]), .set([]), false), (.hasAny(["a"]), .set(["b"]), false), (.hasAny(["1"]), .number(1), nil),
            (.hasNone(["a"]), .text("a"), false), (.hasNone(["a"]), .set(["b"]), true),
            (.hasNone(["a"]), .set(["a", "b"]), false), (.hasNone(["a"]), .set([]), true),
            (.hasNone(["1"]), .number(1), nil),
            (.atMost(5), .number(5), true), (.atMost(5), .number(6), false), (.atMost(5), .text("5"), nil),
            (.atLeast(5), .number(5), true), (.atLeast(5), .number(4), false), (.atLeast(5), .set(["5"]), nil),
        ] as [(PolicyCondition.Comparison, FactValue, Bool?)])
    func comparisons(comparison: PolicyCondition.Comparison, value: FactValue, holds: Bool?) throws {
        let policy = try Self.policy(Self.rule("r", .admit, PolicyCondition(.source, comparison)))
        let decision = policy.decide(PolicyFacts([.source: value, .verdict: .text("clean")]))
        let expected: PolicyDecision.Step.Result =
            switch holds {
            case true: .applies
            case false: .doesNotApply
            case nil: .unknown
            }
        #expect(decision.trace.map(\.result) == [expected])
        #expect((decision.outcome == .admitted) == (holds == true))
    }

    @Test("The same facts and policy give the same document, byte by byte")
    func deterministic() throws {
        let facts = PolicyFacts([
            .verdict: .text("clean"), .formatClass: .members(["tensors"]), .sizeBytes: .number(7),
            .findings: .members(["b", "a", "b"]), .formatGroup: .members(["gguf"]),
        ])
        let documents = try (0..<20).map { _ in try Self.defaultPolicy().decide(facts).json.encoded() }
        #expect(Set(documents).count == 1)
        let object = try #require(try StrictJSON.parse(documents[0], limits: .requestBody).asObject)
        #expect(object["outcome"] == "admitted")
        #expect(object["facts"]?.asObject?["findings"] == ["a", "b"])
        #expect(object["trace"]?.asArray?.count == 5)
    }
}
