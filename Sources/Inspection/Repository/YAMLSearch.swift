/// Finds in a YAML text what makes a reader build objects of Python, and what makes a framework import something.
///
/// The text is searched and not parsed: frameworks read much that our own reader refuses, such as anchors, tags and
/// several documents. So it does not matter in which of the ways of YAML a key is followed by its value.
struct YAMLSearch {
    struct Found {
        let rule: RuleID
        let offset: Int
        let detail: String
    }

    private static let excerptBytes = 120
    private static let wordBytesMax = 4096
    private static let tags = ["!!python/", "tag:yaml.org,2002:python/"]
    /// What careless readers make of a tag without calling anything.
    private static let harmlessTags: Set<String> = [
        "tuple", "none", "bool", "str", "unicode", "int", "long", "float", "complex", "list", "dict", "bytes",
    ]

    private static let foundPerRuleMax = 16

    private let text: [UInt8]
    private(set) var found: [Found] = []
    private(set) var foundDropped = 0
    private var counts: [RuleID: Int] = [:]

    init(_ text: [UInt8]) {
        self.text = text
        for tag in Self.tags { searchTags(Array(tag.utf8)) }
        searchHiddenTags()
        search(key: "_target_") { value in
            switch ImportedName.standing(value, expected: RepositoryNames.targets) {
            case .expected: nil
            case .unknown: .repositoryUnknownImport
            case .dangerous: .repositoryDangerousImport
            case .foreign: .jsonForeignCode
            }
        }
        search(key: "trust_remote_code") { JSONDocumentWalker.isTrue($0) ? .jsonTrustRemoteCode : nil }
    }

    private mutating func add(_ rule: RuleID, at offset: Int, _ detail: String) {
        let count = counts[rule, default: 0]
        counts[rule] = count + 1
        guard count < Self.foundPerRuleMax else {
            foundDropped += 1
            return
        }
        found.append(Found(rule: rule, offset: offset, detail: detail))
    }

    /// Tags that name something of Python.
    private mutating func searchTags(_ tag: [UInt8]) {
        for start in CodeInText.places(of: tag, in: text) {
            let rest = word(at: start + tag.count)
            if Self.harmlessTags.contains(String(rest.prefix { $0.isLetter })) { continue }
            add(.repositoryYAMLObject, at: start, String(rest.prefix(Self.excerptBytes)))
        }
    }

    /// Tags that are spelled so that nobody sees what they name: with codes for letters, or by a directive.
    private mutating func searchHiddenTags() {
        for start in CodeInText.places(of: [UInt8(ascii: "!")], in: text) where isWordStart(start) {
            let tag = String(
                decoding: text[start...].prefix(Self.wordBytesMax).prefix { !Self.isSpace($0) }, as: UTF8.self)
            if tag.contains("%"), tag.dropFirst().first.map({ $0.isLetter || $0 == "!" || $0 == "<" }) == true {
                add(.repositoryYAMLObject, at: start, String(tag.prefix(Self.excerptBytes)))
            }
        }
        for start in CodeInText.places(of: Array("%TAG".utf8), in: text)
        where start == 0 || text[start - 1] == 0x0A || text[start - 1] == 0x0D {
            let line = String(
                decoding: text[start...].prefix(Self.wordBytesMax).prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
            if line.contains("yaml") || line.dropFirst().contains("%") {
                add(.repositoryYAMLObject, at: start, String(line.prefix(Self.excerptBytes)))
            }
        }
    }

    /// A key, and what its value comes to.
    private mutating func search(key: String, _ judge: (String) -> RuleID?) {
        let pattern = Array(key.utf8)
        for start in CodeInText.places(of: pattern, in: text) where isKeyStart(start) {
            var place = start + pattern.count
            skip(&place) { Self.isSpace($0) || Self.isQuote($0) }
            guard place < text.count, text[place] == UInt8(ascii: ":") else { continue }
            place += 1
            skip(&place) { Self.isSpace($0) || Self.isQuote($0) }
            let value = word(at: place)
            guard !value.isEmpty, let rule = judge(value) else { continue }
            add(rule, at: start, value)
        }
    }

    /// Whether nothing but a mark of YAML stands before it in its line, or before that a comma or bracket.
    private func isKeyStart(_ start: Int) -> Bool {
        var place = start - 1
        while place >= 0, Self.isQuote(text[place]) || text[place] == 0x20 || text[place] == 0x09 { place -= 1 }
        guard place >= 0 else { return true }
        return text[place] == 0x0A || text[place] == 0x0D || "-?{[,".utf8.contains(text[place])
    }

    private func isWordStart(_ start: Int) -> Bool {
        start == 0 || Self.isSpace(text[start - 1]) || "-[{,:?".utf8.contains(text[start - 1])
    }

    private func skip(_ place: inout Int, _ isSkipped: (UInt8) -> Bool) {
        while place < text.count, isSkipped(text[place]) { place += 1 }
    }

    private func word(at start: Int) -> String {
        guard start < text.count else { return "" }
        let bytes = text[start...].prefix(Self.wordBytesMax).prefix {
            !Self.isSpace($0) && !Self.isQuote($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}")
                || $0 == UInt8(ascii: "}") && text[start] == UInt8(ascii: "$")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
}
