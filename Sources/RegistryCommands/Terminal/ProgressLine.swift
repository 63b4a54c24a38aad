/// One line that says how far something is. Pure: what is drawn depends on nothing but these values.
package struct ProgressLine: Sendable, Hashable {
    package enum Unit: Sendable, Hashable {
        case bytes
        /// Counted things, by their plural.
        case items(String)
    }

    package var title: String
    package var unit: Unit
    package var done: UInt64
    /// `nil` if nobody knows.
    package var total: UInt64?
    /// Units a second.
    package var rate: Double?

    package init(title: String, unit: Unit, done: UInt64, total: UInt64?, rate: Double? = nil) {
        self.title = title
        self.unit = unit
        self.done = done
        self.total = total
        self.rate = rate
    }

    /// The line in at most `width` cells: title, bar, share, amount, rate, time left. The bar goes first where it does
    /// not fit.
    package func text(width: Int) -> String {
        let numbers = [share, amount, speed, remaining].compactMap { $0 }
        let name = TerminalText.cut(TerminalText.visible(title), width: max(8, width / 3))
        let used = TerminalText.width(name) + numbers.reduce(0) { $0 + 2 + TerminalText.width($1) }
        var parts = [name]
        let room = width - used - 4
        if let fraction, room >= Self.barMin { parts.append(bar(fraction, cells: min(room, Self.barMax))) }
        return TerminalText.cut((parts + numbers).joined(separator: "  "), width: width)
    }

    private var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(done) / Double(total))
    }

    private var share: String? {
        fraction.map { fraction in
            let percent = String(Int(fraction * 100))
            return String(repeating: " ", count: 3 - percent.count) + percent + "%"
        }
    }

    private var amount: String? {
        switch unit {
        // What has no measure has no amount.
        case .bytes: total == nil && done == 0 ? nil : Quantities.bytes(done)
        case .items(let plural): total.map { "\(done)/\($0) \(plural)" } ?? "\(done) \(plural)"
        }
    }

    private var speed: String? {
        guard let rate else { return nil }
        switch unit {
        case .bytes: return Quantities.bytes(UInt64(rate)) + "/s"
        case .items: return "\(UInt64(rate))/s"
        }
    }

    private var remaining: String? {
        guard let total, let rate, rate > 0, done < total else { return nil }
        let seconds = Double(total - done) / rate
        guard seconds < 1e7 else { return nil }
        return Quantities.duration(seconds: UInt64(seconds.rounded(.up))) + " left"
    }

    private func bar(_ fraction: Double, cells: Int) -> String {
        let filled = Int(fraction * Double(cells))
        return "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: cells - filled) + "]"
    }

    private static let barMin = 10
    private static let barMax = 40
}
