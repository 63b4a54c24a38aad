import ModelFormats

/// Texts that model repositories have by fixed names, or that frameworks read as configurations.
enum RepositoryText {
    static func last(_ name: String) -> String {
        name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? name
    }

    /// Files besides `requirements.txt` that say which packages are installed.
    static let packageLists: Set<String> = [
        "conda.yaml", "conda.yml", "conda_env.yaml", "conda_env.yml", "environment.yaml", "environment.yml", "Pipfile",
        "pyproject.toml",
    ]

    static func isYAML(_ name: String) -> Bool {
        FileName.suffix(name).map { $0 == "yaml" || $0 == "yml" } ?? false
    }

    static func isOne(_ name: String) -> Bool {
        let last = last(name)
        if last == "MLmodel" || last == ".gitattributes" || packageLists.contains(last) { return true }
        return FileName.suffix(last).map { ["yaml", "yml", "cfg", "txt"].contains($0) } ?? false
    }
}

extension FileInspection {
    private static let lineBytesMax = 4096
    /// Larger files are collections of texts, in which code may stand.
    private static let codeBytesMax = 1 << 20
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
        } else if RepositoryText.packageLists.contains(last) {
            inspectLines(text, last.hasSuffix("ml") && !last.hasSuffix("toml") ? Self.condaLine : Self.projectLine)
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
        if search.namesUnread > 0 {
            findings.add(.repositoryUnread, detail: "\(search.namesUnread) names beyond the limit")
        }
        if text.count <= Self.codeBytesMax, let mark = CodeInText.embedded(text) {
            findings.add(.textEmbeddedCode, detail: mark)
        }
        guard UInt64(text.count) < source.sizeBytes else { return }
        findings.add(
            .repositoryUnread, .init(offset: UInt64(text.count)), detail: "what follows was not searched")
    }

    private mutating func inspectLines(
        _ text: [UInt8], _ judge: (ArraySlice<UInt8>) -> (rule: RuleID, detail: String)?
    ) {
        var start = 0
        var counts: [RuleID: Int] = [:]
        while start < text.count {
            let end = text[start...].firstIndex(of: 0x0A) ?? text.count
            defer { start = end + 1 }
            let line = text[start..<end].prefix(Self.lineBytesMax).drop { $0 == 0x20 || $0 == 0x09 }
            guard let found = judge(line) else { continue }
            let count = counts[found.rule, default: 0]
            counts[found.rule] = count + 1
            guard count < Self.findingsMax else {
                findings.addDropped(1)
                continue
            }
            findings.add(found.rule, .init(offset: UInt64(start)), detail: found.detail)
        }
    }

    /// Options with a place that packages come from, as pip takes them: of short ones the value may follow at once.
    private static let placeOptions = [
        "--index-url", "--extra-index-url", "--find-links", "--trusted-host", "-i", "-f", "-e", "--editable", "-r",
        "--requirement", "-c", "--constraint", "--pre-index",
    ].map { Array($0.utf8) }
    private static let packageFiles = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2"].map { Array($0.utf8) }

    /// A package that does not come from where packages come from.
    private static func requirementLine(_ line: ArraySlice<UInt8>) -> (rule: RuleID, detail: String)? {
        guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
        let word = line.prefix { $0 > 0x20 && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "#") }
        let isForeign =
            ".~".utf8.contains(first)
            || first == UInt8(ascii: "-") && placeOptions.contains { begins(line, $0) }
            || word.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
            || packageFiles.contains { word.count >= $0.count && begins(word.suffix($0.count), $0) }
            || begins(word, Array("file:".utf8)) || CodeInText.contains(line, address) || namesRepository(line)
        return isForeign ? (.repositoryForeignPackage, String(decoding: line, as: UTF8.self)) : nil
    }

    /// An element of a list in an environment of conda: a package, a channel, or what pip is given.
    private static func condaLine(_ line: ArraySlice<UInt8>) -> (rule: RuleID, detail: String)? {
        guard line.first == UInt8(ascii: "-"), line.dropFirst().first == 0x20 else { return nil }
        return requirementLine(line.dropFirst().drop { " \"'".utf8.contains($0) })
    }

    /// A line of a project's description: addresses stand there for people, too.
    private static func projectLine(_ line: ArraySlice<UInt8>) -> (rule: RuleID, detail: String)? {
        let names = [" @ http", " @ file:", "git = \""].contains { CodeInText.contains(line, Array($0.utf8)) }
        return names || namesRepository(line)
            ? (.repositoryForeignPackage, String(decoding: line, as: UTF8.self)) : nil
    }

    private static let address = Array("://".utf8)
    private static let repository = Array("git+".utf8)

    private static func namesRepository(_ line: ArraySlice<UInt8>) -> Bool {
        line.indices.contains { line[$0] | 0x20 == repository[0] && begins(line[$0...], repository) }
    }

    /// Whether the line begins so, whatever the case of its letters.
    private static func begins(_ line: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        line.count >= word.count
            && zip(line, word).allSatisfy { byte, expected in
                (UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte) == expected
            }
    }

    /// A function that spaCy looks up among what is registered: `@architectures = "spacy.Tok2Vec.v2"`.
    private static func spacyLine(_ line: ArraySlice<UInt8>) -> (rule: RuleID, detail: String)? {
        guard line.first == UInt8(ascii: "@"), let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let value = String(
            decoding: line[(equals + 1)...].filter { !" \"'\r".utf8.contains($0) }, as: UTF8.self)
        let isExpected =
            value.hasPrefix("spacy.") || value.hasPrefix("spacy-") || value.hasPrefix("thinc.")
            // Layers, optimizers and schedules of Thinc have one word and a version.
            || value.split(separator: ".").count <= 2
        return isExpected ? nil : (.repositoryUnknownImport, value)
    }
}
