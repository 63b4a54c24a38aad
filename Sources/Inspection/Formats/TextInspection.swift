import ModelFormats

extension FileInspection {
    /// What looking for templates, or for what libraries import, takes.
    private static let workPerSearchedByte: UInt64 = 40

    mutating func inspectText(_ survey: TextSurvey) {
        if let offset = survey.controlOffset { findings.add(.textControlCharacters, .init(offset: offset)) }
        if let offset = survey.bidirectionalOffset { findings.add(.textBidirectional, .init(offset: offset)) }
        facts.add(.encoding, "utf-8")
        inspectKind()
        // What a text begins with does not decide whether a runtime takes it for a template: its name does.
        if FileName.isTemplate(name) {
            format = .template
            inspectTemplateFile()
        } else if format == .template {
            inspectTemplateFile()
        } else if format != .json {
            searchForTemplateCode()
        }
        if FileName.isTextGraph(name) || (format == .text && FileName.suffix(name) == "pb") { inspectTextGraph() }
        searchForEntities()
        searchForSecrets()
        if RepositoryText.isOne(name), let text = read(upTo: limits.searchedTextBytesMax),
            depth == 0 || pay(work: UInt64(text.count) * Self.workPerSearchedByte)
        {
            inspectRepositoryText(text)
        }
    }

    private mutating func inspectKind() {
        switch format {
        case .json:
            if !inspectJSON() {
                format = .text
            }
        case .script: findings.add(.textScript, detail: "the file begins with #!")
        case .gitLFSPointer: findings.add(.textLFSPointer)
        default: break
        }
        // A notebook is a program in JSON.
        if format != .script, FileName.isScript(name) {
            if format == .text { format = .script }
            findings.add(.textScript, detail: "the name is that of a script")
        }
    }

    private mutating func inspectTemplateFile() {
        guard source.sizeBytes <= UInt64(limits.templateBytesMax) else {
            findings.add(.templateUnread, detail: "\(source.sizeBytes) bytes")
            return
        }
        guard let text = read(upTo: limits.templateBytesMax) else { return }
        // Other template languages use the same braces. Only a name can promise that this one is Jinja.
        guard FileName.isTemplate(name) || JinjaLexer.lex(text).defect == nil else {
            format = .text
            searchForTemplateCode()
            return
        }
        inspectTemplate(text, member: nil, start: 0)
    }

    /// Looks into a text that is no template for code that would attack a program that renders it all the same.
    private mutating func searchForTemplateCode() {
        guard let text = read(upTo: limits.searchedTextBytesMax), CodeInText.mayHoldTemplate(text),
            pay(work: UInt64(text.count) * Self.workPerSearchedByte)
        else { return }
        // A chat template in a configuration is one, although nobody asked by name for it.
        let isTemplate = RepositoryText.isYAML(name) && CodeInText.contains(text, Array("chat_template".utf8))
        for found in CodeInText.attacks(text) {
            findings.add(
                isTemplate ? found.rule : .textTemplateCode, .init(offset: UInt64(found.offset)), detail: found.detail)
        }
    }

    /// Definitions of entities, in a text that begins like XML.
    private mutating func searchForEntities() {
        let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
        guard let head = try? source.bytes(at: 0, count: Int(min(source.sizeBytes, UInt64(FormatDetector.headBytes)))),
            head.first(where: { !space.contains($0) }) == UInt8(ascii: "<")
        else { return }
        let mark = Array("<!ENTITY".utf8)
        var start: UInt64 = 0
        while start < source.sizeBytes {
            let count = Int(min(UInt64(Self.entityWindowBytes), source.sizeBytes - start))
            guard let text = try? source.bytes(at: start, count: count) else { return }
            if let place = CodeInText.places(of: mark, in: text).first(where: { _ in true }) {
                return findings.add(.textEntities, .init(offset: start + UInt64(place)))
            }
            guard start + UInt64(count) < source.sizeBytes else { return }
            start += UInt64(count - mark.count + 1)
        }
    }

    private static let entityWindowBytes = 256 << 10

    private mutating func read(upTo countMax: Int) -> [UInt8]? {
        do throws(FormatFault) {
            return try source.bytes(at: 0, count: Int(min(source.sizeBytes, UInt64(countMax))))
        } catch {
            add(error, truncated: .fileUnreadable, malformed: .fileUnreadable)
            return nil
        }
    }
}
