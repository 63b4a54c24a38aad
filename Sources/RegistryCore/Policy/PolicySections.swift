public import StrictJSON

// The parts of a policy that are no rules: formats, waivers, and what a failed look at something trusted leads to.

extension FormatRequirement {
    /// Most scanners or sources that one format names.
    static let namesMax = 64

    /// Reads `allow`, `deny`, or an object with `require`.
    init(_ value: JSONValue, of format: String) throws {
        switch value {
        case .string("allow"): self.init(isAllowed: true)
        case .string("deny"): self.init(isAllowed: false)
        case .object(let object):
            var fields = FieldReader(object)
            guard let required = try fields.optionalObject("require") else {
                throw PolicyFault.badFormat(format, "is allow, deny, or an object with require")
            }
            try fields.finish()
            try self.init(required, of: format)
        default: throw PolicyFault.badFormat(format, "is allow, deny, or an object with require")
        }
    }

    private init(_ required: JSONObject, of format: String) throws {
        var fields = FieldReader(required)
        self.init(
            isAllowed: true, scanners: try fields.optionalStrings("scanners") ?? [],
            sources: try fields.optionalStrings("sources") ?? [],
            sizeBytesMax: try fields.optionalUInt64("size_bytes_max"))
        try fields.finish()
        for (name, list) in [("scanners", required["scanners"]), ("sources", required["sources"])] {
            guard let count = list?.asArray?.count else { continue }
            guard (1...Self.namesMax).contains(count) else {
                throw PolicyFault.badFormat(format, "names no \(name), or more than \(Self.namesMax)")
            }
        }
    }

    static func read(_ object: JSONObject) throws -> [FormatGroup: FormatRequirement] {
        var formats: [FormatGroup: FormatRequirement] = [:]
        for member in object.members {
            guard let group = FormatGroup(rawValue: member.name) else { throw PolicyFault.unknownFormat(member.name) }
            formats[group] = try FormatRequirement(member.value, of: member.name)
        }
        guard !formats.isEmpty else { throw PolicyFault.badFormat("formats", "names none") }
        return formats
    }
}

extension WaiverRules {
    init(_ object: JSONObject) throws {
        var fields = FieldReader(object)
        verdicts = try fields.optionalStrings("verdicts") ?? []
        rules = try fields.optionalStrings("rules") ?? []
        except = try fields.optionalStrings("except") ?? []
        daysMax = try fields.requiredUInt64("days_max")
        try fields.finish()
        if let verdict = verdicts.first(where: { !Self.verdictsAllowed.contains($0) }) {
            let sentence =
                verdict == "block"
                ? "names block: what is blocked may be waived by naming its rule under rules alone"
                : "names \(verdict.prefix(64)), and not review or undecided"
            throw PolicyFault.badWaivers("verdicts", sentence)
        }
        guard Self.daysBound.contains(daysMax) else {
            throw PolicyFault.badWaivers(
                "days_max", "is not \(Self.daysBound.lowerBound) to \(Self.daysBound.upperBound)")
        }
        for (field, list) in [("rules", rules), ("except", except)] where list.count > Self.rulesMax {
            throw PolicyFault.badWaivers(field, "names more than \(Self.rulesMax) rules")
        }
        if let rule = rules.first(where: Self.isAboutAttempt) {
            throw PolicyFault.badWaivers(
                "rules", "names \(rule.prefix(64)), which speaks of an attempt to look and not of a file")
        }
    }
}

extension RecheckFailureAction {
    init(_ text: String) throws(PolicyFault) {
        guard let action = RecheckFailureAction(rawValue: text) else { throw .unknownRecheckAction(text) }
        self = action
    }
}

// As the API shows them.
extension Policy {
    /// What is asked of each format, as the policy's file says it; `nil` when there is nothing.
    public var formatsObject: JSONObject? {
        guard !formats.isEmpty else { return nil }
        return JSONObject(formats.sorted { $0.key < $1.key }.map { ($0.key.rawValue, $0.value.json) })
    }
}

extension FormatRequirement {
    fileprivate var json: JSONValue {
        guard isAllowed else { return .string("deny") }
        let required = JSONObject(present: [
            ("scanners", scanners.isEmpty ? nil : .array(scanners.map { .string($0) })),
            ("sources", sources.isEmpty ? nil : .array(sources.map { .string($0) })),
            ("size_bytes_max", sizeBytesMax.map { .number(JSONNumber($0)) }),
        ])
        return required.isEmpty ? .string("allow") : ["require": .object(required)]
    }
}

extension WaiverRules {
    public var object: JSONObject {
        JSONObject([
            ("verdicts", .array(verdicts.map { .string($0) })), ("rules", .array(rules.map { .string($0) })),
            ("except", .array(except.map { .string($0) })), ("days_max", .number(JSONNumber(daysMax))),
        ])
    }
}
