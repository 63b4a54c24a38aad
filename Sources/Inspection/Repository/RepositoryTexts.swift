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
        if let suffix = FileName.suffix(last), suffix == "yaml" || suffix == "yml" || suffix == "cfg" {
            inspectLines(text, Self.yamlLine)
        } else if last == "MLmodel" {
            inspectLines(text, Self.yamlLine)
        }
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

    private static let tags = ["!!python/", "tag:yaml.org,2002:python/"]
    /// What careless readers make of a tag without calling anything.
    private static let harmlessTags: Set<String> = [
        "tuple", "none", "bool", "str", "unicode", "int", "long", "float", "complex", "list", "dict", "bytes",
    ]

    /// A tag that names something of Python, or one that is spelled so that nobody sees what it names.
    private static func unsafeTag(_ line: Substring) -> String? {
        for tag in tags {
            for found in line.ranges(of: tag) {
                let rest = line[found.upperBound...]
                if harmlessTags.contains(String(rest.prefix { $0.isLetter })) { continue }
                return String(rest.prefix(120))
            }
        }
        if line.hasPrefix("%TAG"), line.contains("yaml.org") { return String(line.prefix(120)) }
        guard line.utf8.contains(UInt8(ascii: "%")) else { return nil }
        let escaped = line.split { $0 == " " || $0 == "\t" || $0 == "[" || $0 == "," || $0 == "{" }.first { word in
            word.hasPrefix("!!") && word.contains("%")
        }
        return escaped.map { String($0.prefix(120)) }
    }

    /// What a reader of YAML, or a framework that reads it, would make or call.
    private static func yamlLine(_ line: Substring) -> (rule: RuleID, detail: String)? {
        let bytes = line.utf8
        guard bytes.contains(UInt8(ascii: "!")) || bytes.contains(UInt8(ascii: "_")) || bytes.first == UInt8(ascii: "%")
        else { return nil }
        if let tag = unsafeTag(line) { return (.repositoryYAMLObject, tag) }
        if line.drop(while: { $0 == " " || $0 == "-" || $0 == "\"" }).hasPrefix("trust_remote_code"),
            line.lowercased().contains("true")
        {
            return (.jsonTrustRemoteCode, "true")
        }
        guard let target = line.firstRange(of: "_target_") else { return nil }
        let rest = line[target.upperBound...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
        guard rest.first == ":" else { return nil }
        let value = rest.dropFirst().drop { $0 == " " || $0 == "\"" || $0 == "'" }.prefix {
            !$0.isWhitespace && $0 != "\"" && $0 != "'" && $0 != "," && $0 != "}"
        }
        switch ImportedName.standing(String(value), expected: RepositoryNames.targets) {
        case .expected: return nil
        case .unknown: return (.repositoryUnknownImport, String(value))
        case .dangerous: return (.repositoryDangerousImport, String(value))
        case .foreign: return (.jsonForeignCode, String(value))
        }
    }
}
