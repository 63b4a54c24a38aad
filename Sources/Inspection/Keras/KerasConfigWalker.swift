import StrictJSON

/// Goes through a description of a Keras model event by event: objects of `class_name` and `config`, and in newer
/// descriptions `module` and `registered_name`.
struct KerasConfigWalker {
    private typealias Member = KerasMember

    /// How a Lambda layer or an activation says what it calls.
    private enum Function {
        case code
        case named(KerasVocabulary.Standing)
        case text(String)
    }

    private struct Frame {
        let role: Member?
        let isObject: Bool
        var member: Member?
    }

    /// What an object says that matters here. Few objects say anything.
    private struct Content {
        /// What the member that is being read is called, if it may say where a file is.
        var pathName = ""
        var texts = KerasTexts()
        var paths: [(name: String, text: String)] = []
        var function: Function?
        var hasConfig = false

        /// The first text of a member; later ones are not taken.
        subscript(member: Member) -> String? {
            get { texts[member] }
            set {
                guard let newValue, texts[member] == nil else { return }
                texts[member] = newValue
            }
        }
    }

    private static let membersByName: NameTable<Member> = {
        var members: [String: Member] = [
            "class_name": .className, "module": .module, "registered_name": .registeredName, "config": .config,
            "spec_name": .specName, "function": .function, "function_type": .functionType, "node_def": .node,
            "name": .name, "keras_version": .version,
        ]
        for path in KerasNames.pathMembers { members[path] = .path }
        return NameTable(members)
    }()

    private static let findingsPerRuleMax = 16
    private static let textBytesMax = 4096
    private static let pathsMax = 16

    private(set) var findings: [Finding] = []
    private(set) var findingsDropped = 0
    /// Objects that name a class, which take longer than others.
    private(set) var judged = 0
    /// Whether the whole is the description of a model.
    private(set) var isModel: Bool
    private(set) var modelClass: String?
    private(set) var version: String?
    private var counts: [RuleID: Int] = [:]
    private var frames: [Frame] = []
    /// Of those of the open objects that say something, in their order.
    private var contents: [Content] = []
    /// How deep each of them lies.
    private var contentDepths: [Int] = []
    /// Names that were judged: models name few classes, and often.
    private var standings: [NameKey: KerasVocabulary.Standing] = [:]
    /// Different names that are judged. Those beyond are not known to be harmless.
    private static let standingsMax = 10_000

    /// Names that were not judged, because there are too many.
    private(set) var namesUnread = 0

    private struct NameKey: Hashable {
        var module: String?
        var name: String
        var isFunction: Bool
    }

    /// - Parameter isModel: whether that is known already, by the file that the description stands in.
    init(isModel: Bool) {
        self.isModel = isModel
    }

    /// What was found. That a class is not known matters in descriptions of models only.
    var relevantFindings: [Finding] {
        isModel ? findings : findings.filter { $0.verdict == .block }
    }

    mutating func consume(_ event: JSONEvent) {
        switch event {
        case .beginObject: frames.append(Frame(role: frames.last?.member, isObject: true))
        case .beginArray: frames.append(Frame(role: frames.last?.member, isObject: false))
        case .endObject, .endArray: end()
        case .name(let name):
            guard let last = frames.indices.last else { return }
            let member = Self.membersByName[name]
            frames[last].member = member
            if member == .path { contents[ownContent()].pathName = name }
        case .string(let text):
            guard let frame = frames.last, frame.isObject, let member = frame.member else { return }
            take(Self.bounded(text), as: member)
        case .number, .bool, .null: break
        }
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= textBytesMax ? text : String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
    }

    /// The place of what the innermost object says.
    private mutating func ownContent() -> Int {
        if contentDepths.last != frames.count {
            contentDepths.append(frames.count)
            contents.append(Content())
        }
        return contents.count - 1
    }

    private mutating func take(_ text: String, as member: Member) {
        let own = ownContent()
        switch member {
        case .function: contents[own].function = .text(text)
        case .path:
            guard contents[own].paths.count < Self.pathsMax else { return }
            contents[own].paths.append((contents[own].pathName, text))
        default: contents[own][member] = text
        }
    }

    private mutating func end() {
        let saysSomething = contentDepths.last == frames.count
        guard let frame = frames.popLast() else { return }
        guard saysSomething || frame.role != nil else { return }
        var content = Content()
        if saysSomething {
            contentDepths.removeLast()
            content = contents.removeLast()
        }
        let standing = judge(content)
        guard !frames.isEmpty else { return noteModel(content) }
        switch frame.role {
        case .config:
            let outer = ownContent()
            contents[outer].hasConfig = true
            // What the configuration says is for whoever has the configuration.
            contents[outer].function = contents[outer].function ?? content.function
            contents[outer].paths += content.paths
            for member in [Member.functionType, .node, .name] { contents[outer][member] = content[member] }
        case .function:
            // The older format stores code as a list, the newer as an object.
            contents[ownContent()].function = standing.map { .named($0) } ?? .code
        default: break
        }
    }

    private mutating func noteModel(_ root: Content) {
        version = root[.version]
        guard let name = root[.className], root.hasConfig || isModel else { return }
        modelClass = name
        isModel = true
    }
}

// Judging one object.
extension KerasConfigWalker {
    /// - Returns: what it names, if it is an object that names something and is no code itself.
    private mutating func judge(_ object: Content) -> KerasVocabulary.Standing? {
        guard let name = object[.className] else { return nil }
        judged += 1
        guard name != "__lambda__" else {
            add(.kerasCode, object, "a function is stored as code")
            return nil
        }
        guard object.hasConfig || object[.config] != nil || object[.specName] != nil else { return nil }
        let standing = judgeName(object, name)
        let plain = name.utf8.lastIndex(of: UInt8(ascii: ">")).map { String(name[name.index(after: $0)...]) } ?? name
        switch plain {
        case "Lambda": judgeLambda(object)
        case "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer": judgeOperation(object)
        case _ where KerasNames.pickles.contains(plain): add(.kerasEmbeddedPickle, object, plain)
        case _ where KerasNames.outsideModels.contains(plain):
            add(.kerasOutsideFile, object, "\(plain) loads a model from another place")
        default: break
        }
        judgePaths(object)
        return standing
    }

    private mutating func judgeName(_ object: Content, _ name: String) -> KerasVocabulary.Standing {
        let isFunction = name == "function"
        let named = (isFunction ? object[.config] : nil) ?? object[.specName] ?? name
        let module = object[.module]
        var standing = standing(module: module, name: named, isFunction: isFunction)
        // What a class is registered as is looked for first.
        if standing == .keras, let registered = object[.registeredName], registered.contains(">"),
            self.standing(module: nil, name: registered, isFunction: false) == .custom
        {
            standing = .custom
        }
        switch standing {
        case .dangerous: add(.kerasDangerousObject, object, module.map { "\($0).\(named)" } ?? named)
        case .custom: add(.kerasCustomObject, object, module.map { "\($0).\(named)" } ?? named)
        case .keras: break
        }
        return standing
    }

    private mutating func standing(module: String?, name: String, isFunction: Bool) -> KerasVocabulary.Standing {
        let key = NameKey(module: module, name: name, isFunction: isFunction)
        if let known = standings[key] { return known }
        guard standings.count < Self.standingsMax else {
            namesUnread += 1
            return .custom
        }
        let standing = KerasVocabulary.standing(module: module, name: name, isFunction: isFunction)
        standings[key] = standing
        return standing
    }

    private mutating func judgeLambda(_ object: Content) {
        switch object.function {
        case .code?: add(.kerasCode, object, "a Lambda layer")
        case .text(let text)? where object[.functionType] != "function" || !Self.isName(text):
            add(.kerasCode, object, "a Lambda layer: \(text.prefix(80))")
        // A name that is dangerous has been found already.
        case .named?, .text?, nil: add(.kerasNamedLambda, object, "a Lambda layer")
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// Layers that stand for an operation of TensorFlow.
    private mutating func judgeOperation(_ object: Content) {
        if case .text(let name)? = object.function {
            let isDangerous = KerasNames.dangerousOperations.contains { name.hasPrefix($0) || name.contains("." + $0) }
            if isDangerous { add(.kerasDangerousObject, object, "tf.\(name)") }
        }
        if let node = object[.node], let found = KerasNames.dangerousNodes.first(where: node.contains) {
            add(.kerasDangerousObject, object, found)
        }
    }

    private mutating func judgePaths(_ object: Content) {
        for (name, text) in object.paths where !text.isEmpty {
            add(KerasVocabulary.leadsAway(text) ? .kerasOutsideFile : .kerasRelativeFile, object, "\(name): \(text)")
        }
        // Names of layers become names of files when a model is unpacked.
        if let name = object[.name], Self.isPath(name) {
            add(.kerasOutsideFile, object, "a layer by the name of \(name)")
        }
    }

    /// Whether a name, as the name of a file, leads anywhere but beneath its folder.
    private static func isPath(_ name: String) -> Bool {
        let bytes = name.utf8
        guard bytes.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) else {
            return name == ".."
        }
        return bytes.first == UInt8(ascii: "/") || bytes.contains(UInt8(ascii: "\\"))
            || bytes.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    private mutating func add(_ rule: RuleID, _ object: Content, _ detail: @autoclosure () -> String) {
        let count = counts[rule, default: 0]
        counts[rule] = count + 1
        guard count < Self.findingsPerRuleMax else {
            findingsDropped += 1
            return
        }
        findings.append(Finding(rule, .init(member: object[.name] ?? object[.className]), detail: detail()))
    }
}
