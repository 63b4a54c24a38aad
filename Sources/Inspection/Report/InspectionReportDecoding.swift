import ModelFormats
public import StrictJSON

/// Why bytes are not a report.
public enum ReportFault: Error, Sendable, Hashable {
    case tooLarge
    case json(JSONFault)
    /// A member is missing, unknown, of another type or outside its limits.
    case field(String)
    /// The report speaks of a file of another size.
    case otherFile
    /// A tensor lies outside the file.
    case tensorOutside
    /// Tensors overlap although the report does not block.
    case tensorOverlap
    /// The verdict is better than the worst finding.
    case verdict
}

extension InspectionReport {
    private static let limits = JSONLimits(
        bytesMax: reportBytesMax, depthMax: 5, nodesMax: 4_000_000, stringBytesMax: 8192, numberBytesMax: 20,
        openNamesMax: 64)

    /// Reads a report that comes from a process which has parsed hostile bytes and may have been taken over by them.
    ///
    /// Nothing in it is believed that this process can check itself: limits, ranges, overlaps, the verdict of each
    /// finding. What remains is a claim about bytes this process has not parsed.
    ///
    /// - Parameter fileSizeBytes: the size of the file that was given to the inspection.
    public init(decoding bytes: [UInt8], fileSizeBytes: UInt64) throws(ReportFault) {
        guard bytes.count <= Self.reportBytesMax else { throw .tooLarge }
        var pull = JSONPull(bytes, limits: Self.limits)
        let draft: Draft
        do throws(JSONPull.Fault) {
            draft = try Draft(&pull)
        } catch {
            switch error {
            case .json(let fault): throw .json(fault)
            case .unexpected(let name): throw .field(name)
            }
        }
        self = try draft.checked(fileSizeBytes: fileSizeBytes)
    }

    /// A report whose members are well-formed and not yet compared with each other.
    private struct Draft {
        private var texts: [String: String] = [:]
        private var format: FileFormat?
        private var sizeBytes: UInt64?
        private var verdict: Verdict?
        private var findings: [Finding]?
        private var facts: [Fact]?
        private var gguf: GGUFSummary?
        private var dataStart: UInt64?
        private var entries: [TensorEntry]?
        private var weightIndex: WeightIndex?

        init(_ pull: inout JSONPull) throws(JSONPull.Fault) {
            try pull.beginObject()
            while let name = try pull.nextName() {
                switch name {
                case "rules": texts[name] = try pull.text(bytesMax: 64)
                case "rules_digest": texts[name] = Hexadecimal.text(try pull.hexadecimal(byteCount: 32))
                case "format": format = try pull.oneOf(FileFormat.self)
                case "size": sizeBytes = try pull.uint64()
                case "verdict": verdict = try pull.oneOf(Verdict.self)
                case "findings": findings = try pull.findings()
                case "facts": facts = try pull.facts()
                case "gguf": gguf = try pull.summary()
                case "weight_index": weightIndex = try pull.weightIndex()
                case "data_start": dataStart = try pull.uint64()
                case "tensors": entries = try pull.tensors()
                default: throw pull.unexpected
                }
            }
            try pull.end()
        }

        func checked(fileSizeBytes: UInt64) throws(ReportFault) -> InspectionReport {
            guard let rules = texts["rules"] else { throw .field("rules") }
            guard let digest = texts["rules_digest"] else { throw .field("rules_digest") }
            guard let format else { throw .field("format") }
            guard let sizeBytes else { throw .field("size") }
            guard let verdict else { throw .field("verdict") }
            guard let findings else { throw .field("findings") }
            guard let facts else { throw .field("facts") }
            guard sizeBytes == fileSizeBytes else { throw .otherFile }
            guard verdict >= Verdict.worst(of: findings.map(\.verdict)) else { throw .verdict }
            // A file of tensors that could be read has a table: without one nothing can be compared later.
            if verdict < .undecided {
                guard entries != nil || ![.gguf, .safetensors].contains(format) else { throw .field("tensors") }
                guard gguf != nil || format != .gguf else { throw .field("gguf") }
            }
            return InspectionReport(
                rulesVersion: rules, rulesDigest: digest, format: format, sizeBytes: sizeBytes, verdict: verdict,
                findings: findings, facts: facts, tensors: try table(fileSizeBytes, verdict), gguf: gguf,
                weightIndex: weightIndex)
        }

        private func table(_ fileSizeBytes: UInt64, _ verdict: Verdict) throws(ReportFault) -> TensorTable? {
            guard let dataStart, let entries else {
                guard dataStart == nil, entries == nil else { throw .field("tensors") }
                return nil
            }
            let table: TensorTable
            do throws(TensorTableFault) {
                table = try TensorTable(dataStart: dataStart, entries: entries, fileSizeBytes: fileSizeBytes)
            } catch {
                throw .tensorOutside
            }
            guard verdict == .block || table.overlap == nil else { throw .tensorOverlap }
            return table
        }
    }
}

extension JSONPull {
    fileprivate mutating func text(bytesMax: Int) throws(Fault) -> String {
        let text = try string()
        guard text.utf8.count <= bytesMax else { throw unexpected }
        return text
    }

    fileprivate mutating func hexadecimal(byteCount: Int) throws(Fault) -> [UInt8] {
        guard let bytes = Hexadecimal.bytes(try string()), bytes.count == byteCount else { throw unexpected }
        return bytes
    }

    fileprivate mutating func oneOf<Value: RawRepresentable<String>>(_: Value.Type) throws(Fault) -> Value {
        guard let value = Value(rawValue: try string()) else { throw unexpected }
        return value
    }

    fileprivate mutating func findings() throws(Fault) -> [Finding] {
        try beginArray()
        var findings: [Finding] = []
        while try hasElement() {
            guard findings.count < InspectionReport.findingsMax else { throw unexpected }
            var rule: RuleID?
            var member: String?
            var offset: UInt64?
            var detail = ""
            try beginObject()
            while let name = try nextName() {
                switch name {
                case "rule": rule = try oneOf(RuleID.self)
                case "member": member = try string()
                case "offset": offset = try uint64()
                case "detail": detail = try string()
                default: throw unexpected
                }
            }
            guard let rule else { throw .unexpected("rule") }
            findings.append(Finding(rule, Finding.Place(member: member, offset: offset), detail: detail))
        }
        return findings
    }

    fileprivate mutating func facts() throws(Fault) -> [Fact] {
        try beginArray()
        var facts: [Fact] = []
        while try hasElement() {
            guard facts.count < InspectionReport.factsMax else { throw unexpected }
            try beginArray()
            facts.append(Fact(try oneOf(Fact.Key.self), try string()))
            guard try !hasElement() else { throw unexpected }
        }
        return facts
    }

    fileprivate mutating func summary() throws(Fault) -> GGUFSummary {
        var numbers: [String: UInt64] = [:]
        var architecture: String?
        var header: [UInt8]?
        var part: GGUFPart?
        try beginObject()
        while let name = try nextName() {
            switch name {
            case "version", "alignment", "metadata_count": numbers[name] = try uint64()
            case "architecture": architecture = try string()
            case "header_sha256": header = try hexadecimal(byteCount: 32)
            case "part": part = try self.part()
            default: throw unexpected
            }
        }
        guard let version = numbers["version"].flatMap({ UInt32(exactly: $0) }), let alignment = numbers["alignment"],
            let count = numbers["metadata_count"], let architecture, let header
        else { throw .unexpected("gguf") }
        return GGUFSummary(
            version: version, architecture: architecture, alignment: alignment, metadataCount: count,
            headerSHA256: header, part: part)
    }

    private mutating func part() throws(Fault) -> GGUFPart {
        let numbers = try uint64s(countMax: 3)
        guard numbers.count >= 2,
            let part = GGUFPart(
                number: numbers[0], count: numbers[1], tensorCount: numbers.count == 3 ? numbers[2] : nil)
        else { throw unexpected }
        return part
    }

    fileprivate mutating func weightIndex() throws(Fault) -> WeightIndex {
        try beginArray()
        var shards: [WeightIndex.Shard] = []
        while try hasElement() {
            guard shards.count < WeightIndex.shardsMax else { throw unexpected }
            try beginArray()
            let file = try text(bytesMax: WeightIndex.fileBytesMax)
            let tensors = TensorNameSet(count: try uint64(), digest: try hexadecimal(byteCount: 32))
            guard try !hasElement() else { throw unexpected }
            shards.append(WeightIndex.Shard(file: file, tensors: tensors))
        }
        return WeightIndex(shards: shards)
    }

    fileprivate mutating func tensors() throws(Fault) -> [TensorEntry] {
        try beginArray()
        var entries: [TensorEntry] = []
        var namesBytes = 0
        while try hasElement() {
            guard entries.count < TensorTable.tensorCountMax else { throw unexpected }
            let entry = try tensor()
            namesBytes += entry.nameBytes.count
            guard namesBytes <= TensorTable.namesBytesMax else { throw unexpected }
            entries.append(entry)
        }
        return entries
    }

    private mutating func tensor() throws(Fault) -> TensorEntry {
        try beginArray()
        let name: [UInt8]
        if case .beginArray = try peek() {
            try beginArray()
            guard let bytes = Hexadecimal.bytes(try string()), try !hasElement() else { throw unexpected }
            name = bytes
        } else {
            name = Array(try string().utf8)
        }
        guard name.count <= TensorTable.nameBytesMax else { throw unexpected }
        let entry = TensorEntry(
            nameBytes: name, typeName: try text(bytesMax: 64), shape: try uint64s(countMax: 64),
            offset: try uint64(), sizeBytes: try uint64(), elementCount: try uint64())
        guard try !hasElement() else { throw unexpected }
        return entry
    }
}
