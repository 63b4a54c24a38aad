/// Issues of one file, a bounded number of each kind, so that many harmless ones cannot crowd out a bad one.
struct GGUFIssueList {
    private let perKindMax: Int
    private(set) var kept: [GGUFIssue] = []
    private(set) var dropped = 0
    private var counts: [GGUFIssue.Kind: Int] = [:]

    init(perKindMax: Int) {
        self.perKindMax = max(1, perKindMax)
    }

    mutating func add(_ kind: GGUFIssue.Kind, at offset: UInt64, subject: String? = nil, amount: UInt64? = nil) {
        let count = counts[kind, default: 0]
        guard count < perKindMax else {
            dropped += 1
            return
        }
        counts[kind] = count + 1
        kept.append(GGUFIssue(kind: kind, offset: offset, subject: subject, amount: amount))
    }
}
