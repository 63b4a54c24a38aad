/// One step towards a value of a document.
public enum YAMLStep: Sendable, Hashable {
    case key(String)
    /// Counted from 0.
    case item(Int)
}

extension SafeYAML {
    /// Where a value stands in a document that parses, so that a person finds what a reader of its values refuses.
    ///
    /// - Returns: the line, counted from 1, of the value's key or item; of the last step that leads to something where
    ///   the path leads nowhere.
    public static func line(of path: [YAMLStep], in bytes: [UInt8], limits: YAMLLimits) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var search = YAMLSearch(path: path)
            guard let reader = try? YAMLEventReader(buffer, scalarBytesMax: limits.scalarBytesMax) else { return 1 }
            while let event = try? reader.next(), search.goesOn(after: event) {}
            return search.line
        }
    }
}

/// Follows a path through the events of a document.
private struct YAMLSearch {
    private struct Frame {
        var isMapping: Bool
        var expectsKey: Bool
        /// Items before, in a sequence.
        var index = 0
        /// Whether the path leads through this collection.
        var isOnPath: Bool
        /// Whether the value that follows is the next step.
        var leadsOn = false
    }

    let path: [YAMLStep]
    private var open: [Frame] = []
    private var found = 0
    private(set) var line = 1

    init(path: [YAMLStep]) {
        self.path = path
    }

    mutating func goesOn(after event: YAMLEvent) -> Bool {
        switch event.kind {
        case .streamStart, .documentStart, .documentEnd: return true
        case .streamEnd, .alias: return false
        case .scalar(let text, _):
            if open.last?.expectsKey == true { key(text, event) } else { value(event, opens: nil) }
        case .sequenceStart: value(event, opens: Frame(isMapping: false, expectsKey: false, isOnPath: false))
        case .mappingStart: value(event, opens: Frame(isMapping: true, expectsKey: true, isOnPath: false))
        case .sequenceEnd, .mappingEnd:
            // What the path leads through has ended: the rest of it is not there.
            guard open.popLast()?.isOnPath != true else { return false }
            complete()
        }
        return found < path.count
    }

    private mutating func key(_ text: String, _ event: YAMLEvent) {
        let last = open.count - 1
        open[last].expectsKey = false
        open[last].leadsOn = open[last].isOnPath && path[found] == .key(text)
        if open[last].leadsOn { advance(event) }
    }

    private mutating func value(_ event: YAMLEvent, opens frame: Frame?) {
        var leadsOn = open.isEmpty
        if let last = open.indices.last {
            if !open[last].isMapping {
                open[last].leadsOn = open[last].isOnPath && path[found] == .item(open[last].index)
                open[last].index += 1
                if open[last].leadsOn { advance(event) }
            }
            leadsOn = open[last].leadsOn
        }
        guard var frame else { return complete() }
        frame.isOnPath = leadsOn && found < path.count
        open.append(frame)
    }

    private mutating func advance(_ event: YAMLEvent) {
        found += 1
        line = event.line
    }

    /// In a mapping, a key follows.
    private mutating func complete() {
        guard let last = open.indices.last, open[last].isMapping else { return }
        open[last].expectsKey = true
    }
}
