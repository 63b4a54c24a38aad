import StrictJSON

/// Goes through a configuration or tokenizer file event by event and picks out what makes libraries run code.
struct JSONDocumentWalker {
    struct Template {
        let path: String
        let text: [UInt8]
    }

    private static let templatesMax = 64
    private static let templatesBytesMax = 4 << 20
    private static let findingsPerRuleMax = 32
    /// Bytes of texts that are no templates and have their brackets all the same, and what one text costs in bytes.
    private static let searchedBytesMax = 2 << 20
    private static let searchCost = 64
    private static let pathNameScalarsMax = 80
    /// Texts that begin like a pickle in base64, all of them together.
    private static let encodedCountMax = 64
    private static let encodedBytesMax = 8 << 20

    /// Whether texts are searched for code: in configurations, not in vocabularies and collections of texts.
    private let searchesCode: Bool
    private(set) var encoded: [Template] = []
    private(set) var encodedDropped = 0
    private var encodedBytes = 0

    init(searchesCode: Bool = false) {
        self.searchesCode = searchesCode
    }

    private(set) var findings: [Finding] = []
    private(set) var findingsDropped = 0
    /// Texts that mean something, which take longer than others.
    private(set) var judged = 0
    private var counts: [RuleID: Int] = [:]
    private(set) var templates: [Template] = []
    private(set) var templatesDropped = 0
    private(set) var facts: [(Fact.Key, String)] = []
    private var templateBytes = 0
    private var searchedBytes = 0
    private var topNames: Set<String> = []
    /// The containers that are open, the first `depth` of these; the others were.
    private var levels: [Level] = []
    private var depth = 0

    private struct Level {
        /// The member that is being read, or one that was.
        var name = ""
        /// Not so in arrays.
        var isNamed = false
        /// What the name means, and what those around it do.
        var own: Meaning = []
        var inherited: Meaning = []

        var meaning: Meaning { own.union(inherited) }
        var currentName: String? { isNamed ? name : nil }
    }

    /// What a value is for, by the names it stands under.
    private struct Meaning: OptionSet, Sendable {
        let rawValue: UInt8

        static let autoMap = Meaning(rawValue: 1)
        static let customPipelines = Meaning(rawValue: 2)
        static let attention = Meaning(rawValue: 4)
        static let weightMap = Meaning(rawValue: 8)
        static let chatTemplate = Meaning(rawValue: 16)
        static let trust = Meaning(rawValue: 32)
        /// A pickle in base64, for Stable-Baselines3.
        static let serialized = Meaning(rawValue: 64)

        private static let byName = NameTable<Meaning>([
            "auto_map": .autoMap, "custom_pipelines": .customPipelines, "weight_map": .weightMap,
            "_attn_implementation_internal": .attention, "_attn_implementation": .attention,
            "attn_implementation": .attention, "chat_template": .chatTemplate, "trust_remote_code": .trust,
            "trust-remote-code": .trust, "trustRemoteCode": .trust, "experts_implementation": .attention,
            "_experts_implementation": .attention, "_experts_implementation_internal": .attention,
            ":serialized:": .serialized, "kernel_config": .attention, "kernel_mapping": .attention,
        ])

        static func of(_ name: String) -> Meaning {
            if let known = byName[name] { return known }
            // `default_chat_template`, `chat_template_kwargs` and whatever else a library may look for.
            guard name.utf8.count > template.count else { return [] }
            return CodeInText.contains(name.utf8, template) ? .chatTemplate : []
        }

        private static let template = Array("chat_template".utf8)
    }

    /// What the file is for, by the members it has.
    var kind: String? {
        func has(_ names: String...) -> Bool { topNames.isSuperset(of: names) }
        if has("weight_map") { return "weight index" }
        if has("model", "added_tokens") { return "tokenizer" }
        if has("peft_type") { return "adapter configuration" }
        if has("tokenizer_class") { return "tokenizer configuration" }
        if has("chat_template") { return "chat template" }
        if has("model_type") || has("architectures") { return "model configuration" }
        if has("_diffusers_version") { return "pipeline configuration" }
        return nil
    }

    mutating func consume(_ event: JSONEvent) {
        switch event {
        case .beginObject, .beginArray: begin()
        case .endObject, .endArray: depth -= 1
        case .name(let name):
            guard depth > 0 else { return }
            if depth == 1, Self.namesOfInterest.contains(name) { topNames.insert(name) }
            levels[depth - 1].name = name
            levels[depth - 1].isNamed = true
            levels[depth - 1].own = Meaning.of(name)
        case .string(let text): consume(text)
        case .bool(let value):
            if value, own.contains(.trust) {
                judged += 1
                noteTrust("true")
            }
        case .number(let number): consume(number: number)
        case .null: break
        }
    }

    /// Whether texts in the array that is open may mean something although they hold no template.
    var wantsTextsOfArray: Bool { !meaning.isEmpty || (depth == 2 && topName == "architectures") }

    private mutating func begin() {
        if own.contains(.customPipelines) { add(.jsonCustomPipeline, "") }
        let inherited = meaning
        if depth == levels.count { levels.append(Level()) }
        levels[depth].isNamed = false
        levels[depth].own = []
        levels[depth].inherited = inherited
        depth += 1
    }

    /// What the member that is being read means by itself.
    private var own: Meaning { depth > 0 ? levels[depth - 1].own : [] }

    /// The same with what those around it mean.
    private var meaning: Meaning { depth > 0 ? levels[depth - 1].meaning : [] }

    private var topName: String? { levels.first?.currentName }

    private static let namesOfInterest: Set<String> = [
        "weight_map", "model", "added_tokens", "peft_type", "tokenizer_class", "chat_template", "model_type",
        "architectures", "_diffusers_version",
    ]

    private mutating func add(_ rule: RuleID, _ detail: String) {
        let count = counts[rule, default: 0]
        counts[rule] = count + 1
        guard count < Self.findingsPerRuleMax else {
            findingsDropped += 1
            return
        }
        findings.append(Finding(rule, .init(member: pathText), detail: detail))
    }

    private var pathText: String {
        levels.prefix(depth)
            .map { $0.isNamed ? String($0.name.unicodeScalars.prefix(Self.pathNameScalarsMax)) : "[]" }
            .joined(separator: ".")
    }

    private mutating func consume(_ text: String) {
        if own.contains(.trust) { noteTrust(text) }
        let meaning = meaning
        if !meaning.isEmpty { judged += 1 }
        if meaning.contains(.autoMap) {
            add(ImportedName.isForeign(text) ? .jsonForeignCode : .jsonRemoteCode, text)
        } else if meaning.contains(.customPipelines), ImportedName.isForeign(text) {
            add(.jsonForeignCode, text)
        } else if meaning.contains(.attention), text.utf8.contains(UInt8(ascii: "/")) {
            add(.jsonForeignKernel, text)
        } else if meaning.contains(.weightMap), Self.leavesFolder(text) {
            add(.jsonOutsidePath, text)
        } else if meaning.contains(.chatTemplate), levels[depth - 1].currentName != "name" {
            keep(text)
        } else if CodeInText.mayHoldTemplate(text.utf8) {
            lookForAttacks(in: Array(text.utf8))
        }
        if own.contains(.serialized) || Base64Text.beginsPickle(text.utf8) { keepEncoded(text) }
        if searchesCode { lookForCode(in: text) }
        if depth == 1 || (depth == 2 && topName == "architectures") { note(text) }
    }

    private mutating func noteTrust(_ value: String) {
        guard Self.isTrue(value) else { return }
        add(.jsonTrustRemoteCode, value)
    }

    /// Whether a program may take the value for true, by whatever type it reads it.
    static func isTrue(_ value: String) -> Bool {
        !["", "0", "false", "no", "off", "none", "null", "~"].contains(value.lowercased())
    }

    /// Texts of tokenizers have braces, too, but not thousands of kilobytes of them.
    private mutating func lookForAttacks(in text: [UInt8]) {
        guard searchedBytes + text.count + Self.searchCost <= Self.searchedBytesMax else {
            templatesDropped += 1
            return
        }
        searchedBytes += text.count + Self.searchCost
        for attack in CodeInText.attacks(text) { add(attack.rule, attack.detail) }
    }

    private mutating func keepEncoded(_ text: String) {
        judged += 1
        guard encoded.count < Self.encodedCountMax, encodedBytes + text.utf8.count <= Self.encodedBytesMax else {
            encodedDropped += 1
            return
        }
        encodedBytes += text.utf8.count
        encoded.append(Template(path: pathText, text: Array(text.utf8)))
    }

    private mutating func lookForCode(in text: String) {
        if CodeInText.trustsRemoteCode(text) { add(.jsonTrustRemoteCode, text) }
        if let mark = CodeInText.embedded(Array(text.utf8)) { add(.textEmbeddedCode, mark) }
    }

    private mutating func keep(_ text: String) {
        let bytes = Array(text.utf8)
        guard templates.count < Self.templatesMax, templateBytes + bytes.count <= Self.templatesBytesMax else {
            templatesDropped += 1
            return
        }
        templateBytes += bytes.count
        templates.append(Template(path: pathText, text: bytes))
    }

    private static func leavesFolder(_ file: String) -> Bool {
        file.utf8.first == UInt8(ascii: "/")
            || file.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: ":") }
            || file.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    private mutating func note(_ text: String) {
        switch topName {
        case "model_type": note(.modelType, text)
        case "architectures": note(.architecture, text)
        case "tokenizer_class": note(.tokenizer, text)
        case "_name_or_path": note(.name, text)
        case "base_model_name_or_path": note(.baseModel, text)
        case "torch_dtype", "dtype": note(.quantization, text)
        default: break
        }
    }

    private mutating func note(_ key: Fact.Key, _ value: String) {
        if facts.count < InspectionReport.factsMax { facts.append((key, value)) }
    }

    private mutating func consume(number: JSONNumber) {
        if own.contains(.trust) { noteTrust(number.uint64 == 0 ? "0" : "a number") }
        guard depth == 1, levels[0].isNamed, let value = number.uint64 else { return }
        switch topName {
        case "max_position_embeddings": note(.contextLength, "\(value)")
        case "vocab_size": note(.vocabularySize, "\(value)")
        case "hidden_size": note(.embeddingLength, "\(value)")
        case "num_hidden_layers": note(.layerCount, "\(value)")
        default: break
        }
    }
}
