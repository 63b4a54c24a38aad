import struct Crypto.SHA256
import OCI
public import SafeYAML
public import StrictJSON

/// Why a text is not a policy.
public enum PolicyFault: Error, Sendable, Hashable {
    case yaml(YAMLFault)
    case field(FieldFault)
    case unsupportedVersion(String)
    case unknownFact(rule: String, fact: String)
    case unknownEffect(rule: String, effect: String)
    case badComparison(rule: String, fact: String)
    case badDigest
    case repeatedRule(String)
    case noRules
    case tooManyRules(limit: Int)
    case unknownFormat(String)
    case badFormat(String, String)
    case badWaivers(String, String)
    case unknownRecheckAction(String)
    /// Which of a list of rules, the field, and what is wrong with it.
    case badVerification(Int?, String, String)
}

extension Policy {
    /// Most rules that one policy may have.
    public static let rulesMax = 1_000

    /// Reads a policy from YAML (a safe subset: no anchors, aliases, tags or repeated keys).
    ///
    /// ```yaml
    /// pratique: policy/v1
    /// name: default
    /// version: "1"
    /// rules:
    ///   - id: tensors-and-documents
    ///     effect: admit
    ///     when: { verdict: clean, format_class: [tensors, document] }
    ///     message: Tensor formats and documents that inspect clean are admitted.
    /// ```
    ///
    /// `when` maps facts to a constant, a list of constants (every element must be in it), or one comparison:
    /// `{in: […]}`, `{has_any: […]}`, `{has_none: […]}`, `{at_most: n}`, `{at_least: n}`.
    ///
    /// Beside the rules, or instead of them, `formats` says what is asked of files by their format; `verification`,
    /// whose signatures and statements artifacts need; `waivers`, what people may answer for; `on_recheck_failure`,
    /// what becomes of something trusted that is not admitted any more.
    public init(parsing yaml: [UInt8]) throws(PolicyFault) {
        let value: JSONValue
        do { value = try SafeYAML.parse(yaml, limits: .policy) } catch { throw .yaml(error) }
        do {
            var fields = try FieldReader(value)
            let kind = try fields.requiredString("pratique")
            guard kind == "policy/v1" else { throw PolicyFault.unsupportedVersion(kind) }
            name = try fields.requiredString("name")
            version = try fields.requiredString("version")
            let rows = try fields.optionalArray("rules") ?? []
            formats = try fields.optionalObject("formats").map(FormatRequirement.read) ?? [:]
            verification = try VerificationRule.read(fields.optionalValue("verification"))
            requireIntegrity = try fields.optionalBool("require_integrity") ?? false
            waivers = try fields.optionalObject("waivers").map { try WaiverRules($0) } ?? .none
            onRecheckFailure =
                try fields.optionalString("on_recheck_failure").map { try RecheckFailureAction($0) } ?? .report
            try fields.finish()
            guard !rows.isEmpty || !formats.isEmpty else { throw PolicyFault.noRules }
            guard rows.count <= Self.rulesMax else { throw PolicyFault.tooManyRules(limit: Self.rulesMax) }
            rules = try rows.map { row in try PolicyRule(row) }
        } catch let fault as FieldFault {
            throw .field(fault)
        } catch let fault as PolicyFault {
            throw fault
        } catch {
            throw .noRules
        }
        var seen: Set<String> = []
        for rule in rules where !seen.insert(rule.id).inserted { throw .repeatedRule(rule.id) }
        guard let digest = try? Digest(sha256: Array(SHA256.hash(data: yaml))) else { throw .badDigest }
        self.digest = digest
    }
}

extension YAMLLimits {
    /// A policy is read once at start and kept in memory.
    static let policy = YAMLLimits(bytesMax: 1 << 20, depthMax: 8, nodesMax: 100_000, scalarBytesMax: 1 << 16)
}

extension PolicyRule {
    fileprivate init(_ row: JSONValue) throws {
        var fields = try FieldReader(row)
        id = try fields.requiredString("id")
        let effectName = try fields.requiredString("effect")
        guard let effect = Effect(rawValue: effectName) else {
            throw PolicyFault.unknownEffect(rule: id, effect: effectName)
        }
        self.effect = effect
        message = try fields.requiredString("message")
        let rule = id
        conditions = try fields.requiredObject("when").members.map { member in
            guard let fact = PolicyFact(rawValue: member.name) else {
                throw PolicyFault.unknownFact(rule: rule, fact: member.name)
            }
            guard let comparison = PolicyCondition.Comparison(member.value) else {
                throw PolicyFault.badComparison(rule: rule, fact: member.name)
            }
            return PolicyCondition(fact, comparison)
        }
        try fields.finish()
        // A rule without a condition that admits would admit everything; one that denies is how to close the door.
        if conditions.isEmpty, effect == .admit { throw PolicyFault.badComparison(rule: id, fact: "when") }
    }
}

extension PolicyRule {
    /// What keeps a row from being a rule.
    static func fault(in row: JSONValue) -> PolicyFault? {
        do {
            _ = try PolicyRule(row)
            return nil
        } catch let fault as FieldFault {
            return .field(fault)
        } catch {
            return error as? PolicyFault
        }
    }
}

extension PolicyCondition.Comparison {
    fileprivate init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .isIn([text])
        case .array(let elements):
            guard let texts = Self.texts(elements) else { return nil }
            self = .isIn(texts)
        case .object(let object):
            guard let member = object.members.first, object.members.count == 1 else { return nil }
            switch (member.name, member.value) {
            case ("in", .array(let elements)):
                guard let texts = Self.texts(elements) else { return nil }
                self = .isIn(texts)
            case ("has_any", .array(let elements)):
                guard let texts = Self.texts(elements) else { return nil }
                self = .hasAny(texts)
            case ("has_none", .array(let elements)):
                guard let texts = Self.texts(elements) else { return nil }
                self = .hasNone(texts)
            case ("at_most", .number(let number)):
                guard let bound = number.uint64 else { return nil }
                self = .atMost(bound)
            case ("at_least", .number(let number)):
                guard let bound = number.uint64 else { return nil }
                self = .atLeast(bound)
            default: return nil
            }
        case .null, .bool, .number: return nil
        }
    }

    private static func texts(_ elements: [JSONValue]) -> [String]? {
        let texts = elements.compactMap(\.asString)
        return texts.count == elements.count && !texts.isEmpty ? texts : nil
    }
}
