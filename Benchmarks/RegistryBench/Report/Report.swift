/// One line of the table.
struct Row: Sendable {
    enum Verdict: Sendable, Equatable {
        case met, missed
        /// There is no target: the number is there to be seen.
        case shown
        case notMeasured
    }

    var what: String
    /// The measurement or the limit that ours is compared with.
    var peer: String
    var ours: String
    var ratio: Double?
    var target: String
    var verdict: Verdict

    static func notMeasured(_ what: String, _ reason: String) -> Row {
        Row(what: what, peer: "", ours: reason, ratio: nil, target: "", verdict: .notMeasured)
    }

    /// Ours divided by the peer has to be at least so much.
    static func atLeast(
        _ target: Double, _ what: String, peer: (Double, String), ours: (Double, String)
    ) -> Row {
        let ratio = ours.0 / peer.0
        return Row(
            what: what, peer: peer.1, ours: ours.1, ratio: ratio, target: "≥ \(Quantity.ratio(target))",
            verdict: ratio >= target ? .met : .missed)
    }

    /// As fast as a peer, measured in rounds, or so much of it.
    static func atLeast(_ target: Double, _ what: String, _ rounds: Rounds, bytes: UInt64) -> Row {
        let rates = rounds.rates(bytes)
        let ratio = rounds.ratio
        return Row(
            what: what, peer: rates.peer, ours: rates.ours, ratio: ratio, target: "≥ \(Quantity.ratio(target))",
            verdict: ratio >= target ? .met : .missed)
    }

    /// How we compare with a peer where no target was set.
    static func shown(_ what: String, _ rounds: Rounds, bytes: UInt64) -> Row {
        let rates = rounds.rates(bytes)
        return Row(
            what: what, peer: rates.peer, ours: rates.ours, ratio: rounds.ratio, target: "", verdict: .shown)
    }

    /// Ours divided by the peer may be at most so much.
    static func atMost(
        _ target: Double, _ what: String, peer: (Double, String), ours: (Double, String)
    ) -> Row {
        let ratio = ours.0 / peer.0
        return Row(
            what: what, peer: peer.1, ours: ours.1, ratio: ratio, target: "≤ \(Quantity.ratio(target))",
            verdict: ratio <= target ? .met : .missed)
    }

    /// Memory of a process at its highest, in bytes.
    static func memory(_ what: String, limit: UInt64, _ bytes: UInt64?) -> Row {
        guard let bytes, bytes > 0 else { return .notMeasured(what, "the process could not be looked at") }
        return .atMost(
            1, what, peer: (Double(limit), Quantity.bytes(limit)), ours: (Double(bytes), Quantity.bytes(bytes)))
    }
}

/// The table and what it was measured on.
struct Report {
    private let machine: Machine
    private let isQuick: Bool
    private var rows: [Row] = []

    init(machine: Machine, isQuick: Bool) {
        self.machine = machine
        self.isQuick = isQuick
    }

    mutating func add(_ rows: [Row]) {
        self.rows += rows
    }

    /// Markdown.
    var text: String {
        var lines = ["| what | peer or limit | ours | ratio | target | ok? |", "|---|---|---|---|---|---|"]
        lines += rows.map { row in
            let ratio = row.ratio.map(Quantity.ratio) ?? ""
            return "| \(row.what) | \(row.peer) | \(row.ours) | \(ratio) | \(row.target) | \(row.verdict.mark) |"
        }
        let title = isQuick ? "Quick run: sizes too small to judge by." : "Full run."
        return "\(title) \(machine.description)\n\n" + lines.joined(separator: "\n") + "\n"
    }
}

extension Row.Verdict {
    fileprivate var mark: String {
        switch self {
        case .met: "yes"
        case .missed: "**no**"
        case .shown: ""
        case .notMeasured: "not measured"
        }
    }
}
