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
        search(for: Self.entityMarks, .textEntities)
        if FileName.isPage(name) { search(for: Self.pageMarks, .textScript) }
        searchForSecrets()
        if format == .text { searchForPythonTags() }
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

    /// Definitions of entities, in a text that begins like XML, and definitions in another file.
    private static let entityMarks = ["<!entity", "<!doctype"].map { Array($0.utf8) }
    /// What makes a browser run something.
    private static let pageMarks = ["<script", "javascript:", "onload=", "onerror="].map { Array($0.utf8) }
    private static let windowBytes = 256 << 10
    private static let doctypeBytesMax = 512

    /// Searches a text that begins like XML or HTML, in small letters, window by window.
    private mutating func search(for marks: [[UInt8]], _ rule: RuleID) {
        let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
        guard let head = try? source.bytes(at: 0, count: Int(min(source.sizeBytes, UInt64(FormatDetector.headBytes)))),
            head.first(where: { !space.contains($0) }) == UInt8(ascii: "<")
        else { return }
        var start: UInt64 = 0
        while start < source.sizeBytes {
            let count = Int(min(UInt64(Self.windowBytes), source.sizeBytes - start))
            guard let text = try? source.bytes(at: start, count: count) else { return }
            let lowered = text.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
            for mark in marks {
                guard
                    let place = CodeInText.places(of: mark, in: lowered).first(where: { Self.counts(mark, lowered, $0) }
                    )
                else { continue }
                return findings.add(rule, .init(offset: start + UInt64(place)))
            }
            guard start + UInt64(count) < source.sizeBytes else { return }
            start += UInt64(count - Self.doctypeBytesMax)
        }
    }

    /// A type of documents counts where it is described by another file of this or another machine.
    private static func counts(_ mark: [UInt8], _ text: [UInt8], _ place: Int) -> Bool {
        guard mark == entityMarks[1] else { return true }
        let declaration = text[place...].prefix(doctypeBytesMax).prefix { $0 != UInt8(ascii: ">") }
        return CodeInText.contains(declaration, Array("system".utf8))
    }

    /// Tags of YAML that make objects of Python, in texts whose name does not say what they are.
    private mutating func searchForPythonTags() {
        guard FileName.isUnnamedText(name), let text = read(upTo: limits.searchedTextBytesMax) else { return }
        let search = YAMLSearch(tagsOf: text)
        for found in search.found {
            findings.add(found.rule, .init(offset: UInt64(found.offset)), detail: found.detail)
        }
        findings.addDropped(search.foundDropped)
    }

    private mutating func read(upTo countMax: Int) -> [UInt8]? {
        do throws(FormatFault) {
            return try source.bytes(at: 0, count: Int(min(source.sizeBytes, UInt64(countMax))))
        } catch {
            add(error, truncated: .fileUnreadable, malformed: .fileUnreadable)
            return nil
        }
    }
}
