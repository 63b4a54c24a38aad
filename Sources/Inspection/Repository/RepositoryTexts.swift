import ModelFormats

/// Texts that model repositories have by fixed names, or that frameworks read as configurations.
enum RepositoryText {
    static func last(_ name: String) -> String {
        name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? name
    }

    static func isYAML(_ name: String) -> Bool {
        FileName.suffix(name).map { $0 == "yaml" || $0 == "yml" } ?? false
    }

    static func isOne(_ name: String) -> Bool {
        let last = last(name)
        if last == "MLmodel" || last == ".gitattributes" { return true }
        return FileName.suffix(last).map { ["yaml", "yml", "cfg", "txt"].contains($0) } ?? false
    }
}

extension FileInspection {
    private static let lineBytesMax = 4096
    private static let findingsMax = 16

    mutating func inspectRepositoryText(_ text: [UInt8]) {
        let last = RepositoryText.last(name)
        if last == "MLmodel" {
            inspectMLflow(text)
        } else if last.hasSuffix("config.cfg") {
            inspectLines(text, Self.spacyLine)
            facts.add(.documentKind, "spaCy configuration")
        } else if last.hasPrefix("requirements"), FileName.suffix(last) == "txt" {
            inspectLines(text, Self.requirementLine)
            facts.add(.documentKind, "requirements")
        } else if last == ".gitattributes" {
            facts.add(.documentKind, "git attributes")
        }
        let isRead = last == "MLmodel" || FileName.suffix(last).map { ["yaml", "yml", "cfg"].contains($0) } ?? false
        if isRead { inspectYAML(text) }
    }

    private mutating func inspectYAML(_ text: [UInt8]) {
        let search = YAMLSearch(text)
        for found in search.found {
            findings.add(found.rule, .init(offset: UInt64(found.offset)), detail: found.detail)
        }
        findings.addDropped(search.foundDropped)
        guard UInt64(text.count) < source.sizeBytes else { return }
        findings.add(
            .repositoryUnread, .init(offset: UInt64(text.count)), detail: "what follows was not searched")
    }

    private mutating func inspectLines(
        _ text: [UInt8], _ judge: (Substring) -> (rule: RuleID, detail: String)?
    ) {
        var offset = 0
        var counts: [RuleID: Int] = [:]
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let start = offset
            offset += line.count + 1
            let words = String(decoding: line.prefix(Self.lineBytesMax), as: UTF8.self)[...]
            guard let found = judge(words) else { continue }
            let count = counts[found.rule, default: 0]
            counts[found.rule] = count + 1
            guard count < Self.findingsMax else {
                findings.addDropped(1)
                continue
            }
            findings.add(found.rule, .init(offset: UInt64(start)), detail: found.detail)
        }
    }

    /// A package that does not come from where packages come from.
    private static func requirementLine(_ line: Substring) -> (rule: RuleID, detail: String)? {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard let first = text.first, first != "#" else { return nil }
        let words = text.lowercased()
        let options = [
            "--index-url", "--extra-index-url", "--find-links", "--trusted-host", "-i ", "-f ", "-e ", "--editable",
            "-r ",
            "--requirement", "-c ", "--pre-index",
        ]
        let isForeign =
            options.contains { words.hasPrefix($0) } || words.contains("://") || words.contains("git+")
            || words.hasPrefix(".") || words.hasPrefix("/")
        return isForeign ? (.repositoryForeignPackage, String(text)) : nil
    }

    /// A function that spaCy looks up among what is registered: `@architectures = "spacy.Tok2Vec.v2"`.
    private static func spacyLine(_ line: Substring) -> (rule: RuleID, detail: String)? {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard text.first == "@", let equals = text.firstIndex(of: "=") else { return nil }
        let value = text[text.index(after: equals)...].filter { $0 != " " && $0 != "\"" && $0 != "'" && $0 != "\r" }
        let isExpected =
            value.hasPrefix("spacy.") || value.hasPrefix("spacy-") || value.hasPrefix("thinc.")
            // Layers, optimizers and schedules of Thinc have one word and a version.
            || value.split(separator: ".").count <= 2
        return isExpected ? nil : (.repositoryUnknownImport, String(value))
    }
}
