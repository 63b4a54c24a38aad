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
        /// What the member is called, if it may say where a file is.
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
    /// Whether the whole is the description of a model.
    private(set) var isModel: Bool
    private(set) var modelClass: String?
    private(set) var version: String?
    private var counts: [RuleID: Int] = [:]
    private var frames: [Frame] = []
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
            frames[last].member = Self.membersByName[name]
            if frames[last].member == .path { frames[last].pathName = name }
        case .string(let text):
            guard let last = frames.indices.last, frames[last].isObject, let member = frames[last].member else {
                return
            }
            let text = Self.bounded(text)
            switch member {
            case .function: frames[last].function = .text(text)
            case .path:
                guard frames[last].paths.count < Self.pathsMax else { return }
                frames[last].paths.append((frames[last].pathName, text))
            default: frames[last][member] = text
            }
        case .number, .bool, .null: break
        }
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= textBytesMax ? text : String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
    }

    private mutating func end() {
        guard let frame = frames.popLast() else { return }
        let standing = frame.isObject ? judge(frame) : nil
        guard let outer = frames.indices.last else {
            if frame.isObject { noteModel(frame) }
            return
        }
        switch frame.role {
        case .config:
            frames[outer].hasConfig = true
            // What the configuration says is for whoever has the configuration.
            frames[outer].function = frames[outer].function ?? frame.function
            frames[outer].paths += frame.paths
            for member in [Member.functionType, .node, .name] { frames[outer][member] = frame[member] }
        case .function:
            // The older format stores code as a list, the newer as an object.
            frames[outer].function = standing.map { .named($0) } ?? .code
        default: break
        }
    }

    private mutating func noteModel(_ root: Frame) {
        version = root[.version]
        guard let name = root[.className], root.hasConfig || isModel else { return }
        modelClass = name
        isModel = true
    }
}

// Judging one object.
extension KerasConfigWalker {
    /// - Returns: what it names, if it is an object that names something and is no code itself.
    private mutating func judge(_ frame: Frame) -> KerasVocabulary.Standing? {
        guard let name = frame[.className] else { return nil }
        guard name != "__lambda__" else {
            add(.kerasCode, frame, "a function is stored as code")
            return nil
        }
        guard frame.hasConfig || frame[.config] != nil || frame[.specName] != nil else { return nil }
        let standing = judgeName(frame, name)
        let plain = name.utf8.lastIndex(of: UInt8(ascii: ">")).map { String(name[name.index(after: $0)...]) } ?? name
        switch plain {
        case "Lambda": judgeLambda(frame)
        case "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer": judgeOperation(frame)
        case _ where KerasNames.pickles.contains(plain): add(.kerasEmbeddedPickle, frame, plain)
        case _ where KerasNames.outsideModels.contains(plain):
            add(.kerasOutsideFile, frame, "\(plain) loads a model from another place")
        default: break
        }
        judgePaths(frame)
        return standing
    }

    private mutating func judgeName(_ frame: Frame, _ name: String) -> KerasVocabulary.Standing {
        let isFunction = name == "function"
        let named = (isFunction ? frame[.config] : nil) ?? frame[.specName] ?? name
        let module = frame[.module]
        var standing = standing(module: module, name: named, isFunction: isFunction)
        // What a class is registered as is looked for first.
        if standing == .keras, let registered = frame[.registeredName], registered.contains(">"),
            self.standing(module: nil, name: registered, isFunction: false) == .custom
        {
            standing = .custom
        }
        switch standing {
        case .dangerous: add(.kerasDangerousObject, frame, module.map { "\($0).\(named)" } ?? named)
        case .custom: add(.kerasCustomObject, frame, module.map { "\($0).\(named)" } ?? named)
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

    private mutating func judgeLambda(_ frame: Frame) {
        switch frame.function {
        case .code?: add(.kerasCode, frame, "a Lambda layer")
        case .text(let text)? where frame[.functionType] != "function" || !Self.isName(text):
            add(.kerasCode, frame, "a Lambda layer: \(text.prefix(80))")
        // A name that is dangerous has been found already.
        case .named?, .text?, nil: add(.kerasNamedLambda, frame, "a Lambda layer")
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
    private mutating func judgeOperation(_ frame: Frame) {
        if case .text(let name)? = frame.function {
            let isDangerous = KerasNames.dangerousOperations.contains { name.hasPrefix($0) || name.contains("." + $0) }
            if isDangerous { add(.kerasDangerousObject, frame, "tf.\(name)") }
        }
        if let node = frame[.node], let found = KerasNames.dangerousNodes.first(where: node.contains) {
            add(.kerasDangerousObject, frame, found)
        }
    }

    private mutating func judgePaths(_ frame: Frame) {
        for (name, text) in frame.paths where !text.isEmpty {
            add(KerasVocabulary.leadsAway(text) ? .kerasOutsideFile : .kerasRelativeFile, frame, "\(name): \(text)")
        }
        // Names of layers become names of files when a model is unpacked.
        if let name = frame[.name], Self.isPath(name) {
            add(.kerasOutsideFile, frame, "a layer by the name of \(name)")
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

    private mutating func add(_ rule: RuleID, _ frame: Frame, _ detail: @autoclosure () -> String) {
        let count = counts[rule, default: 0]
        counts[rule] = count + 1
        guard count < Self.findingsPerRuleMax else {
            findingsDropped += 1
            return
        }
        findings.append(Finding(rule, .init(member: frame[.name] ?? frame[.className]), detail: detail()))
    }
}
