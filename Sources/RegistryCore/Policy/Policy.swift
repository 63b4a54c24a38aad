public import OCI

/// Rules that admit or refuse, with the version and the digest under which decisions cite them.
///
/// What no rule admits is refused; one rule that denies outweighs every rule that admits.
public struct Policy: Sendable, Hashable {
    public var name: String
    /// Chosen by whoever wrote it; shown wherever a decision is shown.
    public var version: String
    /// SHA-256 of the bytes that it was read from.
    public var digest: Digest
    public var rules: [PolicyRule]
    /// What is asked of files by their format; empty when the policy leaves that to its rules. Formats that are not
    /// named are not admitted then.
    public var formats: [FormatGroup: FormatRequirement]
    /// Which signatures artifacts need; empty when the policy asks for none.
    public var verification: [VerificationRule]
    /// Whether bytes are taken in only where a rule of verification is about them, or whoever brings them states their
    /// digest.
    public var requireIntegrity: Bool
    public var waivers: WaiverRules
    public var onRecheckFailure: RecheckFailureAction

    public init(
        name: String, version: String, digest: Digest, rules: [PolicyRule],
        formats: [FormatGroup: FormatRequirement] = [:], verification: [VerificationRule] = [],
        requireIntegrity: Bool = false, waivers: WaiverRules = .none,
        onRecheckFailure: RecheckFailureAction = .report
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.rules = rules
        self.formats = formats
        self.verification = verification
        self.requireIntegrity = requireIntegrity
        self.waivers = waivers
        self.onRecheckFailure = onRecheckFailure
    }
}

/// One rule: when every condition holds, it admits or denies.
public struct PolicyRule: Sendable, Hashable {
    public enum Effect: String, Sendable, Hashable, CaseIterable {
        case admit, deny
    }

    public var id: String
    public var effect: Effect
    public var conditions: [PolicyCondition]
    /// Shown to whoever is refused by this rule.
    public var message: String

    public init(id: String, effect: Effect, conditions: [PolicyCondition], message: String) {
        self.id = id
        self.effect = effect
        self.conditions = conditions
        self.message = message
    }
}

/// A fact compared with constants.
public struct PolicyCondition: Sendable, Hashable {
    public enum Comparison: Sendable, Hashable {
        /// A text is one of these; of a set, every element is, and there is at least one.
        case isIn([String])
        /// A text is one of these; of a set, at least one element is.
        case hasAny([String])
        /// The reverse of `hasAny`.
        case hasNone([String])
        case atMost(UInt64)
        case atLeast(UInt64)
    }

    public var fact: PolicyFact
    public var comparison: Comparison

    public init(_ fact: PolicyFact, _ comparison: Comparison) {
        self.fact = fact
        self.comparison = comparison
    }

    /// - Returns: `nil` when the fact is absent, or of a kind that cannot be compared so: neither true nor false.
    func holds(for facts: PolicyFacts) -> Bool? {
        guard let value = facts[fact] else { return nil }
        switch (comparison, value) {
        case (.isIn(let allowed), .text(let text)), (.hasAny(let allowed), .text(let text)):
            return allowed.contains(text)
        case (.isIn(let allowed), .set(let elements)):
            return elements.isEmpty ? nil : elements.allSatisfy(allowed.contains)
        case (.hasAny(let allowed), .set(let elements)): return elements.contains(where: allowed.contains)
        case (.hasNone(let forbidden), .text(let text)): return !forbidden.contains(text)
        case (.hasNone(let forbidden), .set(let elements)): return !elements.contains(where: forbidden.contains)
        case (.atMost(let bound), .number(let number)): return number <= bound
        case (.atLeast(let bound), .number(let number)): return number >= bound
        case (.isIn, .number), (.hasAny, .number), (.hasNone, .number), (.atMost, .text), (.atMost, .set),
            (.atLeast, .text), (.atLeast, .set):
            return nil
        }
    }
}
