import DER
import SignatureKeys
import Sigstore
public import StrictJSON

// The section `verification` of a policy.

extension VerificationRule {
    /// Reads one rule, or a list of them.
    static func read(_ value: JSONValue?) throws -> [VerificationRule] {
        switch value {
        case nil: return []
        case .object?: return [try rule(value, at: nil)]
        case .array(let rows)?:
            guard (1...rulesMax).contains(rows.count) else {
                throw PolicyFault.badVerification(nil, "", "is not 1 to \(rulesMax) rules")
            }
            return try rows.enumerated().map { index, row in try rule(row, at: index) }
        default: throw PolicyFault.badVerification(nil, "", "is neither a rule nor a list of rules")
        }
    }

    private static func rule(_ value: JSONValue?, at index: Int?) throws -> VerificationRule {
        do {
            return try VerificationRule(value ?? .null, label: "verification" + (index.map { ":\($0 + 1)" } ?? ""))
        } catch let fault as FieldFault {
            throw PolicyFault.badVerification(index, fault.field, "cannot be read: \(fault)")
        } catch let fault as VerificationFault {
            throw PolicyFault.badVerification(index, fault.field, fault.sentence)
        }
    }

    private init(_ value: JSONValue, label: String) throws {
        var fields = try FieldReader(value)
        self.label = label
        names = try (fields.optionalStrings("names") ?? []).map { text in
            guard let pattern = NamePattern(parsing: text) else {
                throw VerificationFault("names", "has \(text.prefix(64)), which is neither a name nor NAME/*")
            }
            return pattern
        }
        sources = try fields.optionalStrings("sources") ?? []
        for (field, count) in [("names", names.count), ("sources", sources.count)] where count > Self.namesMax {
            throw VerificationFault(field, "names more than \(Self.namesMax)")
        }
        threshold = try fields.optionalUInt64("threshold") ?? 1
        guard threshold <= Self.thresholdMax else {
            throw VerificationFault("threshold", "is not 0 to \(Self.thresholdMax)")
        }
        let signer = try SignerRule.read(&fields)
        let rows = try fields.optionalArray("attestations") ?? []
        guard rows.count <= Self.attestationsMax else {
            throw VerificationFault("attestations", "asks for more than \(Self.attestationsMax)")
        }
        attestations = try rows.map { row in try AttestationRule(row, signer) }
        try fields.finish()
        guard threshold > 0 || !attestations.isEmpty else {
            throw VerificationFault("threshold", "is 0, and no attestations are asked for: that asks for nothing")
        }
        guard signer != nil || threshold == 0 else {
            throw VerificationFault("identity", SignerRule.missing)
        }
        self.signer = signer ?? SignerRule(identity: nil, keys: [])
    }
}

extension AttestationRule {
    fileprivate init(_ row: JSONValue, _ inherited: SignerRule?) throws {
        var fields = try FieldReader(row)
        let type = try fields.requiredString("type")
        guard !type.isEmpty else { throw VerificationFault("attestations", "has one without a type") }
        kind = Kind(type)
        builder = try TextRule.read("builder", &fields)
        source = try TextRule.read("source", &fields)
        let own = try SignerRule.read(&fields)
        try fields.finish()
        // A statement that nobody signed says nothing.
        guard let signer = own ?? inherited else { throw VerificationFault("attestations", SignerRule.missing) }
        self.signer = signer
    }
}

extension SignerRule {
    static let missing = "has neither an identity with its issuer nor keys: whoever signed would do"

    /// - Returns: `nil` when nobody is named.
    fileprivate static func read(_ fields: inout FieldReader) throws -> SignerRule? {
        let name = try TextRule.read("identity", &fields)
        let issuer = try TextRule.read("issuer", &fields)
        let keys = try (fields.optionalStrings("keys") ?? []).map(key)
        var notBefore: UnixTime?
        if let text = try fields.optionalString("not_before") {
            guard let time = UnixTime(rfc3339: text) else {
                throw VerificationFault("not_before", "is no time by RFC 3339, such as 2026-05-01T00:00:00Z")
            }
            notBefore = time
        }
        guard keys.count <= keysMax else { throw VerificationFault("keys", "has more than \(keysMax)") }
        let identity: Identity? =
            switch (name, issuer) {
            case (let name?, let issuer?): Identity(name: name, issuer: issuer)
            case (nil, nil): nil
            case (nil, _?): throw VerificationFault("issuer", "is given without identity or identity_regex")
            case (_?, nil): throw VerificationFault("identity", "is given without issuer or issuer_regex")
            }
        guard identity != nil || !keys.isEmpty else {
            guard notBefore == nil else { throw VerificationFault("not_before", missing) }
            return nil
        }
        return SignerRule(identity: identity, keys: keys, notBefore: notBefore)
    }

    private static func key(_ text: String) throws -> VerificationKey {
        do {
            return try VerificationKey(pem: Array(text.utf8))
        } catch {
            throw VerificationFault("keys", "has one that is no public key in PEM: \(error)")
        }
    }
}

extension TextRule {
    /// One of `name` and `name_regex`.
    fileprivate static func read(_ name: String, _ fields: inout FieldReader) throws -> TextRule? {
        let text = try fields.optionalString(name)
        let expression = try fields.optionalString("\(name)_regex")
        switch (text, expression) {
        case (nil, nil): return nil
        case (_?, _?): throw VerificationFault(name, "is given besides \(name)_regex: only one of them can count")
        case (let text?, nil):
            guard !text.isEmpty else { throw VerificationFault(name, "is empty") }
            return .exactly(text)
        case (nil, let expression?):
            do {
                return .matching(try IdentityPattern(expression))
            } catch {
                throw VerificationFault("\(name)_regex", "cannot be read: \(error)")
            }
        }
    }
}

/// What is wrong with one rule of verification.
private struct VerificationFault: Error {
    var field: String
    var sentence: String

    init(_ field: String, _ sentence: String) {
        self.field = field
        self.sentence = sentence
    }
}

// As the API shows them.
extension VerificationRule {
    public var json: JSONValue {
        .object(
            JSONObject(
                present: [
                    ("label", .string(label)),
                    ("names", names.isEmpty ? nil : .array(names.map { .string($0.description) })),
                    ("sources", sources.isEmpty ? nil : .array(sources.map { .string($0) })),
                    ("threshold", .number(JSONNumber(threshold))),
                ] + signer.members
                    + [("attestations", attestations.isEmpty ? nil : .array(attestations.map(\.json)))]))
    }
}

extension AttestationRule {
    fileprivate var json: JSONValue {
        .object(
            JSONObject(
                present: [("type", .string(kind.text))] + TextRule.member("builder", builder)
                    + TextRule.member("source", source) + signer.members))
    }
}

extension SignerRule {
    fileprivate var members: [(String, JSONValue?)] {
        TextRule.member("issuer", identity?.issuer) + TextRule.member("identity", identity?.name) + [
            ("keys", keys.isEmpty ? nil : .array(keys.map { .string(Hexadecimal.encode($0.keyID)) })),
            ("not_before", notBefore.map { .string("\($0)") }),
        ]
    }
}

extension TextRule {
    fileprivate static func member(_ name: String, _ rule: TextRule?) -> [(String, JSONValue?)] {
        switch rule {
        case .exactly(let text)?: [(name, .string(text))]
        case .matching(let pattern)?: [("\(name)_regex", .string(pattern.text))]
        case .anything?, nil: []
        }
    }
}
