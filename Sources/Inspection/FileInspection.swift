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
        let detection: FormatDetector.Detection
        do throws(FormatFault) {
            detection = try FormatDetector.detect(source)
        } catch {
            add(error, truncated: .fileUnreadable, malformed: .fileUnreadable)
            return
        }
        format = detection.format
        if let second = detection.second {
            findings.add(
                .filePolyglot, .init(offset: second.offset), detail: "\(format.rawValue) and \(second.format.rawValue)")
        }
        inspectContent(detection)
        if FileName.isPickle(name), format == .unknown || format.isText { inspectAsPickle() }
        compareWithName()
    }

    private mutating func inspectContent(_ detection: FormatDetector.Detection) {
        switch format {
        case .gguf: inspectGGUF()
        case .safetensors: inspectSafetensors()
        case .pickle: inspectPickle()
        case .json, .text, .template, .script, .gitLFSPointer:
            if let survey = detection.text { inspectText(survey) }
        case .empty: findings.add(.fileEmpty)
        case .unknown: findings.add(.fileUnknownFormat)
        case .elf, .portableExecutable, .machO: break
        case .zip, .gzip, .bzip2, .xz, .zstandard, .lz4, .sevenZip, .rar, .tar, .numpy, .hdf5, .onnx,
            .protobuf,
            .tensorFlowLite, .parquet, .arrow, .sqlite, .ggmlLegacy, .webAssembly, .javaClass, .pdf, .image, .audio:
            findings.add(.fileUnsupportedFormat, detail: format.rawValue)
        }
    }

    private mutating func compareWithName() {
        let isMisnamed = FileName.contradicts(name, format)
        if format.isExecutable {
            findings.add(isMisnamed ? .fileDisguisedExecutable : .fileExecutable, detail: format.rawValue)
        } else if isMisnamed, format != .empty {
            findings.add(.fileExtensionMismatch, detail: "the content is \(format.rawValue)")
        }
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
