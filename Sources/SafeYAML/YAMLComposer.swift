import StrictJSON

/// Puts YAML events together to a JSON value and refuses what is not of the safe subset.
struct YAMLComposer {
    private struct Collection {
        let isMapping: Bool
        var keys = NameSet()
        var expectsKey: Bool
    }

    private let limits: YAMLLimits
    private var tree = JSONTreeBuilder()
    private var open: [Collection] = []
    private var values = 0
    private var documents = 0

    init(limits: YAMLLimits) {
        self.limits = limits
    }

    var root: JSONValue {
        tree.root ?? .null
    }

    /// - Returns: whether more events follow.
    mutating func add(_ event: YAMLEvent) throws(YAMLFault) -> Bool {
        guard !event.hasAnchor else { throw event.fault(.anchor) }
        guard !event.hasTag else { throw event.fault(.tag) }
        switch event.kind {
        case .streamStart, .documentEnd: break
        case .streamEnd: return false
        case .documentStart(let hasDirectives):
            guard !hasDirectives else { throw event.fault(.directive) }
            guard documents == 0 else { throw event.fault(.severalDocuments) }
            documents += 1
        case .alias: throw event.fault(.alias)
        case .scalar(let text, let isPlain): try scalar(text, isPlain: isPlain, event)
        case .sequenceStart: try begin(mapping: false, event)
        case .mappingStart: try begin(mapping: true, event)
        case .sequenceEnd: end(.endArray)
        case .mappingEnd: end(.endObject)
        }
        return true
    }

    private var expectsKey: Bool {
        open.last?.expectsKey ?? false
    }

    private mutating func scalar(_ text: String, isPlain: Bool, _ event: YAMLEvent) throws(YAMLFault) {
        guard let meaning = isPlain ? YAMLCoreSchema.resolve(text) : .string(text) else {
            throw event.fault(.numberTooLong)
        }
        if expectsKey {
            guard !(isPlain && text == "<<") else { throw event.fault(.mergeKey) }
            guard case .string = meaning else { throw event.fault(.keyIsNoString) }
            try key(text, event)
        } else {
            try countValue(event)
            tree.add(meaning)
            valueIsComplete()
        }
    }

    private mutating func key(_ text: String, _ event: YAMLEvent) throws(YAMLFault) {
        guard open[open.count - 1].keys.insert(text) else { throw event.fault(.duplicateKey(text)) }
        open[open.count - 1].expectsKey = false
        tree.add(.name(text))
    }

    private mutating func begin(mapping isMapping: Bool, _ event: YAMLEvent) throws(YAMLFault) {
        guard !expectsKey else { throw event.fault(.keyIsNoString) }
        guard open.count < limits.depthMax else { throw event.fault(.tooDeep) }
        try countValue(event)
        open.append(Collection(isMapping: isMapping, expectsKey: isMapping))
        tree.add(isMapping ? .beginObject : .beginArray)
    }

    private mutating func end(_ event: JSONEvent) {
        open.removeLast()
        tree.add(event)
        valueIsComplete()
    }

    private mutating func countValue(_ event: YAMLEvent) throws(YAMLFault) {
        guard values < limits.nodesMax else { throw event.fault(.tooManyValues) }
        values += 1
    }

    /// In a mapping, a key follows.
    private mutating func valueIsComplete() {
        if let collection = open.last, collection.isMapping {
            open[open.count - 1].expectsKey = true
        }
    }
}

extension YAMLEvent {
    fileprivate func fault(_ reason: YAMLFault.Reason) -> YAMLFault {
        YAMLFault(reason, line: line, column: column)
    }
}
