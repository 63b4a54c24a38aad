internal import Inspection
internal import ModelFormats

/// The report for people: a line for each file, then what was found, the worst first.
struct InspectionTable {
    private let width: Int?

    /// Places of one rule in one file that are shown.
    private static let placesMax = 20

    init(width: Int?) {
        self.width = width
    }

    func text(_ run: InspectionRun) -> String {
        let files = Self.worstFirst(run.files)
        var table = TextTable(Self.columns, widthMax: width)
        var text = table.render(files.map(Self.cells))
        for file in files { text += details(file) }
        return text + "\n" + Self.summary(run.files) + "\n"
    }

    private static func worstFirst(_ files: [InspectedFile]) -> [InspectedFile] {
        Verdict.allCases.sorted(by: >).flatMap { verdict in files.filter { $0.verdict == verdict } }
    }

    private static func cells(_ file: InspectedFile) -> [String] {
        [
            file.verdict.rawValue, file.format?.rawValue ?? "", file.sizeBytes.map { Quantities.bytes($0) } ?? "",
            file.refusal == nil ? String(file.findingsCount) : "", file.path,
        ]
    }

    private func details(_ file: InspectedFile) -> String {
        if let refusal = file.refusal {
            return "\n" + TerminalText.visible(file.path) + "\n" + field("not inspected", refusal, indent: 2)
        }
        guard !file.findings.isEmpty || file.weights != nil else { return "" }
        var text = "\n" + TerminalText.visible(file.path) + "\n"
        if let weights = file.weights { text += weights.text(width: width) }
        for group in Self.byRule(file.findings) { text += details(group) }
        if file.findingsOmitted > 0 {
            text += "  … and \(Quantities.count(file.findingsOmitted, "more finding")), which were not kept.\n"
        }
        return text
    }

    /// Findings of the same rule together, in the order of the first of each.
    private static func byRule(_ findings: [Finding]) -> [[Finding]] {
        var order: [RuleID] = []
        var groups: [RuleID: [Finding]] = [:]
        for finding in findings {
            if groups[finding.rule] == nil { order.append(finding.rule) }
            groups[finding.rule, default: []].append(finding)
        }
        return order.compactMap { groups[$0] }
    }

    private func details(_ findings: [Finding]) -> String {
        guard let first = findings.first else { return "" }
        let rule = RuleCatalogue.rule(first.rule)
        var text = "  \(rule.verdict.rawValue)  \(rule.title)  [\(rule.id.rawValue), \(rule.severity.rawValue)]\n"
        for finding in findings.prefix(Self.placesMax) {
            let parts = [finding.place.member, finding.place.offset.map { "byte \($0)" }].compactMap { $0 }
            let place = parts.isEmpty ? "the file" : parts.joined(separator: ", ")
            text += field("at", finding.detail.isEmpty ? place : "\(place): \(finding.detail)")
        }
        let more = findings.count - Self.placesMax
        if more > 0 { text += field("", "… and \(Quantities.count(more, "more place")); --output json has all") }
        return text + field("means", rule.meaning) + field("do", rule.remedy)
    }

    private func field(_ name: String, _ value: String, indent: Int = 4) -> String {
        WrappedText.field(name, value, indent: indent, nameWidth: indent == 4 ? 7 : 15, width: width)
    }

    /// `3 files: 1 block, 2 clean.`
    private static func summary(_ files: [InspectedFile]) -> String {
        let counts = Verdict.allCases.sorted(by: >).compactMap { verdict -> String? in
            let count = files.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        return "\(Quantities.count(files.count, "file")): \(counts.joined(separator: ", "))."
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "VERDICT"), .init(title: "FORMAT"), .init(title: "SIZE", alignment: .right),
        .init(title: "FINDINGS", alignment: .right), .init(title: "FILE"),
    ]
}
