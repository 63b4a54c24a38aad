import ModelFormats

extension FileInspection {
    mutating func inspectHDF5() {
        let file: HDF5File
        do throws(FormatFault) {
            file = try HDF5Reader.read(source, limits: limits.hdf5)
        } catch {
            add(error, truncated: .hdf5Truncated, malformed: .hdf5Malformed)
            return
        }
        for issue in file.issues {
            findings.add(
                issue.kind.rule, .init(member: issue.subject, offset: issue.offset), detail: issue.detail)
        }
        findings.addDropped(file.issuesDropped)
        for text in file.texts where !budget.isWorkRefused { inspect(text) }
        if file.textsDropped > 0 {
            findings.add(.hdf5Unread, detail: "\(file.textsDropped) attributes beyond the limit")
        }
        facts.add(.tensorCount, "\(file.datasetCount)")
    }

    /// The names under which Keras keeps the description of a model.
    private static let descriptions: Set<String> = ["model_config", "training_config"]
    private static let shortBytesMax: UInt64 = 64
    private static let textsBytesMax: UInt64 = 64 << 20
    private static let workPerTextByte: UInt64 = 10

    private mutating func inspect(_ text: HDF5File.Text) {
        // Thousands of attributes may name the same megabytes of a heap.
        guard pay(work: min(text.sizeBytes, Self.textsBytesMax) * Self.workPerTextByte) else { return }
        let isRoot = text.path == "/"
        if isRoot, text.name == "keras_version", text.sizeBytes <= Self.shortBytesMax {
            let bytes = try? source.bytes(at: text.offset, count: Int(text.sizeBytes))
            facts.add(.generator, bytes.map { "keras " + String(decoding: $0, as: UTF8.self) })
        }
        let isDescription = isRoot && Self.descriptions.contains(text.name)
        let content = ByteRange(source, from: text.offset, count: min(text.sizeBytes, Self.textsBytesMax))
        guard mayBeRead(content) else {
            if isDescription {
                findings.add(.kerasUnread, .init(member: text.name, offset: text.offset), detail: "it is not JSON")
            }
            return
        }
        let member = isRoot ? text.name : "\(text.path)@\(text.name)"
        inspectPart(
            content, name: "", in: isDescription ? .keras : .hdf5,
            scope: .member(member, .from(text.offset), in: findings.scope), depth: depth)
    }

    /// Whether the attribute is JSON, or a pickle: PyTables unpickles such attributes when somebody asks for them.
    private func mayBeRead(_ content: ByteRange) -> Bool {
        let head = try? content.bytes(at: 0, count: Int(min(content.sizeBytes, 256)))
        let first = head?.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || head == nil { return true }
        return (try? FormatDetector.detect(content))?.format == .pickle
    }
}

extension HDF5File.Kind {
    var rule: RuleID {
        switch self {
        case .malformed: .hdf5Malformed
        case .truncated: .hdf5Truncated
        case .trailingBytes: .hdf5TrailingBytes
        case .userBlock: .hdf5UserBlock
        case .externalLink: .hdf5ExternalLink
        case .externalStorage: .hdf5ExternalStorage
        case .virtualDataset: .hdf5VirtualDataset
        case .userDefinedLink: .hdf5UserDefinedLink
        case .filterPlugin: .hdf5FilterPlugin
        case .overlap: .hdf5Overlap
        case .shapeBomb: .hdf5ShapeBomb
        case .unread: .hdf5Unread
        }
    }
}
