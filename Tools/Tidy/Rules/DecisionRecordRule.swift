/// Decision records are numbered from 0001 on, without gaps.
enum DecisionRecordRule {
    private static let directory = "docs/adr/"
    private static let digits = 4

    static func findings(in tree: SourceTree) -> [Finding] {
        var findings: [Finding] = []
        var next = 1
        for path in tree.texts.keys.sorted() where isRecord(path) {
            let name = path.dropFirst(directory.count)
            guard let number = Int(name.prefix(digits)), name.dropFirst(digits).first == "-" else {
                findings.append(finding(path, "name it by four digits, a hyphen and its subject"))
                continue
            }
            if number != next {
                findings.append(finding(path, "the next number is \(padded(next)): number the records without gaps"))
            }
            next = number + 1
        }
        return findings
    }

    private static func isRecord(_ path: String) -> Bool {
        path.hasPrefix(directory) && path.hasSuffix(".md") && path != directory + "README.md"
    }

    private static func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func finding(_ path: String, _ message: String) -> Finding {
        Finding(path: path, line: 1, rule: "decision-record", message: message)
    }
}
