import ModelFormats

/// A pickle, opcode by opcode: offset, name, argument, and the rule that an opcode breaks with what it names.
///
/// Lines: `opcode offset name argument rule detail`, then `end opcodes bytes` with the bytes that no opcode covers.
struct OpcodeView {
    let limits: InspectionLimits

    func write(_ source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        let format = try FormatDetector.detect(source).format
        guard format == .pickle || format == .unknown || format.isText else {
            try listMembers(source, format, to: &writer)
            writer.line("fault", "not-a-pickle", format.rawValue)
            return
        }
        let file = try PickleReader.read(source, limits: limits.pickle)
        guard file.opcodeCount > 0, format == .pickle || file.issues.allSatisfy({ $0.kind != .unknownOpcode }) else {
            writer.line("fault", "not-a-pickle", format.rawValue)
            return
        }
        let marks = Self.marks(file)
        var listing = PickleListing(source, file)
        var count = 0
        while let line = try listing.next() {
            count += 1
            let mark = Self.mark(line) ?? marks[line.offset]
            writer.line(
                "opcode", "\(line.offset)", line.opcode?.name ?? "", line.argument, mark?.rule.rawValue ?? "",
                VisibleText.excerpt(mark?.detail ?? "", scalarsMax: 200))
        }
        writer.line("end", "\(count)", "\(source.sizeBytes - min(file.end, source.sizeBytes))")
    }

    private struct Mark {
        var rule: RuleID
        var detail: String
    }

    /// What the inspection says of each place: of a global where it is first named.
    private static func marks(_ file: PickleFile) -> [UInt64: Mark] {
        var marks: [UInt64: Mark] = [:]
        for issue in file.issues { marks[issue.offset] = Mark(rule: issue.kind.rule, detail: issue.subject) }
        for global in file.globals {
            guard let rule = PickleVocabulary.rule(module: global.module, name: global.name) else { continue }
            marks[global.offset] = Mark(rule: rule, detail: global.qualifiedName)
        }
        return marks
    }

    /// An opcode that names a global by itself is judged wherever it stands.
    private static func mark(_ line: PickleListing.Line) -> Mark? {
        guard let global = line.global,
            let rule = PickleVocabulary.rule(module: global.module, name: global.name)
        else { return nil }
        return Mark(rule: rule, detail: "\(global.module).\(global.name)")
    }

    /// The pickles of an archive, for whoever forgot to name one.
    private func listMembers(
        _ source: any ByteSource, _ format: FileFormat, to writer: inout ViewWriter
    ) throws(FormatFault) {
        guard format == .zip else { return }
        for member in try ZipReader.read(source, limits: limits.zip).members where FileName.isPickle(member.name) {
            writer.line("member", VisibleText.excerpt(member.name, scalarsMax: 400))
        }
    }
}
