/// Issues of one file, at most `issuesMax` of them.
struct GGUFIssueList {
    private let countMax: Int
    private(set) var kept: [GGUFIssue] = []
    private(set) var dropped = 0

    init(countMax: Int) {
        self.countMax = countMax
    }

    mutating func add(_ kind: GGUFIssue.Kind, at offset: UInt64, subject: String? = nil) {
        if kept.count < countMax {
            kept.append(GGUFIssue(kind: kind, offset: offset, subject: subject))
        } else {
            dropped += 1
        }
    }
}
