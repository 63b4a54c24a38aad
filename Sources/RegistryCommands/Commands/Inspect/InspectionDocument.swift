internal import Inspection
internal import ModelFormats
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

/// The report for programs: `docs/reference/inspection-report.schema.json`.
struct InspectionDocument {
    static let type = "inspection-report/v1"

    let run: InspectionRun
    let forecast: PolicyForecast?

    var json: JSONValue {
        let found = Set(run.files.flatMap { $0.findings.map(\.rule) })
        return [
            "type": .string(Self.type), "tool": "securectl \(RegistryVersion.current)",
            "rules_version": .string(InspectionRules.version), "rules_digest": .string(InspectionRules.digest),
            "verdict": .string(run.verdict.rawValue), "exit_status": .integer(status.rawValue),
            "artifacts": .array(run.artifacts.indices.map(artifact)),
            "files": .array(run.files.map(Self.file)),
            "rules": .array(RuleCatalogue.all.filter { found.contains($0.id) }.map(Self.rule)),
        ]
    }

    private var status: ExitStatus { forecast?.status(of: run) ?? run.status }

    private func artifact(_ index: Int) -> JSONValue {
        let artifact = run.artifacts[index]
        return .object(
            JSONObject(present: [
                ("path", .string(artifact.path)), ("verdict", .string(artifact.verdict.rawValue)),
                ("files", .integer(artifact.filesCount)), ("size_bytes", .integer(artifact.sizeBytes)),
                ("decision", forecast.map { $0.decisions[index].json }),
            ]))
    }

    private static func file(_ file: InspectedFile) -> JSONValue {
        if let refusal = file.refusal {
            return ["path": .string(file.path), "verdict": .string(file.verdict.rawValue), "error": .string(refusal)]
        }
        return .object(
            JSONObject(present: [
                ("path", .string(file.path)), ("verdict", .string(file.verdict.rawValue)),
                ("format", file.format.map { .string($0.rawValue) }),
                ("size_bytes", file.sizeBytes.map { .integer($0) }),
                ("findings", .array(file.findings.map(finding))),
                ("findings_omitted", file.findingsOmitted > 0 ? .integer(file.findingsOmitted) : nil),
                ("facts", .object(JSONObject(facts(file.facts)))),
                ("weights", file.weights?.json),
            ]))
    }

    private static func finding(_ finding: Finding) -> JSONValue {
        .object(
            JSONObject(present: [
                ("rule", .string(finding.rule.rawValue)), ("verdict", .string(finding.verdict.rawValue)),
                ("severity", .string(finding.severity.rawValue)),
                ("member", finding.place.member.map { .string($0) }),
                ("offset", finding.place.offset.map { .integer($0) }),
                ("detail", finding.detail.isEmpty ? nil : .string(finding.detail)),
            ]))
    }

    private static func rule(_ rule: Rule) -> JSONValue {
        [
            "id": .string(rule.id.rawValue), "severity": .string(rule.severity.rawValue),
            "verdict": .string(rule.verdict.rawValue), "title": .string(rule.title),
            "meaning": .string(rule.meaning), "remedy": .string(rule.remedy),
        ]
    }

    /// A key may be stated more than once; all its values are kept, in order.
    private static func facts(_ facts: [Fact]) -> [(String, JSONValue)] {
        var members: [(key: String, values: [JSONValue])] = []
        for fact in facts {
            if let index = members.firstIndex(where: { $0.key == fact.key.rawValue }) {
                members[index].values.append(.string(fact.value))
            } else {
                members.append((fact.key.rawValue, [.string(fact.value)]))
            }
        }
        return members.map { ($0.key, .array($0.values)) }
    }
}
