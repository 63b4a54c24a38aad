internal import Inspection
internal import StrictJSON

/// A rule as SARIF describes it to whoever reads a result (SARIF 2.1.0, 3.49).
enum SARIFRule {
    static func json(_ rule: Rule) -> JSONValue {
        [
            "id": .string(rule.id.rawValue), "name": .string(name(of: rule.id)),
            "shortDescription": text(rule.title),
            "fullDescription": text(rule.meaning),
            "help": [
                "text": .string("\(rule.meaning)\n\nWhat to do: \(rule.remedy)"),
                "markdown": .string("\(rule.meaning)\n\n**What to do:** \(rule.remedy)"),
            ],
            "defaultConfiguration": ["level": .string(level(of: rule.verdict))],
            "properties": [
                "tags": ["security", .string(family(of: rule.id))],
                "security-severity": .string(score(of: rule.severity)), "precision": "high",
                "verdict": .string(rule.verdict.rawValue), "severity": .string(rule.severity.rawValue),
            ],
        ]
    }

    /// SARIF 3.27.10. What could not be checked is a problem like what a person should look at.
    static func level(of verdict: Verdict) -> String {
        switch verdict {
        case .block: "error"
        case .undecided, .review: "warning"
        case .clean: "note"
        }
    }

    /// As programs that show results sort by: above 9 critical, from 7 high, from 4 medium.
    private static func score(of severity: Severity) -> String {
        switch severity {
        case .critical: "9.5"
        case .high: "8.0"
        case .medium: "5.5"
        case .low: "2.0"
        case .info: "0.0"
        }
    }

    private static func family(of id: RuleID) -> String {
        String(id.rawValue.prefix { $0 != "." })
    }

    /// `gguf.tensor-outside` in the form in which SARIF likes names: `GgufTensorOutside`.
    private static func name(of id: RuleID) -> String {
        id.rawValue.split { $0 == "." || $0 == "-" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    static func text(_ text: String) -> JSONValue { ["text": .string(text)] }
}
