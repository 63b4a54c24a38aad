public import OCI
public import StrictJSON

/// What a policy said about an artifact, with everything that led to it.
public struct PolicyDecision: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case admitted
        /// A rule denied it, or none admitted it.
        case refused
        /// It could not be decided: the inspection came to no result. Never a pass.
        case undecided
    }

    /// What became of one rule.
    public struct Step: Sendable, Hashable {
        public enum Result: String, Sendable, Hashable, CaseIterable {
            case applies
            case doesNotApply = "does_not_apply"
            /// A fact that the rule asks for is absent. Such a rule admits nothing, and a denying one denies.
            case unknown
        }

        public var rule: String
        public var effect: PolicyRule.Effect
        public var result: Result
        /// The facts that were absent.
        public var missing: [PolicyFact]
    }

    public var outcome: Outcome
    public var policyName: String
    public var policyVersion: String
    public var policyDigest: Digest
    public var facts: PolicyFacts
    public var trace: [Step]
    /// For people: one sentence for each reason against; empty when admitted.
    public var reasons: [String]
    /// The rules that denied, or `no-rule-admits`.
    public var codes: [String]
    /// The waivers that the facts rest on.
    public var waivers: [Waiver]
    /// What became of each bundle about the artifact.
    public var signatures: [SignatureStep]
    /// Where rules ask for more than by the artifact's own name.
    public var repositories: [RepositoryStanding]
}

extension Policy {
    /// Decides. A pure function: the same facts and the same policy give the same decision, with the same trace.
    ///
    /// - Parameter waivers: those without which the facts would be others.
    public func decide(_ facts: PolicyFacts, waivers: [Waiver] = []) -> PolicyDecision {
        let signed = SignatureDecision(verification, facts)
        var facts = facts
        facts[.verification] = .text(signed.standing.rawValue)
        let trace = rules.map { rule in rule.step(for: facts) }
        let byFormat = FormatDecision(formats, facts)
        let denying = zip(rules, trace).filter { rule, step in
            rule.effect == .deny && step.result != .doesNotApply
        }
        let admits =
            byFormat.admits
            || zip(rules, trace).contains { rule, step in rule.effect == .admit && step.result == .applies }
        var reasons = denying.map { rule, step in
            step.result == .applies
                ? rule.message
                : "\(rule.message) (not established: \(step.missing.map(\.rawValue).joined(separator: ", ")))"
        }
        var codes = denying.map { rule, _ in rule.id }
        reasons += byFormat.objections + signed.objections
        codes += byFormat.codes + signed.codes
        let isDenied = !codes.isEmpty
        if !admits, !isDenied {
            reasons.append("No rule of policy \(name) \(version) admits it.")
            codes.append("no-rule-admits")
        }
        // A rule that surely denies is an answer, whatever else could not be found out.
        let isUndecided =
            facts[.verdict] == nil || facts[.verdict] == .text("undecided") || signed.standing == .undecided
        let surelyDenied =
            byFormat.isSure || signed.isSure || denying.contains { _, step in step.result == .applies }
        let outcome: PolicyDecision.Outcome =
            if isUndecided, !surelyDenied {
                .undecided
            } else {
                admits && !isDenied ? .admitted : .refused
            }
        if outcome == .undecided, reasons.isEmpty {
            reasons.append("The inspection came to no result.")
            codes.append("inspection-undecided")
        }
        return PolicyDecision(
            outcome: outcome, policyName: name, policyVersion: version, policyDigest: digest, facts: facts,
            trace: trace + byFormat.trace + signed.trace, reasons: reasons, codes: codes, waivers: waivers,
            signatures: signed.bundles, repositories: standings(facts))
    }
}

/// What a policy's formats say of an artifact.
private struct FormatDecision {
    /// Every file is of formats that are admitted, and has what they ask for.
    private(set) var admits = false
    private(set) var objections: [String] = []
    private(set) var codes: [String] = []
    private(set) var trace: [PolicyDecision.Step] = []
    /// An objection stands, whatever else could not be found out.
    private(set) var isSure = false

    init(_ formats: [FormatGroup: FormatRequirement], _ facts: PolicyFacts) {
        guard !formats.isEmpty else { return }
        guard let groups = facts.groups, !groups.isEmpty else {
            objections = ["The formats of the files are not established."]
            codes = ["formats"]
            trace = [
                PolicyDecision.Step(rule: "formats", effect: .deny, result: .unknown, missing: [.formatGroup])
            ]
            return
        }
        for (group, found) in groups.sorted(by: { $0.key < $1.key }) {
            let requirement = formats[group] ?? FormatRequirement(isAllowed: false)
            let objections = requirement.objections(to: group, found, facts)
            let code = "format:\(group.rawValue)"
            trace.append(
                PolicyDecision.Step(
                    rule: code, effect: objections.isEmpty ? .admit : .deny, result: .applies, missing: []))
            guard !objections.isEmpty else { continue }
            self.objections += objections
            codes.append(code)
            isSure = isSure || !requirement.isAllowed
        }
        admits = codes.isEmpty
    }
}

extension PolicyRule {
    fileprivate func step(for facts: PolicyFacts) -> PolicyDecision.Step {
        var result = PolicyDecision.Step.Result.applies
        var missing: [PolicyFact] = []
        for condition in conditions {
            switch condition.holds(for: facts) {
            case true: continue
            case false: return PolicyDecision.Step(rule: id, effect: effect, result: .doesNotApply, missing: [])
            case nil:
                result = .unknown
                missing.append(condition.fact)
            }
        }
        return PolicyDecision.Step(rule: id, effect: effect, result: result, missing: missing)
    }
}

extension PolicyDecision {
    /// The document that is stored as evidence and cited by digest.
    public var json: JSONValue {
        .object(
            JSONObject(
                [
                    ("type", .string("policy-decision/v1")),
                    ("outcome", .string(outcome.rawValue)),
                    (
                        "policy",
                        .object(
                            JSONObject([
                                ("name", .string(policyName)), ("version", .string(policyVersion)),
                                ("digest", .string(policyDigest.description)),
                            ]))
                    ),
                    ("reasons", .array(reasons.map { .string($0) })),
                    ("codes", .array(codes.map { .string($0) })),
                    ("facts", facts.json),
                    ("trace", .array(trace.map(\.json))),
                ] + (signatures.isEmpty ? [] : [("signatures", .array(signatures.map(\.json)))])
                    + (repositories.isEmpty ? [] : [("repositories", .array(repositories.map(\.json)))])
                    + (waivers.isEmpty ? [] : [("waivers", .array(waivers.map(\.json)))])))
    }
}

extension PolicyDecision.Step {
    fileprivate var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("rule", .string(rule)), ("effect", .string(effect.rawValue)), ("result", .string(result.rawValue)),
        ]
        if !missing.isEmpty { members.append(("missing", .array(missing.map { .string($0.rawValue) }))) }
        return .object(JSONObject(members))
    }
}

extension PolicyFacts {
    fileprivate var json: JSONValue {
        var members = all.map { ($0.fact.rawValue, $0.value.json) }
        if let groups {
            let rows = groups.sorted { $0.key < $1.key }.map { ($0.key.rawValue, $0.value.json) }
            members.append(("format_groups", .object(JSONObject(rows))))
        }
        return .object(JSONObject(members))
    }
}

extension FormatGroupFacts {
    fileprivate var json: JSONValue {
        .object(
            JSONObject([
                ("files", .number(JSONNumber(files))), ("verdict", .string(verdict)),
                ("largest_bytes", .number(JSONNumber(largestBytes))),
                ("scanners", .array(scanners.map { .string($0) })),
            ]))
    }
}

extension FactValue {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .number(JSONNumber(number))
        case .set(let elements): .array(elements.map { .string($0) })
        }
    }
}
