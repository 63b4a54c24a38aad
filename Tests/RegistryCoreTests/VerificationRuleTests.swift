import DER
import OCI
import RegistryCore
import SignatureKeys
import Testing

@Suite("Rules of verification")
struct VerificationRuleTests {
    private static let key = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        -----END PUBLIC KEY-----
        """

    private static func policy(_ verification: String) -> [UInt8] {
        let lines = verification.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        return Array(
            """
            pratique: policy/v1
            name: signed
            version: "1"
            rules:
              - { id: all, effect: admit, when: { verdict: clean }, message: All. }
            verification:
            \(lines)
            """.utf8)
    }

    private static let alice = "issuer: https://id.example\nidentity: alice@example.org\n"

    @Test(
        "A rule that could mean two things, or nothing, or that cannot be read, makes the policy unusable, on its line",
        arguments: [
            ("issuer: https://id.example", "issuer", 7),
            ("identity: alice@example.org", "identity", 7),
            (alice + "identity_regex: alice", "identity", 8),
            (alice + "issuer_regex: .*", "issuer", 7),
            ("issuer: ''\nidentity: a", "issuer", 7),
            ("issuer: a\nidentity_regex: '(a'", "identity_regex", 8),
            ("issuer: a\nidentity_regex: '(a)\\1'", "identity_regex", 8),
            (alice + "not_before: yesterday", "not_before", 9),
            (alice + "threshold: 33", "threshold", 9),
            (alice + "threshold: 0", "threshold", 9),
            ("threshold: 1", "identity", 6),
            ("not_before: 2026-05-01T00:00:00Z", "not_before", 7),
            ("keys: [no key]", "keys", 7),
            ("threshold: 0\nattestations: [{ type: sbom }]", "attestations", 8),
            (alice + "attestations: [{ type: '' }]", "attestations", 9),
            (alice + "attestations: [{ type: slsa, builder: a, builder_regex: a }]", "builder", 6),
            (alice + "names: [a//b]", "names", 9),
            (alice + "identities: [a]", "identities", 9),
            ("[]", "", 6), ("- issuer: a", "issuer", 7),
            ("- \(alice.replacing("\n", with: "\n  "))\n- {}", "identity", 10),
            ("yes", "", 6),
        ])
    func refused(text: String, field: String, line: Int) throws {
        let yaml = Self.policy(text)
        let fault = #expect(throws: PolicyFault.self) { try Policy(parsing: yaml) }
        guard case .badVerification(_, field, _) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        let found = try #require(fault).line(in: yaml)
        #expect(found == line)
        #expect(fault?.description.contains("verification") == true)
    }

    private static func fact(
        _ name: String, issuer: String = "https://id.example", seconds: [Int64] = [1_000], type: String? = nil
    ) throws -> SignatureFact {
        let times = try seconds.map { try #require(UnixTime(seconds: $0)) }
        return SignatureFact(
            bundle: try Sample.digest(UInt8(truncatingIfNeeded: name.utf8.count)), predicateType: type,
            finding: .verified(
                VerifiedSigner(
                    name: .identity(name, issuer: issuer), times: times.map { .init(time: $0, source: "log") },
                    logPlaces: [])))
    }

    private static func decide(
        _ verification: String, _ facts: [SignatureFact], name: String = "a", source: String? = nil
    ) throws -> PolicyDecision {
        var known = PolicyFacts([.verdict: .text("clean"), .name: .text(name)])
        if let source { known[.source] = .text(source) }
        known.signatures = facts
        return try Policy(parsing: policy(verification)).decide(known)
    }

    @Test("An expression has to match the whole identity, and the issuer besides")
    func wholeMatch() throws {
        let rule = "issuer: https://id.example\nidentity_regex: https://github\\.com/acme/[a-z]+"
        let admitted = try Self.decide(rule, [Self.fact("https://github.com/acme/models")])
        #expect(admitted.outcome == .admitted)
        for name in [
            "https://github.com/acme/models/evil", "xhttps://github.com/acme/models", "https://githubxcom/acme/m",
        ] {
            let decision = try Self.decide(rule, [Self.fact(name)])
            #expect(decision.outcome == .refused)
            #expect(decision.signatures.first?.objections == ["verification": "identity_mismatch"])
        }
        let other = try Self.decide(rule, [Self.fact("https://github.com/acme/models", issuer: "https://id.example/")])
        #expect(other.signatures.first?.objections == ["verification": "issuer_mismatch"])
    }

    @Test("A cutoff compares the earliest verified time, and what has no time does not count")
    func cutoff() throws {
        let rule = Self.alice + "not_before: 1970-01-01T00:16:40Z"
        #expect(try Self.decide(rule, [Self.fact("alice@example.org", seconds: [1_000])]).outcome == .admitted)
        for (seconds, reason) in [
            ([999], "signed_before_cutoff"), ([2_000, 999], "signed_before_cutoff"), ([], "time_missing"),
        ] {
            let decision = try Self.decide(rule, [Self.fact("alice@example.org", seconds: seconds.map(Int64.init))])
            #expect(decision.outcome == .refused)
            #expect(decision.signatures.first?.objections == ["verification": reason])
        }
    }

    @Test("Of several rules all that are about an artifact have to hold; where none is, it is unverified")
    func several() throws {
        let rules = """
            - issuer: https://id.example
              identity: alice@example.org
              names: [team/*]
            - issuer: https://id.example
              identity: bob@example.org
              sources: [hub]
            """
        func standing(_ facts: [SignatureFact], _ name: String, _ source: String?) throws -> FactValue? {
            try Self.decide(rules, facts, name: name, source: source).facts[.verification]
        }
        let (alice, bob) = (try Self.fact("alice@example.org"), try Self.fact("bob@example.org"))
        #expect(try standing([], "a", nil) == .text("unverified"))
        #expect(try standing([alice], "team/x", nil) == .text("verified"))
        #expect(try standing([bob], "team/x", nil) == .text("failed"))
        #expect(try standing([alice], "team/x", "hub") == .text("failed"))
        #expect(try standing([alice, bob], "team/x", "hub") == .text("verified"))
        #expect(try standing([bob], "a", "hub") == .text("verified"))
        #expect(try Self.decide(rules, [alice], name: "team/x", source: "hub").codes == ["verification:2"])
    }

    @Test("A rule of the policy may deny what is unverified")
    func unverified() throws {
        let yaml = Array(
            """
            pratique: policy/v1
            name: strict
            version: "1"
            rules:
              - { id: all, effect: admit, when: { verdict: clean }, message: All. }
              - { id: unsigned, effect: deny, when: { verification: unverified }, message: Unsigned. }
            """.utf8)
        let decision = try Policy(parsing: yaml).decide(PolicyFacts([.verdict: .text("clean")]))
        #expect(decision.outcome == .refused)
        #expect(decision.codes == ["unsigned"])
    }

    @Test("What could not be verified leaves a decision open, unless something else surely denies")
    func undecided() throws {
        let open = SignatureFact(bundle: try Sample.digest(9), finding: .refused(.rootUnavailable))
        let decision = try Self.decide(Self.alice, [open])
        #expect(decision.outcome == .undecided)
        #expect(decision.facts[.verification] == .text("undecided"))
        let two = Self.alice + "threshold: 3"
        #expect(try Self.decide(two, [open, Self.fact("alice@example.org")]).outcome == .refused)
        #expect(try Self.decide(Self.alice, [open, Self.fact("alice@example.org")]).outcome == .admitted)
    }

    @Test("A key counts by its digest, and neither for an identity nor the other way round")
    func keys() throws {
        let rule = "keys:\n  - |\n" + Self.key.split(separator: "\n").map { "    \($0)\n" }.joined()
        let policy = try Policy(parsing: Self.policy(rule))
        let id = try #require(policy.verification.first?.signer.keys.first?.keyID)
        func decide(_ name: VerifiedSigner.Name, _ rule: String) throws -> PolicyDecision {
            let signer = VerifiedSigner(name: name, times: [], logPlaces: [])
            return try Self.decide(rule, [SignatureFact(bundle: try Sample.digest(1), finding: .verified(signer))])
        }
        #expect(try decide(.key(id), rule).outcome == .admitted)
        #expect(try decide(.key(Array(id.reversed())), rule).outcome == .refused)
        #expect(
            try decide(.key(id), Self.alice).signatures.first?.objections == ["verification": "certificate_expected"])
        let identity = VerifiedSigner.Name.identity("alice@example.org", issuer: "https://id.example")
        #expect(try decide(identity, rule).signatures.first?.objections == ["verification": "key_expected"])
    }
}
