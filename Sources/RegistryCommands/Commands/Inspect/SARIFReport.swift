internal import struct Crypto.SHA256
internal import Inspection
internal import ModelFormats
internal import OCI
internal import RegistryWire
internal import StrictJSON

/// The report for programs that show results of many tools: SARIF 2.1.0 (OASIS, 2020).
struct SARIFReport {
    private let run: InspectionRun
    private let status: ExitStatus
    private let rules: [Rule]
    private let indices: [RuleID: Int]

    init(run: InspectionRun, status: ExitStatus) {
        self.run = run
        self.status = status
        let found = Set(run.files.flatMap { $0.findings.map(\.rule) })
        rules = RuleCatalogue.all.filter { found.contains($0.id) }
        indices = Dictionary(
            rules.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    var json: JSONValue {
        [
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": ["driver": driver],
                    "automationDetails": ["id": "pratique/inspection/"],
                    "invocations": [invocation],
                    "artifacts": .array(run.files.map(Self.artifact)),
                    "results": .array(results),
                    "columnKind": "unicodeCodePoints",
                ]
            ],
        ]
    }

    private var driver: JSONValue {
        [
            "name": "securectl", "semanticVersion": .string(RegistryVersion.current),
            "rules": .array(rules.map(SARIFRule.json)),
            "properties": [
                "rules_version": .string(InspectionRules.version), "rules_digest": .string(InspectionRules.digest),
            ],
        ]
    }

    /// Files that were not inspected are no results: nothing is known of them, and the run was not a success.
    private var invocation: JSONValue {
        let notifications = run.files.enumerated().compactMap { index, file in
            file.refusal.map { refusal -> JSONValue in
                [
                    "level": "error", "message": SARIFRule.text("\(file.path) was not inspected: \(refusal)"),
                    "locations": [["physicalLocation": Self.place(file, index, offset: nil)]],
                ]
            }
        }
        return [
            "executionSuccessful": .bool(notifications.isEmpty), "exitCode": .integer(status.rawValue),
            "toolExecutionNotifications": .array(notifications),
        ]
    }

    private static func artifact(_ file: InspectedFile) -> JSONValue {
        .object(
            JSONObject(present: [
                ("location", SARIFLocation(path: file.path).json),
                ("length", file.sizeBytes.map { .integer($0) }),
                ("roles", ["analysisTarget"]),
                (
                    "properties",
                    .object(
                        JSONObject(present: [
                            ("verdict", .string(file.verdict.rawValue)),
                            ("format", file.format.map { .string($0.rawValue) }),
                        ]))
                ),
            ]))
    }

    private var results: [JSONValue] {
        run.files.enumerated().flatMap { index, file in
            var seen: [String: Int] = [:]
            return file.findings.map { finding in
                let identity = Self.identity(of: finding, in: file)
                let ordinal = seen[identity, default: 0]
                seen[identity] = ordinal + 1
                return result(finding, file, index, fingerprint: Self.fingerprint(identity, ordinal))
            }
        }
    }

    private func result(
        _ finding: Finding, _ file: InspectedFile, _ index: Int, fingerprint: String
    ) -> JSONValue {
        let rule = RuleCatalogue.rule(finding.rule)
        let what = [finding.place.member, finding.detail.isEmpty ? nil : finding.detail].compactMap { $0 }
        let sentence = ([rule.title] + what).joined(separator: ": ")
        return [
            "ruleId": .string(finding.rule.rawValue), "ruleIndex": .integer(indices[finding.rule] ?? -1),
            "kind": finding.verdict == .clean ? "informational" : "fail",
            "level": .string(finding.verdict == .clean ? "none" : SARIFRule.level(of: finding.verdict)),
            "message": SARIFRule.text("\(sentence). \(rule.meaning)"),
            "locations": [Self.location(finding, file, index)],
            "partialFingerprints": ["pratiqueFinding/v1": .string(fingerprint)],
        ]
    }

    private static func location(_ finding: Finding, _ file: InspectedFile, _ index: Int) -> JSONValue {
        .object(
            JSONObject(present: [
                ("physicalLocation", place(file, index, offset: finding.place.offset)),
                (
                    "logicalLocations",
                    finding.place.member.map { [["fullyQualifiedName": .string($0), "kind": "member"]] }
                ),
            ]))
    }

    private static func place(_ file: InspectedFile, _ index: Int, offset: UInt64?) -> JSONValue {
        guard case .object(let location) = SARIFLocation(path: file.path).json else { return nil }
        var artifact = location
        artifact["index"] = .integer(index)
        return .object(
            JSONObject(present: [
                ("artifactLocation", .object(artifact)),
                // One byte is where it begins; how far it goes is not said.
                ("region", offset.map { ["byteOffset": .integer($0), "byteLength": 1] }),
            ]))
    }

    /// What stays the same while a file is edited elsewhere: not the offset.
    private static func identity(of finding: Finding, in file: InspectedFile) -> String {
        [finding.rule.rawValue, SARIFLocation(path: file.path).uri, finding.place.member ?? "", finding.detail]
            .joined(separator: "\u{0}")
    }

    private static func fingerprint(_ identity: String, _ ordinal: Int) -> String {
        let digest = SHA256.hash(data: Array("\(identity)\u{0}\(ordinal)".utf8))
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
