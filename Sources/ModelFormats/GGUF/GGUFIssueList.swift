/// Issues of one file, a bounded number of each kind.
struct GGUFIssueList {
    private var room: IssueRoom<GGUFIssue.Kind>
    private(set) var kept: [GGUFIssue] = []
    var dropped: Int { room.dropped }

    init(perKindMax: Int) {
        room = IssueRoom(perKindMax: perKindMax)
    }

    mutating func add(_ kind: GGUFIssue.Kind, at offset: UInt64, subject: String? = nil, amount: UInt64? = nil) {
        guard room.takes(kind) else { return }
        kept.append(GGUFIssue(kind: kind, offset: offset, subject: subject, amount: amount))
    }
}
