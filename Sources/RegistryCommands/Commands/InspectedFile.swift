internal import Inspection
internal import ModelFormats
internal import StrictJSON

/// What an inspection came to, for one file of a command line.
struct InspectedFile: Sendable {
    let path: String
    private let outcome: Result<InspectionReport, InspectionRefusal>

    /// Inspects a file. Whatever goes wrong is an outcome: the other files still count.
    init(_ path: String, in context: CommandContext) async {
        self.path = path
        do throws(CommandFailure) {
            let file = try LocalFile(path)
            outcome = await Self.inspect(file, context.inspector)
        } catch {
            outcome = .failure(InspectionRefusal(error.message))
        }
    }

    /// A link, device or pipe beneath a directory. What it leads to is not looked at.
    init(notRegular path: String) {
        self.path = path
        outcome = .failure(InspectionRefusal("not a regular file"))
    }

    private static func inspect(
        _ file: LocalFile, _ inspector: any FileInspector
    ) async -> Result<InspectionReport, InspectionRefusal> {
        do {
            return .success(try await inspector.inspect(file.descriptor, sizeBytes: file.sizeBytes, name: file.name))
        } catch {
            return .failure(error)
        }
    }

    /// A file that was not inspected is undecided.
    var verdict: Verdict {
        (try? outcome.get())?.verdict ?? .undecided
    }

    var cells: [String] {
        switch outcome {
        case .success(let report):
            [
                report.verdict.rawValue, report.format.rawValue, Quantities.bytes(report.sizeBytes),
                String(report.findings.count), path,
            ]
        case .failure: [Verdict.undecided.rawValue, "", "", "", path]
        }
    }

    /// The findings, worst first, each with what it means.
    var lines: [String] {
        switch outcome {
        case .failure(let refusal): ["not inspected: \(refusal.reason)"]
        case .success(let report):
            report.findings.sorted { $0.verdict > $1.verdict }.flatMap { finding in
                let place = [finding.place.member, finding.place.offset.map { "byte \($0)" }].compactMap { $0 }
                let suffix = place.isEmpty ? "" : " (\(place.joined(separator: ", ")))"
                let detail = finding.detail.isEmpty ? "" : ": \(finding.detail)"
                return [
                    "\(finding.verdict.rawValue) \(finding.rule.rawValue)\(suffix)\(detail)",
                    "  \(finding.explanation)",
                ]
            }
        }
    }

    var json: JSONValue {
        switch outcome {
        case .failure(let refusal):
            ["path": .string(path), "verdict": .string(verdict.rawValue), "error": .string(refusal.reason)]
        case .success(let report):
            [
                "path": .string(path), "verdict": .string(report.verdict.rawValue),
                "format": .string(report.format.rawValue), "size_bytes": .integer(report.sizeBytes),
                "rules": .string(report.rulesVersion), "findings": .array(report.findings.map(Self.json)),
                "facts": .object(JSONObject(Self.unique(report.facts))),
            ]
        }
    }

    private static func json(_ finding: Finding) -> JSONValue {
        .object(
            JSONObject(present: [
                ("rule", .string(finding.rule.rawValue)), ("verdict", .string(finding.verdict.rawValue)),
                ("severity", .string(finding.severity.rawValue)),
                ("member", finding.place.member.map { .string($0) }),
                ("offset", finding.place.offset.map { .integer($0) }),
                ("detail", finding.detail.isEmpty ? nil : .string(finding.detail)),
                ("meaning", .string(finding.explanation)), ("remedy", .string(finding.remedy)),
            ]))
    }

    /// A key may be stated more than once; all its values are kept, in order.
    private static func unique(_ facts: [Fact]) -> [(String, JSONValue)] {
        var members: [(key: String, values: [JSONValue])] = []
        for fact in facts {
            if let index = members.firstIndex(where: { $0.key == fact.key.rawValue }) {
                members[index].values.append(.string(fact.value))
            } else {
                members.append((fact.key.rawValue, [.string(fact.value)]))
            }
        }
        return members.map { ($0.key, $0.values.count == 1 ? $0.values[0] : .array($0.values)) }
    }
}
