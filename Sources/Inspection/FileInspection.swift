import ModelFormats

/// One inspection on its way.
struct FileInspection {
    let source: any ByteSource
    let name: String
    let limits: InspectionLimits
    var findings: FindingList
    var facts = FactList()
    var format = FileFormat.unknown
    var tensors: TensorTable?
    var gguf: GGUFSummary?

    init(source: any ByteSource, name: String, limits: InspectionLimits) {
        self.source = source
        self.name = name
        self.limits = limits
        findings = FindingList(countMax: min(limits.findingsMax, InspectionReport.findingsMax))
    }

    mutating func run() {
        format = .gguf
        inspectGGUF()
    }

    func report() -> InspectionReport {
        InspectionReport(
            format: format, sizeBytes: source.sizeBytes, verdict: findings.verdict, findings: findings.finished(),
            facts: facts.kept, tensors: tensors, gguf: gguf)
    }

    /// Records why a reader gave up. `truncated` and `malformed` are the rules of the format that was read.
    mutating func add(_ fault: FormatFault, truncated: RuleID, malformed: RuleID) {
        switch fault {
        case .truncated(let offset):
            findings.add(truncated, .init(offset: offset), detail: "the file ends where more must follow")
        case .limitExceeded(let limit, let offset):
            findings.add(.fileLimit, .init(offset: offset), detail: "limit \(limit.rawValue)")
        case .invalid(let defect, let offset):
            findings.add(malformed, .init(offset: offset), detail: defect.rawValue)
        case .invalidJSON(let reason, let offset):
            findings.add(malformed, .init(offset: offset), detail: "\(reason)")
        case .unsupported(.ggufBigEndian):
            findings.add(.ggufBigEndian)
        case .unsupported(.ggufVersion(let version)):
            findings.add(.ggufUnsupportedVersion, .init(offset: 4), detail: "version \(version)")
        case .unreadable(let fault):
            findings.add(.fileUnreadable, .init(offset: fault.offset), detail: "error \(fault.code)")
        }
    }
}

/// Facts of one report, at most `InspectionReport.factsMax`.
struct FactList {
    private(set) var kept: [Fact] = []

    mutating func add(_ key: Fact.Key, _ value: String?) {
        guard let value, !value.isEmpty, kept.count < InspectionReport.factsMax else { return }
        kept.append(Fact(key, value))
    }
}
