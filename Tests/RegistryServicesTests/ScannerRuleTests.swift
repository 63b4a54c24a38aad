import Inspection
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

/// Rules about what other scanners say: each has an answer that breaks it and one that barely does not.
@Suite("Rules about other scanners")
struct ScannerRuleTests {
    struct Answers: Sendable, CustomTestStringConvertible {
        let rule: RuleID
        let hit: ScanOutcome
        let nearMiss: ScanOutcome

        var testDescription: String { rule.rawValue }
    }

    private static func found(isThreat: Bool) -> ScanOutcome {
        .completed([ScanFinding(isThreat: isThreat, title: "Evil.A")], withTensors: true)
    }

    private static let nothing = ScanOutcome.completed([], withTensors: true)

    static let answers = [
        Answers(rule: .scannerThreat, hit: found(isThreat: true), nearMiss: found(isThreat: false)),
        Answers(rule: .scannerSuspicion, hit: found(isThreat: false), nearMiss: nothing),
        Answers(rule: .scannerFailed, hit: .failed("no answer"), nearMiss: nothing),
        Answers(rule: .scannerNotScanned, hit: .notScanned("too large"), nearMiss: nothing),
        Answers(rule: .scannerTensorsSkipped, hit: .completed([], withTensors: false), nearMiss: nothing),
    ]

    /// The rules that a model breaks of which the scanner says this.
    private func rules(_ outcome: ScanOutcome) async throws -> Set<String> {
        let scanner = FakeScanner("clamav")
        let registry = try await TestRegistry(try TestWorld(), scanners: [scanner])
        scanner.answer(outcome)
        try await registry.acquire("a", ModelBytes.gguf())
        do {
            try await registry.promote("a")
        } catch let error as RegistryError {
            return Self.rules(error.detail["findings"])
        }
        let record = try await registry.record("a")
        let evidence = try #require(record.inspection?.evidence)
        let document = try StrictJSON.parse(
            try await registry.history.document(of: record.name, evidence.description), limits: .requestBody)
        return Self.rules(document.asObject?["files"]?.asArray?.first?.asObject?["findings"])
    }

    private static func rules(_ findings: JSONValue?) -> Set<String> {
        Set(findings?.asArray?.compactMap { $0.asObject?["rule"]?.asString } ?? [])
    }

    @Test(
        "What a scanner says breaks the rule that is about it, and what barely is not that does not", arguments: answers
    )
    func rules(answers: Answers) async throws {
        #expect(try await rules(answers.hit).contains(answers.rule.rawValue))
        #expect(try await !rules(answers.nearMiss).contains(answers.rule.rawValue))
    }

    @Test("Every rule about other scanners is tried")
    func coverage() {
        let rules = RuleID.allCases.filter { $0.rawValue.hasPrefix("scanner.") }
        #expect(Set(rules) == Set(Self.answers.map(\.rule)))
    }
}
