/// Finds all of many keywords in one pass over a text, whatever their number (Aho and Corasick). Case is ignored.
struct KeywordAutomaton: Sendable {
    /// Bytes that no keyword tells apart share a class, so that the table stays in the processor's cache.
    private let classes: [UInt8]
    private let classCount: Int
    /// For each state and class the next state. A state is the place of its row.
    private let table: [UInt32]
    /// Rows from here on are those at which keywords end.
    private let firstAccepting: UInt32
    private let accepted: [[Int]]
    /// Bytes of each keyword, and of the longest.
    private let counts: [Int]
    private let countMax: Int

    /// - Parameter keywords: in small letters, none of them empty.
    init(_ keywords: [[UInt8]]) {
        var classes = [UInt8](repeating: 0, count: 256)
        var count: UInt8 = 1
        for byte in keywords.joined() where classes[Int(byte)] == 0 {
            classes[Int(byte)] = count
            count += 1
        }
        for letter in UInt8(ascii: "a")...UInt8(ascii: "z") { classes[Int(letter & 0xDF)] = classes[Int(letter)] }
        self.classes = classes
        counts = keywords.map(\.count)
        countMax = counts.max() ?? 0
        classCount = Int(count)
        let states = KeywordStates(keywords.map { $0.map { classes[Int($0)] } }, classCount: Int(count))
        // Accepting states come last: one comparison tells them.
        let order = states.next.indices.sorted { left, right in
            (states.accepted[left].isEmpty ? 0 : 1, left) < (states.accepted[right].isEmpty ? 0 : 1, right)
        }
        var row = [UInt32](repeating: 0, count: order.count)
        for (place, state) in order.enumerated() { row[state] = UInt32(place * Int(count)) }
        table = order.flatMap { state in states.next[state].map { row[$0] } }
        accepted = order.map { states.accepted[$0] }
        firstAccepting = UInt32(accepted.prefix { $0.isEmpty }.count * Int(count))
    }

    /// A keyword, by its number, and the place of its last byte.
    struct Hit {
        let keyword: Int
        let last: Int
    }

    /// All keywords in the text, in the order in which they end.
    ///
    /// Each step of the automaton waits for the one before it. So a long text is cut into four, which are gone through
    /// side by side.
    func hits(in text: [UInt8]) -> [Hit] {
        let lane = text.count / 4
        guard lane > 16 * countMax else { return hits(in: text, from: 0, to: text.count, startingBefore: text.count) }
        var found: ([Hit], [Hit], [Hit], [Hit]) = ([], [], [], [])
        let (table, classes, first) = (table, classes, firstAccepting)
        var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        for index in 0..<lane {
            a = table[Int(a) &+ Int(classes[Int(text[index])])]
            b = table[Int(b) &+ Int(classes[Int(text[index &+ lane])])]
            c = table[Int(c) &+ Int(classes[Int(text[index &+ 2 &* lane])])]
            d = table[Int(d) &+ Int(classes[Int(text[index &+ 3 &* lane])])]
            guard max(max(a, b), max(c, d)) >= first else { continue }
            add(a, index, to: &found.0)
            add(b, index + lane, to: &found.1)
            add(c, index + 2 * lane, to: &found.2)
            add(d, index + 3 * lane, to: &found.3)
        }
        var hits: [Hit] = []
        for (number, own) in [found.0, found.1, found.2, found.3].enumerated() {
            let end = (number + 1) * lane
            hits += own
            // What begins in this part and ends in the next.
            hits += self.hits(
                in: text, from: end - countMax, to: number < 3 ? end + countMax : text.count,
                startingBefore: number < 3 ? end : text.count
            ).filter { $0.last >= end }
        }
        return hits
    }

    private func add(_ state: UInt32, _ last: Int, to hits: inout [Hit]) {
        guard state >= firstAccepting else { return }
        for keyword in accepted[Int(state) / classCount] { hits.append(Hit(keyword: keyword, last: last)) }
    }

    private func hits(in text: [UInt8], from start: Int, to end: Int, startingBefore limit: Int) -> [Hit] {
        var hits: [Hit] = []
        var state: UInt32 = 0
        for index in start..<end {
            state = table[Int(state) &+ Int(classes[Int(text[index])])]
            if state >= firstAccepting { add(state, index, to: &hits) }
        }
        return hits.filter { $0.last + 1 - counts[$0.keyword] < limit }
    }
}

/// The states of an automaton: prefixes of keywords.
private struct KeywordStates {
    private(set) var next: [[Int]]
    private(set) var accepted: [[Int]]

    init(_ keywords: [[UInt8]], classCount: Int) {
        next = [[Int](repeating: -1, count: classCount)]
        accepted = [[]]
        for (number, keyword) in keywords.enumerated() {
            var state = 0
            for letter in keyword.map(Int.init) {
                if next[state][letter] < 0 {
                    next[state][letter] = next.count
                    next.append([Int](repeating: -1, count: classCount))
                    accepted.append([])
                }
                state = next[state][letter]
            }
            accepted[state].append(number)
        }
        complete()
    }

    /// Where no keyword goes on, the longest end of what was read that begins one does.
    private mutating func complete() {
        var failure = [Int](repeating: 0, count: next.count)
        var queue: [Int] = []
        for letter in next[0].indices {
            if next[0][letter] < 0 { next[0][letter] = 0 } else { queue.append(next[0][letter]) }
        }
        var index = 0
        while index < queue.count {
            let state = queue[index]
            index += 1
            accepted[state] += accepted[failure[state]]
            for letter in next[state].indices {
                let target = next[state][letter]
                if target < 0 {
                    next[state][letter] = next[failure[state]][letter]
                } else {
                    failure[target] = next[failure[state]][letter]
                    queue.append(target)
                }
            }
        }
    }
}
