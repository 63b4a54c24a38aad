/// Results of a run over everything, as many as are worth keeping: however many artifacts there are, what is bad is
/// kept before what is good.
struct BoundedRows<Row: Sendable>: Sendable {
    /// As many as a page of any other list.
    static var rowsMax: Int { 1_000 }

    private var bad: [Row] = []
    private var good: [Row] = []
    /// Rows that were not kept.
    private(set) var omitted: UInt64 = 0

    var rows: [Row] { bad + good }

    mutating func add(_ row: Row, isBad: Bool) {
        let isFull = bad.count + good.count >= Self.rowsMax
        if isFull { omitted &+= 1 }
        switch (isBad, isFull) {
        case (false, false): good.append(row)
        case (true, false): bad.append(row)
        case (true, true):
            guard good.popLast() != nil else { return }
            bad.append(row)
        case (false, true): break
        }
    }
}
