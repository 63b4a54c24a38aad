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
        case .noRules: "there are neither rules nor formats"
        case .tooManyRules(let limit): "there are more than \(limit) rules"
        case .unknownFormat(let format):
            "\(format.prefix(64)) is no format of policies: "
                + FormatGroup.allCases.map(\.rawValue).joined(separator: ", ")
        case .badFormat(let format, let sentence): "the format \(format.prefix(64)) \(sentence)"
        case .badWaivers(let field, let sentence): "\(field) of waivers \(sentence)"
        case .badVerification(_, "", let sentence): "verification \(sentence)"
        case .badVerification(_, let field, let sentence): "\(field) of verification \(sentence)"
        case .unknownRecheckAction(let text): "on_recheck_failure is \(text.prefix(64)), and not report or quarantine"
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
        case .unknownFormat(let format), .badFormat(let format, _): return [.key("formats"), .key(format)]
        case .badWaivers(let field, _): return [.key("waivers"), .key(field)]
        case .badVerification(let index, let field, _):
            return [.key("verification")] + (index.map { [.item($0)] } ?? []) + (field.isEmpty ? [] : [.key(field)])
        case .unknownRecheckAction: return [.key("on_recheck_failure")]
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
            if let index, PolicyRule.fault(in: rules[index]) == self {
                return [.key("rules"), .item(index), .key(fault.field)]
            }
            return Self.section(of: fault, in: root) + [.key(fault.field)]
        }
    }

    /// The section whose own field it is.
    private static func section(of fault: FieldFault, in root: JSONValue) -> [YAMLStep] {
        let object = root.asObject
        if let waivers = object?["waivers"]?.asObject, Self.fault({ _ = try WaiverRules(waivers) }) == fault {
            return [.key("waivers")]
        }
        for member in object?["formats"]?.asObject?.members ?? []
        where Self.fault({ _ = try FormatRequirement(member.value, of: member.name) }) == fault {
            let isInside = member.value.asObject?["require"]?.asObject?[fault.field] != nil
            return [.key("formats"), .key(member.name)] + (isInside ? [.key("require")] : [])
        }
        return []
    }

    private static func fault(_ read: () throws -> Void) -> FieldFault? {
        do {
            try read()
            return nil
        } catch {
            return error as? FieldFault
        }
    }

    private static func rule(_ id: String, in rules: [JSONValue]) -> [YAMLStep] {
        [.key("rules"), .item(rules.firstIndex { $0.asObject?["id"]?.asString == id } ?? 0)]
    }
}
