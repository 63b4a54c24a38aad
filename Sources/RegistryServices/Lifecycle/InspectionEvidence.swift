import Inspection
import ModelFormats
import OCI
import RegistryCore
import StrictJSON

/// The report over all files of an artifact, as it is kept, cited and shown.
struct InspectionEvidence {
    /// Findings shown for one file; the report says how many more there are.
    static let findingsPerFileMax = 100

    let verdict: Verdict
    /// The license that the model's metadata states, when all files that state one agree.
    let license: String?
    let document: JSONValue
    let findings: JSONValue

    /// - Parameter rules: of our own inspection, and what other scanners went by.
    init(_ files: [ExaminedFile], rules: String) {
        verdict = Verdict.worst(of: files.map(\.report.verdict))
        let licenses = Set(files.compactMap { $0.report[.license] })
        license = licenses.count == 1 ? licenses.first : nil
        findings = .array(
            files.flatMap { file in
                file.report.findings.prefix(Self.findingsPerFileMax).map { Self.json($0, in: file) }
            })
        document = [
            "type": "inspection/v1", "rules": .string(rules), "verdict": .string(verdict.rawValue),
            "files": .array(files.map(Self.json)),
        ]
    }

    private static func json(_ file: ExaminedFile) -> JSONValue {
        let report = file.report
        let members: JSONObject = [
            "path": .string(file.file.path.description), "digest": .string(file.file.digest.description),
            "size": .integer(file.file.sizeBytes), "format": .string(report.format.rawValue),
            "class": .string(report.formatClass.rawValue), "verdict": .string(report.verdict.rawValue),
            "facts": .object(JSONObject(report.facts.map { ($0.key.rawValue, .string($0.value)) })),
            "tensors": .integer(report.tensors?.entries.count ?? 0),
            "findings": .array(report.findings.map { json($0, in: file) }),
        ]
        guard !file.scans.isEmpty else { return .object(members) }
        return .object(
            JSONObject(members.members.map { ($0.name, $0.value) } + [("scans", .array(file.scans.map(\.json)))]))
    }

    private static func json(_ finding: Finding, in file: ExaminedFile) -> JSONValue {
        .object(
            JSONObject(present: [
                ("rule", .string(finding.rule.rawValue)), ("severity", .string(finding.severity.rawValue)),
                ("verdict", .string(finding.verdict.rawValue)), ("file", .string(file.file.path.description)),
                ("member", finding.place.member.map { .string($0) }),
                ("offset", finding.place.offset.map { .integer($0) }),
                ("means", .string(finding.explanation)), ("do", .string(finding.remedy)),
                ("detail", finding.detail.isEmpty ? nil : .string(finding.detail)),
            ]))
    }
}
