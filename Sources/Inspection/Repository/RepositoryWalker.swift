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
        /// What jsonpickle makes an object of.
        case pickled
        /// What a class is made by, in configurations that name one with its arguments.
        case made
        case megatron
        case other
    }

    private struct Frame {
        let role: Member?
        let isObject: Bool
        let isAutoMapping: Bool
        /// Where what the object says begins among `texts`.
        let textsStart: Int
        var member: Member?
        var hasIndex = false
    }

    private static let members = NameTable<Member>([
        "activation_function": .activation, "activation_fn": .activation,
        "sbert_ce_default_activation_function": .activation,
        "_target_": .target, "parent_library": .parentLibrary, "type": .type, "path": .path, "idx": .index,
        "__module__": .module, "__class__": .className, "__loader__": .loader, "content": .content,
        "module_path": .module, "function": .function, "func": .function, "weight_map": .weights,
        "_class_name": .pipelineClass, "py/object": .pickled, "py/type": .pickled, "py/function": .pickled,
        "py/class": .pickled, "py/repr": .pickled, "py/mod": .pickled, "py/error": .pickled, "py/property": .pickled,
        "target": .made, "class_path": .made,
        "megatron_core": .megatron,
    ])

    private static let findingsPerRuleMax = 16
    private static let shardsMax = 1000
    private static let textBytesMax = 400

    private(set) var findings: [Finding] = []
    private(set) var findingsDropped = 0
    /// Objects and paths that were compared with what is known, which takes longer than others.
    private(set) var judged = 0
    private var counts: [RuleID: Int] = [:]
    private var frames: [Frame] = []
    /// What the open objects say that matters here, the outermost first.
    private var texts: [(member: Member, text: String)] = []
    /// What the member at the top is called that is being read.
    private var topName = ""
    /// The texts of the array that is this member, as far as two of them.
    private var elements: [String] = []
    private var elementCount = 0
    /// Parts of a pipeline that are not from where pipelines take theirs, as long as it is not known whether the file
    /// describes one. Those that lead to something dangerous have room of their own.
    private var oddPairs: [(name: String, library: String)] = []
    private var dangerousPairs: [(name: String, library: String)] = []
    private var isPipeline: Bool
    /// Paths that were judged: a file names few, and often.
    private var standings: [Judged: ImportedName.Standing] = [:]
    /// Different paths that are judged. Those beyond are not known to be harmless.
    private static let standingsMax = 50_000
    private(set) var pathsUnread = 0

    private struct Judged: Hashable {
        let path: String
        let member: String
    }

    private var hasOwnPipeline = false
    /// Files of weights that the file lists, as many as are worth telling.
    private(set) var shards: Set<String> = []

    /// - Parameter isPipeline: whether its name says that the file describes a pipeline of diffusers.
    init(isPipeline: Bool = false) {
        self.isPipeline = isPipeline
    }

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
                topName = Self.bounded(name, 80)
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

    /// Whether it matters how many texts the array that is open has.
    var wantsTextsOfArray: Bool { frames.count == 2 && elementCount < 3 }

    private static func bounded(_ text: String, _ bytesMax: Int) -> String {
        text.utf8.count <= bytesMax ? text : String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self)
    }

    private mutating func push(isObject: Bool) {
        let role = frames.last?.member
        frames.append(
            Frame(role: role, isObject: isObject, isAutoMapping: role == .other, textsStart: texts.count))
        if frames.count == 2, elementCount > 0 {
            elements = []
            elementCount = 0
        }
    }

    private mutating func consume(_ text: String) {
        guard let last = frames.indices.last else { return }
        guard frames[last].isObject else {
            if last == 1 { noteElement(text) }
            return
        }
        if frames[last].role == .weights, shards.count < Self.shardsMax { shards.insert(Self.bounded(text, 200)) }
        guard let member = frames[last].member else { return }
        switch member {
        case .activation where ImportedName.isDotted(text): judge(text, RepositoryNames.activations, "activation")
        case .target: judge(text, RepositoryNames.targets, "_target_")
        case .pickled: judge(Self.name(inPickled: text), [], "py/object")
        // Ordinary words stand under these names, too: only what is dangerous matters.
        case .made: judgeMade(text)
        case .megatron: judge(text + ".anything", RepositoryNames.megatron, "megatron_core")
        case .parentLibrary where frames[last].isAutoMapping: judgeParent(text)
        default: texts.append((member, Self.bounded(text)))
        }
    }

    /// `module/expression` is how jsonpickle writes what it evaluates.
    private static func name(inPickled text: String) -> String {
        bounded(text).replacing("/", with: ".")
    }

    private mutating func judgeMade(_ text: String) {
        guard ImportedName.isDotted(text), standing(text, RepositoryNames.targets, "target") == .dangerous else {
            return
        }
        add(.repositoryDangerousImport, "target", text)
    }

    private mutating func noteElement(_ text: String) {
        elementCount += 1
        if elements.count < 2 { elements.append(Self.bounded(text)) }
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
        if !frame.isObject, frames.count == 1, frames[0].isObject { notePair(frame) }
        if texts.count > frame.textsStart { judgeTexts(frame) }
        if frames.isEmpty { judgePipeline() }
    }

    private mutating func judgeTexts(_ frame: Frame) {
        judged += 1
        let said = Array(texts[frame.textsStart...])
        texts.removeSubrange(frame.textsStart...)
        // Members may have two names; the later one counts.
        func text(_ member: Member) -> String? { said.last { $0.member == member }?.text }
        if frames.count == 1, !frames[0].isObject, frame.hasIndex { judgeModule(type: text(.type), path: text(.path)) }
        judgeNode(text)
        if !frames.isEmpty, frame.role == .content, let function = text(.function) {
            // What a function node is made of stands one level deeper.
            texts.append((.function, "\(text(.module) ?? "").\(function)"))
        }
    }

    /// The modules of sentence-transformers: a list of objects with a number, a folder and a class.
    private mutating func judgeModule(type: String?, path: String?) {
        guard let type, let path else { return }
        judge(type, RepositoryNames.sentenceTransformers, "modules")
        if KerasVocabulary.leadsAway(path) { add(.jsonOutsidePath, "modules", path) }
    }

    private mutating func judgeNode(_ text: (Member) -> String?) {
        guard let loader = text(.loader), let module = text(.module), let name = text(.className) else { return }
        let type = "\(module).\(name.prefix { $0 != "[" })"
        switch (loader, text(.function)) {
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
        guard frame.role != .weights, elementCount == 2, let library = elements.first,
            !RepositoryNames.pipelineLibraries.contains(library)
        else { return }
        let pair = (name: topName, library: library)
        if standing(library, [], "") == .unknown {
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
        switch standing(text, expected, member) {
        case .expected: break
        case .unknown: add(.repositoryUnknownImport, member, text)
        case .dangerous: add(.repositoryDangerousImport, member, text)
        case .foreign: add(.jsonForeignCode, member, text)
        }
    }

    /// - Parameter member: says which paths are expected.
    private mutating func standing(_ path: String, _ expected: [String], _ member: String) -> ImportedName.Standing {
        judged += 1
        let key = Judged(path: path, member: member)
        if let known = standings[key] { return known }
        guard standings.count < Self.standingsMax else {
            pathsUnread += 1
            return .unknown
        }
        let standing = ImportedName.standing(path, expected: expected)
        standings[key] = standing
        return standing
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
