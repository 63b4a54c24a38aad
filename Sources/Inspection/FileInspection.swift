import ModelFormats

/// One inspection on its way.
struct FileInspection {
    let source: any ByteSource
    let name: String
    let claim: FileClaim
    let limits: InspectionLimits
    /// What may still be spent on archives, by this file and everything inside it.
    let budget: ArchiveBudget
    /// Archives and compressed files around this one.
    let depth: Int
    /// What this is a part of.
    let container: Container?
    var findings: FindingList
    var facts = FactList()
    /// Of an archive.
    var packedModel = PackedModel()
    var format = FileFormat.unknown
    /// The formats of what is inside, at any depth.
    var contents: Set<String> = []
    var tensors: TensorTable?
    var gguf: GGUFSummary?
    var weightIndex: WeightIndex?

    init(source: any ByteSource, name: String, claim: FileClaim, limits: InspectionLimits) {
        self.source = source
        self.name = name
        self.claim = claim
        self.limits = limits
        budget = limits.archive.budget(fileBytes: source.sizeBytes, workMax: limits.workMax)
        depth = 0
        container = nil
        findings = FindingList(countMax: min(limits.findingsMax, InspectionReport.findingsMax))
    }

    /// The inspection of something inside `outer`, which lends it its findings.
    init(of source: any ByteSource, name: String, in container: Container?, of outer: FileInspection, depth: Int) {
        self.source = source
        self.name = name
        // What is claimed of a file is claimed of what it is when it is decoded, not of what is packed into it.
        claim = container == .compressed ? outer.claim : .none
        self.limits = outer.limits
        budget = outer.budget
        self.depth = depth
        self.container = container
        findings = FindingList(countMax: 1)
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
        inspectContent(detection.text)
        if format != .pickle, format != .empty { inspectAsPickle() }
        compareWithName()
    }

    mutating func inspectContent(_ survey: TextSurvey?) {
        guard pay(forBytesIn: format) else { return }
        switch format {
        case .gguf: inspectGGUF()
        case .safetensors: inspectSafetensors()
        case .pickle: inspectPickle()
        case .json, .text, .template, .script, .gitLFSPointer:
            if let survey { inspectText(survey) }
        // Marker files of packages are empty, and nobody downloads them one by one.
        case .empty: if container == nil { findings.add(.fileEmpty) }
        case .unknown: findings.add(isPartOfCheckpoint ? .tensorFlowVariables : .fileUnknownFormat)
        case .elf, .portableExecutable, .machO: break
        case .zip: inspectZip()
        case .tar: inspectTar()
        case .gzip: inspectCompressed(.gzip)
        case .zlib: inspectCompressed(.zlib)
        case .bzip2: inspectCompressed(.bzip2)
        case .xz: inspectCompressed(.xz)
        case .zstandard: inspectCompressed(.zstandard)
        case .numpy: inspectNumPy()
        case .hdf5: inspectHDF5()
        case .onnx: inspectONNX()
        case .tensorFlow: inspectTensorFlow()
        case .tensorFlowLite: inspectTensorFlowLite()
        case .sentencePiece: inspectSentencePiece()
        case .image: inspectPicture()
        case .lz4, .sevenZip, .rar, .protobuf, .parquet, .arrow, .sqlite,
            .ggmlLegacy, .webAssembly, .javaClass, .pdf, .audio:
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

    /// What a byte of the structure of a file takes that is a part of another one, in units of work, and how many bytes
    /// the structure has, at most: there may be very many such files, and the rest of each is numbers.
    private static let workPerByte: UInt64 = 20
    private static let workPerPictureByte: UInt64 = 4
    private static let structureBytesMax: UInt64 = 4 << 20

    private mutating func pay(forBytesIn format: FileFormat) -> Bool {
        switch format {
        case .gguf, .safetensors, .hdf5, .onnx, .tensorFlow, .tensorFlowLite:
            return depth == 0 || pay(work: min(source.sizeBytes, Self.structureBytesMax) * Self.workPerByte)
        // Each byte of a JPEG is looked at.
        case .image: return depth == 0 || pay(work: min(source.sizeBytes, 1 << 50) * Self.workPerPictureByte)
        default: return true
        }
    }

    /// Pays for what takes long. What could not be paid for is told.
    mutating func pay(work: UInt64) -> Bool {
        do throws(FormatFault) {
            try budget.spend(work: work)
            return true
        } catch {
            add(error, truncated: .fileLimit, malformed: .fileLimit)
            return false
        }
    }

    func report() -> InspectionReport {
        var facts = facts
        for fact in packedModel.facts { facts.add(fact.key, fact.value) }
        return InspectionReport(
            format: format, sizeBytes: source.sizeBytes, verdict: findings.verdict, findings: findings.finished(),
            facts: facts.kept(with: contents), tensors: tensors, gguf: gguf, weightIndex: weightIndex)
    }

    /// Records why a reader gave up. `truncated` and `malformed` are the rules of the format that was read.
    mutating func add(_ fault: FormatFault, truncated: RuleID, malformed: RuleID) {
        switch fault {
        case .truncated(let offset):
            findings.add(truncated, .init(offset: offset), detail: "the file ends where more must follow")
        case .limitExceeded(.compressionRatio, let offset):
            findings.add(.archiveRatio, .init(offset: offset))
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
        // Decoding more was not paid for, whoever asked for it.
        case .unreadable where budget.isExhausted:
            findings.add(.fileLimit, detail: "limit \(FormatLimit.archiveOutputBytes.rawValue)")
        case .unreadable(let fault):
            findings.add(.fileUnreadable, .init(offset: fault.offset), detail: "error \(fault.code)")
        }
    }
}

/// Facts of one report, at most `InspectionReport.factsMax`.
struct FactList {
    private(set) var kept: [Fact] = []

    /// The first of many names, and how many more there are.
    static func names(_ names: [String]) -> String? {
        let kept = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(kept) and \(names.count - 5) more" : kept
    }

    mutating func add(_ key: Fact.Key, _ value: String?) {
        guard let value, !value.isEmpty, kept.count < InspectionReport.factsMax else { return }
        kept.append(Fact(key, SecretScanner.hiding(value)))
    }

    /// The facts, and what is inside of the file: a policy may depend on it, so that it is never what is left out.
    func kept(with contents: Set<String>) -> [Fact] {
        guard !contents.isEmpty else { return kept }
        let contents = Fact(.contents, contents.sorted().joined(separator: ","))
        return [contents] + kept.prefix(InspectionReport.factsMax - 1)
    }
}
