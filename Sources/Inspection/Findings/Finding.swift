import ModelFormats

/// One thing that an inspection found, in words a user understands.
public struct Finding: Sendable, Hashable {
    public static let detailScalarsMax = 400
    public static let memberScalarsMax = 200

    /// Where it is: a part of the artifact and an offset in the file, as far as they are known.
    public struct Place: Sendable, Hashable {
        /// A tensor, a metadata key, a path inside an archive or a document.
        public let member: String?
        /// Bytes from the start of the file.
        public let offset: UInt64?

        public init(member: String? = nil, offset: UInt64? = nil) {
            self.member = member.map { VisibleText.excerpt($0, scalarsMax: Finding.memberScalarsMax) }
            self.offset = offset
        }

        public static let file = Place()
    }

    public let rule: RuleID
    public let place: Place
    /// What exactly was found: numbers, names, an excerpt. Controls are escaped, the length is bounded.
    public let detail: String

    public init(_ rule: RuleID, _ place: Place = .file, detail: String = "") {
        self.rule = rule
        self.place = place
        self.detail = VisibleText.excerpt(detail, scalarsMax: Self.detailScalarsMax)
    }

    /// The finding as it may be kept: texts of the file may hold credentials.
    var hidingSecrets: Finding {
        let member = place.member.map(SecretScanner.hiding)
        return Finding(rule, Place(member: member, offset: place.offset), detail: SecretScanner.hiding(detail))
    }

    public var severity: Severity { definition.severity }
    public var verdict: Verdict { definition.verdict }
    /// What it means.
    public var explanation: String { definition.meaning }
    /// What to do.
    public var remedy: String { definition.remedy }

    private var definition: Rule { RuleCatalogue.rule(rule) }
}

/// Findings of one inspection, at most `countMax` of them, and the worst verdict of all, kept or not.
struct FindingList {
    private let countMax: Int
    /// What the findings to come are about; `nil` for the file itself.
    var scope: FindingScope?
    private(set) var kept: [Finding] = []
    private(set) var verdict = Verdict.clean
    private var dropped = 0

    init(countMax: Int) {
        self.countMax = max(1, countMax)
    }

    mutating func add(_ finding: Finding) {
        let finding = (scope?.place(finding) ?? finding).hidingSecrets
        verdict = max(verdict, finding.verdict)
        if kept.count < countMax - 1 {
            kept.append(finding)
        } else {
            dropped += 1
        }
    }

    mutating func add(_ rule: RuleID, _ place: Finding.Place = .file, detail: String = "") {
        add(Finding(rule, place, detail: detail))
    }

    /// What was dropped before it came here.
    mutating func addDropped(_ count: Int) { dropped += count }

    /// The findings, the last of which says how many are missing, if any are.
    func finished() -> [Finding] {
        dropped == 0 ? kept : kept + [Finding(.reportTruncated, detail: "\(dropped) more findings were not kept")]
    }
}
