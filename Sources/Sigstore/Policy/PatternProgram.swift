/// What a pattern says, as a tree.
indirect enum PatternNode: Hashable {
    case scalar(ScalarSet)
    case start
    case end
    case sequence([PatternNode])
    case choice([PatternNode])
    /// `max` is `nil` without end.
    case repetition(PatternNode, min: Int, max: Int?)
}

/// A pattern as steps of a machine that is in many states at once (Thompson's construction).
struct PatternProgram: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case scalar(ScalarSet)
        case start
        case end
        case split(Int, Int)
        case jump(Int)
        case accept
    }

    private var steps: [Step] = []

    static let stepsMax = 2_048

    init(_ node: PatternNode) throws(PatternFault) {
        try emit(node)
        try append(.accept)
    }

    private mutating func append(_ step: Step) throws(PatternFault) {
        guard steps.count < Self.stepsMax else { throw PatternFault(.tooComplex, offset: 0) }
        steps.append(step)
    }

    private mutating func emit(_ node: PatternNode) throws(PatternFault) {
        switch node {
        case .scalar(let set): try append(.scalar(set))
        case .start: try append(.start)
        case .end: try append(.end)
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let nodes): try emitChoice(nodes[...])
        case .repetition(let node, let min, let max): try emitRepetition(node, min, max)
        }
    }

    private mutating func emitChoice(_ nodes: ArraySlice<PatternNode>) throws(PatternFault) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try emit(first) }
        let split = steps.count
        try append(.split(split + 1, split))
        try emit(first)
        let jump = steps.count
        try append(.jump(jump))
        steps[split] = .split(split + 1, steps.count)
        try emitChoice(nodes.dropFirst())
        steps[jump] = .jump(steps.count)
    }

    private mutating func emitRepetition(_ node: PatternNode, _ min: Int, _ max: Int?) throws(PatternFault) {
        let before = steps.count
        for _ in 0..<min {
            try emit(node)
            // Nothing stays nothing, however often: nested repetitions of it would never end.
            guard steps.count > before else { return }
        }
        guard let max else {
            let split = steps.count
            try append(.split(split + 1, split))
            try emit(node)
            try append(.jump(split))
            steps[split] = .split(split + 1, steps.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<Swift.max(min, max) {
            splits.append(steps.count)
            try append(.split(steps.count + 1, steps.count))
            try emit(node)
        }
        for split in splits { steps[split] = .split(split + 1, steps.count) }
    }

    func matches(_ text: [Unicode.Scalar]) -> Bool {
        var current = StateSet(capacity: steps.count)
        var next = StateSet(capacity: steps.count)
        follow(0, at: 0, of: text.count, into: &current)
        for (index, scalar) in text.enumerated() {
            guard !current.states.isEmpty else { return false }
            next.clear()
            for state in current.states {
                guard case .scalar(let set) = steps[state], set.contains(scalar) else { continue }
                follow(state + 1, at: index + 1, of: text.count, into: &next)
            }
            swap(&current, &next)
        }
        return current.states.contains { steps[$0] == .accept }
    }

    /// Adds a state and all that are reached from it without a character.
    private func follow(_ state: Int, at position: Int, of count: Int, into set: inout StateSet) {
        var waiting = [state]
        while let state = waiting.popLast() {
            guard set.insert(state) else { continue }
            switch steps[state] {
            case .jump(let target): waiting.append(target)
            case .split(let first, let second): waiting += [second, first]
            case .start: if position == 0 { waiting.append(state + 1) }
            case .end: if position == count { waiting.append(state + 1) }
            case .scalar, .accept: break
            }
        }
    }
}

/// States in which the machine is, each once.
private struct StateSet {
    private(set) var states: [Int] = []
    private var isMember: [Bool]

    init(capacity: Int) {
        isMember = Array(repeating: false, count: capacity)
    }

    mutating func insert(_ state: Int) -> Bool {
        guard !isMember[state] else { return false }
        isMember[state] = true
        states.append(state)
        return true
    }

    mutating func clear() {
        for state in states { isMember[state] = false }
        states.removeAll(keepingCapacity: true)
    }
}
