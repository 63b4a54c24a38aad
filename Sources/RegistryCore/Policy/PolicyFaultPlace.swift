import SafeYAML
import StrictJSON

extension PolicyFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .yaml(let fault): "\(fault)"
        case .field(let fault): "\(fault)"
        case .unsupportedVersion(let version): "this is no policy/v1 but \"\(version.prefix(64))\""
        case .unknownFact(let rule, let fact):
            "rule \(rule.prefix(64)) compares \"\(fact.prefix(64))\", which is no fact"
        case .unknownEffect(let rule, let effect):
            "rule \(rule.prefix(64)) has the effect \"\(effect.prefix(64))\", and not admit or deny"
        case .badComparison(let rule, "when"): "rule \(rule.prefix(64)) would admit everything: it has no condition"
        case .badComparison(let rule, let fact):
            "rule \(rule.prefix(64)) compares \(fact.prefix(64)) with what cannot be compared"
        case .badDigest: "the file could not be hashed"
        case .repeatedRule(let rule): "there are two rules \(rule.prefix(64))"
        case .noRules: "there are no rules"
        case .tooManyRules(let limit): "there are more than \(limit) rules"
        }
    }

    /// The line of the text in which the mistake is, counted from 1.
    ///
    /// - Parameter yaml: the text whose reading ended in this fault.
    public func line(in yaml: [UInt8]) -> Int {
        if case .yaml(let fault) = self { return fault.line }
        guard let root = try? SafeYAML.parse(yaml, limits: .policy) else { return 1 }
        return SafeYAML.line(of: path(in: root), in: yaml, limits: .policy)
    }

    private func path(in root: JSONValue) -> [YAMLStep] {
        let rules = root.asObject?["rules"]?.asArray ?? []
        switch self {
        case .yaml, .badDigest: return []
        case .unsupportedVersion: return [.key("pratique")]
        case .noRules, .tooManyRules: return [.key("rules")]
        case .unknownFact(let rule, let fact): return Self.rule(rule, in: rules) + [.key("when"), .key(fact)]
        case .badComparison(let rule, "when"): return Self.rule(rule, in: rules) + [.key("when")]
        case .badComparison(let rule, let fact): return Self.rule(rule, in: rules) + [.key("when"), .key(fact)]
        case .unknownEffect(let rule, _): return Self.rule(rule, in: rules) + [.key("effect")]
        case .repeatedRule(let rule):
            let index = rules.lastIndex { $0.asObject?["id"]?.asString == rule } ?? 0
            return [.key("rules"), .item(index), .key("id")]
        case .field(let fault):
            // A field of the policy itself, or of the first rule that does not read.
            let index = rules.firstIndex { PolicyRule.fault(in: $0) != nil }
            guard let index, PolicyRule.fault(in: rules[index]) == self else { return [.key(fault.field)] }
            return [.key("rules"), .item(index), .key(fault.field)]
        }
    }

    private static func rule(_ id: String, in rules: [JSONValue]) -> [YAMLStep] {
        [.key("rules"), .item(rules.firstIndex { $0.asObject?["id"]?.asString == id } ?? 0)]
    }
}
