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
    /// The same of a word that is looked up as a name.
    private static let nameBytesMax = 512
    /// Bytes of different words that are looked up as names. Those beyond are not known to be harmless.
    private static let namedBytesMax = 1 << 20
    private static let tags = ["!!python/", "tag:yaml.org,2002:python/"]
    /// What careless readers make of a tag without calling anything.
    private static let harmlessTags: Set<String> = [
        "tuple", "none", "bool", "str", "unicode", "int", "long", "float", "complex", "list", "dict", "bytes",
    ]

    private static let harmlessBytesMax = 16
    private static let foundPerRuleMax = 16

    private var text: [UInt8]
    private(set) var found: [Found] = []
    private(set) var foundDropped = 0
    private var counts: [RuleID: Int] = [:]
    /// Names that were looked up: files name few, and often.
    private var standings: [String: ImportedName.Standing] = [:]
    private var namedBytes = 0
    /// Names that were not looked up, because there are too many.
    private(set) var namesUnread = 0

    init(_ text: [UInt8]) {
        self.text = text
        for tag in Self.tags { searchTags(Array(tag.utf8)) }
        searchHiddenTags()
        searchObjectTags()
        searchTargets()
        searchTrust()
        guard let plain = Self.withoutEscapes(text) else { return }
        // What texts in quotation marks spell with codes, spelled out. Offsets are those of the spelled text.
        self.text = plain
        searchTargets()
        searchTrust()
    }

    private static let escapes: [UInt8: Int] = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]

    /// The text with its codes for ASCII replaced by what they stand for (YAML 1.2, 5.7); `nil` if there are none.
    private static func withoutEscapes(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(UInt8(ascii: "\\")) else { return nil }
        var plain: [UInt8] = []
        var isChanged = false
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\"), index + 1 < text.count, let digits = escapes[text[index + 1]],
                digits <= text.count - index - 2,
                let code = UInt32(String(decoding: text[(index + 2)..<(index + 2 + digits)], as: UTF8.self), radix: 16),
                code < 0x80
            {
                plain.append(UInt8(code))
                isChanged = true
                index += 2 + digits
            } else {
                plain.append(text[index])
                index += 1
            }
        }
        return isChanged ? plain : nil
    }

    /// Searches a text that is no YAML by its name for tags of Python alone.
    init(tagsOf text: [UInt8]) {
        self.text = text
        searchTags(Array(Self.tags[0].utf8))
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
            let word = text[(start + tag.count)...].prefix(Self.harmlessBytesMax + 1).prefix(while: Self.isLetter)
            if Self.harmlessTags.contains(String(decoding: word, as: UTF8.self)) { continue }
            add(.repositoryYAMLObject, at: start, self.word(at: start + tag.count, bytesMax: Self.excerptBytes))
        }
    }

    /// Tags that are spelled so that nobody sees what they name: with codes for letters, or by a directive.
    private mutating func searchHiddenTags() {
        var end = 0
        var code = 0
        for start in CodeInText.places(of: [UInt8(ascii: "!")], in: text) where isWordStart(start) {
            // Both only move on, however many tags are in one word.
            end = max(end, start)
            skip(&end) { !Self.isSpace($0) }
            code = max(code, start)
            while code < end, text[code] != UInt8(ascii: "%") { code += 1 }
            guard code < end, code - start < Self.wordBytesMax, start + 1 < end,
                Self.isLetter(text[start + 1]) || "!<".utf8.contains(text[start + 1])
            else { continue }
            add(.repositoryYAMLObject, at: start, excerpt(start..<end))
        }
        for start in CodeInText.places(of: Array("%TAG".utf8), in: text)
        where start == 0 || text[start - 1] == 0x0A || text[start - 1] == 0x0D {
            let line = text[start...].prefix(Self.wordBytesMax).prefix { $0 != 0x0A && $0 != 0x0D }
            if CodeInText.contains(line, Array("yaml".utf8)) || line.dropFirst().contains(UInt8(ascii: "%")) {
                add(.repositoryYAMLObject, at: start, excerpt(line.startIndex..<line.endIndex))
            }
        }
    }

    /// Tags that make objects in other languages (`!!java.net.URL`, `!ruby/object`), and those of HyperPyYAML, which
    /// calls or imports what they name (`!apply:`, `!new:`, `!name:`, `!module:`).
    private mutating func searchObjectTags() {
        var count = 0
        for start in CodeInText.places(of: [UInt8(ascii: "!")], in: text) where isWordStart(start) {
            let beginning = text[start...].prefix(Self.tagBytesMax)
            guard Self.tagBeginnings.contains(where: { beginning.starts(with: $0) }) else { continue }
            count += 1
            guard count <= Self.objectTagsMax else {
                namesUnread += 1
                continue
            }
            let tag = word(at: start, bytesMax: Self.nameBytesMax)
            if Self.foreignTags.contains(where: { tag.hasPrefix($0) }) || Self.namesClass(tag) {
                add(.repositoryYAMLObject, at: start, String(tag.prefix(Self.excerptBytes)))
            } else if let colon = tag.utf8.firstIndex(of: UInt8(ascii: ":")) {
                judge(tag[..<colon], String(tag[tag.utf8.index(after: colon)...]), at: start)
            }
        }
    }

    /// Tags that are followed. Those beyond are not known to be harmless.
    private static let objectTagsMax = 20_000
    private static let tagBytesMax = 9
    /// Of all that is looked for: other tags cost nothing.
    private static let tagBeginnings = [
        "!!", "!ruby/", "!php/", "!perl/", "!<!js/", "!new:", "!apply:", "!name:", "!module:", "!include:",
    ].map { Array($0.utf8) }
    private static let foreignTags = ["!ruby/", "!!ruby/", "!php/", "!!php/", "!perl/", "!!perl/", "!!js/", "!<!js/"]

    /// `!!java.lang.ProcessBuilder`, as SnakeYAML takes it.
    private static func namesClass(_ tag: String) -> Bool {
        guard tag.hasPrefix("!!") else { return false }
        let name = String(tag.dropFirst(2).prefix { $0 != "[" && $0 != "{" })
        return ImportedName.isDotted(name.replacing("$", with: "_"))
    }

    private mutating func judge(_ tag: Substring, _ name: String, at start: Int) {
        switch tag {
        case "!new", "!apply", "!name", "!module":
            let standing = ImportedName.standing(
                tag == "!module" ? name + ".anything" : name, expected: RepositoryNames.tagged)
            if let rule = Self.rule(standing) { add(rule, at: start, name) }
        case "!include" where KerasVocabulary.leadsAway(name): add(.jsonOutsidePath, at: start, name)
        default: break
        }
    }

    private static func rule(_ standing: ImportedName.Standing) -> RuleID? {
        switch standing {
        case .expected: nil
        case .unknown: .repositoryUnknownImport
        case .dangerous: .repositoryDangerousImport
        case .foreign: .jsonForeignCode
        }
    }

    private func excerpt(_ range: Range<Int>) -> String {
        String(decoding: text[range].prefix(Self.excerptBytes), as: UTF8.self)
    }

    private mutating func searchTargets() {
        forEachValue(of: "_target_") { search, start, place in
            let value = search.word(at: place, bytesMax: Self.nameBytesMax)
            guard !value.isEmpty else { return }
            if let rule = Self.rule(search.standing(value)) { search.add(rule, at: start, value) }
        }
        // Ordinary words stand under these names, too: only what is dangerous matters.
        for key in ["target", "class_path"] {
            forEachValue(of: key) { search, start, place in
                let value = search.word(at: place, bytesMax: Self.nameBytesMax)
                guard ImportedName.isDotted(value), search.standing(value) == .dangerous else { return }
                search.add(.repositoryDangerousImport, at: start, value)
            }
        }
    }

    private mutating func standing(_ name: String) -> ImportedName.Standing {
        if let known = standings[name] { return known }
        guard name.utf8.count <= Self.namedBytesMax - namedBytes else {
            namesUnread += 1
            return .unknown
        }
        namedBytes += name.utf8.count
        let standing = ImportedName.standing(name, expected: RepositoryNames.targets)
        standings[name] = standing
        return standing
    }

    private mutating func searchTrust() {
        forEachValue(of: "trust_remote_code") { search, start, place in
            // Longer than any word for false.
            let value = search.word(at: place, bytesMax: 16)
            if !value.isEmpty, JSONDocumentWalker.isTrue(value) { search.add(.jsonTrustRemoteCode, at: start, value) }
        }
    }

    /// Where a key stands, and where its value does.
    private mutating func forEachValue(of key: String, _ body: (inout YAMLSearch, Int, Int) -> Void) {
        let pattern = Array(key.utf8)
        for start in CodeInText.places(of: pattern, in: text) where isKeyStart(start) {
            var place = start + pattern.count
            skip(&place) { Self.isSpace($0) || Self.isQuote($0) }
            guard place < text.count, text[place] == UInt8(ascii: ":") else { continue }
            place += 1
            skip(&place) { Self.isSpace($0) || Self.isQuote($0) }
            body(&self, start, place)
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

    private func word(at start: Int, bytesMax: Int) -> String {
        guard start < text.count else { return "" }
        let bytes = text[start...].prefix(bytesMax).prefix {
            !Self.isSpace($0) && !Self.isQuote($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}")
                || $0 == UInt8(ascii: "}") && text[start] == UInt8(ascii: "$")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// Whether a letter of any alphabet may stand there.
    private static func isLetter(_ byte: UInt8) -> Bool { ByteSet.letters.contains(byte) || byte >= 0x80 }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
}
