import StrictJSON

/// Goes through a file of a model repository event by event and picks out what makes a library import something, or
/// read a file that is not beside it.
struct RepositoryWalker {
    private enum Member: UInt8, Hashable {
        case activation
        case target
        case parentLibrary
        case type
        case path
        case index
        case module
        case className
        case loader
        case content
        case function
        case pipelineClass
        case weights
        case other
    }

    private struct Frame {
        let role: Member?
        let isObject: Bool
        let isAutoMapping: Bool
        var member: Member?
        var name = ""
        var texts: [Member: String] = [:]
        var hasIndex = false
        /// The texts of an array, as far as two of them.
        var elements: [String] = []
        var elementCount = 0
    }

    private static let members = NameTable<Member>([
        "activation_function": .activation, "activation_fn": .activation,
        "sbert_ce_default_activation_function": .activation,
        "_target_": .target, "parent_library": .parentLibrary, "type": .type, "path": .path, "idx": .index,
        "__module__": .module, "__class__": .className, "__loader__": .loader, "content": .content,
        "module_path": .module, "function": .function, "func": .function, "weight_map": .weights,
        "_class_name": .pipelineClass,
    ])

    private static let findingsPerRuleMax = 16
    private static let shardsMax = 1000
    private static let textBytesMax = 400

    private(set) var findings: [Finding] = []
    private(set) var findingsDropped = 0
    private var counts: [RuleID: Int] = [:]
    private var frames: [Frame] = []
    /// Parts of a pipeline that are not from where pipelines take theirs, as long as it is not known whether the file
    /// describes one. Those that lead to something dangerous have room of their own.
    private var oddPairs: [(name: String, library: String)] = []
    private var dangerousPairs: [(name: String, library: String)] = []
    private var isPipeline = false
    private var hasOwnPipeline = false
    /// Files of weights that the file lists, as many as are worth telling.
    private(set) var shards: Set<String> = []

    mutating func consume(_ event: JSONEvent) {
        switch event {
        case .beginObject: push(isObject: true)
        case .beginArray: push(isObject: false)
        case .endObject, .endArray: end()
        case .name(let name):
            guard let last = frames.indices.last else { return }
            frames[last].member = Self.members[name]
            // Names matter where pipelines are described, which is at the top, and within what maps classes.
            if last == 0 {
                frames[last].name = Self.bounded(name, 80)
                if frames[last].member == .pipelineClass { isPipeline = true }
            }
            if name == "auto_mapping" { frames[last].member = .other }
        case .string(let text): consume(text)
        case .number:
            guard let last = frames.indices.last, frames[last].member == .index else { return }
            frames[last].hasIndex = true
        case .bool, .null: break
        }
    }

    private static func bounded(_ text: String, _ bytesMax: Int) -> String {
        text.utf8.count <= bytesMax ? text : String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self)
    }

    private mutating func push(isObject: Bool) {
        let role = frames.last?.member
        frames.append(Frame(role: role, isObject: isObject, isAutoMapping: role == .other))
    }

    private mutating func consume(_ text: String) {
        guard let last = frames.indices.last else { return }
        guard frames[last].isObject else {
            frames[last].elementCount += 1
            if frames[last].elements.count < 2, last == 1 {
                frames[last].elements.append(Self.bounded(text))
            }
            return
        }
        if frames[last].role == .weights, shards.count < Self.shardsMax { shards.insert(Self.bounded(text, 200)) }
        guard let member = frames[last].member else { return }
        switch member {
        case .activation where ImportedName.isDotted(text): judge(text, RepositoryNames.activations, "activation")
        case .target: judge(text, RepositoryNames.targets, "_target_")
        case .parentLibrary where frames[last].isAutoMapping: judgeParent(text)
        default: frames[last].texts[member] = Self.bounded(text)
        }
    }

    /// The text, or a beginning of it with a mark that no name has: what stands behind could be anything.
    private static func bounded(_ text: String) -> String {
        text.utf8.count <= textBytesMax ? text : String(text.prefix(textBytesMax)) + "…"
    }

    private mutating func judgeParent(_ text: String) {
        if text == "transformers_modules" || text.hasPrefix("transformers_modules.") {
            add(.jsonRemoteCode, "auto_mapping", text)
        } else {
            judge(text + ".anything", RepositoryNames.parentLibraries, "auto_mapping")
        }
    }

    private mutating func end() {
        guard let frame = frames.popLast() else { return }
        if frame.isObject {
            judgeModule(frame)
            judgeNode(frame)
        } else if frames.count == 1, frames[0].isObject {
            notePair(frame)
        }
        if let last = frames.indices.last, frame.role == .content, frame.texts[.function] != nil {
            // What a function node is made of stands one level deeper.
            frames[last].texts[.function] = frame.texts[.function].map { "\(frame.texts[.module] ?? "").\($0)" }
        }
        if frames.isEmpty { judgePipeline() }
    }

    /// The modules of sentence-transformers: a list of objects with a number, a folder and a class.
    private mutating func judgeModule(_ frame: Frame) {
        guard frames.count == 1, !frames[0].isObject, frame.hasIndex, let type = frame.texts[.type],
            let path = frame.texts[.path]
        else { return }
        judge(type, RepositoryNames.sentenceTransformers, "modules")
        if KerasVocabulary.leadsAway(path) { add(.jsonOutsidePath, "modules", path) }
    }

    private mutating func judgeNode(_ frame: Frame) {
        guard let loader = frame.texts[.loader], let module = frame.texts[.module], let name = frame.texts[.className]
        else { return }
        let type = "\(module).\(name.prefix { $0 != "[" })"
        switch (loader, frame.texts[.function]) {
        // Values of JSON, whatever Python calls their types.
        case ("JsonNode", _) where module == "builtins": break
        // A node of a function names it in its content.
        case ("FunctionNode", let function?): judge(function, RepositoryNames.skops, loader)
        case ("MethodNode", let method?): judge(type + method, RepositoryNames.skops, loader)
        default: judge(type, RepositoryNames.skops, loader)
        }
    }

    /// The parts of a pipeline of diffusers: each a library and a class in it.
    private mutating func notePair(_ frame: Frame) {
        if frame.role == .pipelineClass {
            hasOwnPipeline = true
            return
        }
        guard frame.role != .weights, frame.elementCount == 2, let library = frame.elements.first,
            !RepositoryNames.pipelineLibraries.contains(library)
        else { return }
        let pair = (name: frames[0].name, library: library)
        if ImportedName.standing(library, expected: []) == .unknown {
            if oddPairs.count <= Self.findingsPerRuleMax { oddPairs.append(pair) }
        } else if dangerousPairs.count <= Self.findingsPerRuleMax {
            dangerousPairs.append(pair)
        }
    }

    private mutating func judgePipeline() {
        guard isPipeline else { return }
        // A list in place of a name: the class is in a file of the repository.
        if hasOwnPipeline { add(.jsonCustomPipeline, "_class_name", "") }
        for pair in dangerousPairs + oddPairs { judge(pair.library, [], pair.name) }
    }

    private mutating func judge(_ text: String, _ expected: [String], _ member: String) {
        switch ImportedName.standing(text, expected: expected) {
        case .expected: break
        case .unknown: add(.repositoryUnknownImport, member, text)
        case .dangerous: add(.repositoryDangerousImport, member, text)
        case .foreign: add(.jsonForeignCode, member, text)
        }
    }

    private mutating func add(_ rule: RuleID, _ member: String, _ detail: String) {
        let count = counts[rule, default: 0]
        counts[rule] = count + 1
        guard count < Self.findingsPerRuleMax else {
            findingsDropped += 1
            return
        }
        findings.append(Finding(rule, .init(member: member), detail: detail))
    }
}
