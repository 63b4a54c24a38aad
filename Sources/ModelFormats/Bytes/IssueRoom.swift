/// How many issues of a file are kept: some of each kind, so that many harmless ones cannot crowd out a bad one.
struct IssueRoom<Kind: Sendable & Hashable>: Sendable, Hashable {
    private let perKindMax: Int
    private var counts: [Kind: Int] = [:]
    /// Issues for which there was no room. Of their kind there are others that were kept.
    private(set) var dropped = 0

    init(perKindMax: Int) {
        self.perKindMax = max(1, perKindMax)
    }

    /// - Returns: whether there is room for one more of this kind.
    mutating func takes(_ kind: Kind) -> Bool {
        let count = counts[kind, default: 0]
        counts[kind] = count + 1
        guard count < perKindMax else {
            dropped += 1
            return false
        }
        return true
    }

    func dropped(_ kind: Kind) -> Int { max(0, counts[kind, default: 0] - perKindMax) }
}
