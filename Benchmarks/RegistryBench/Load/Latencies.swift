/// How long requests took.
struct Latencies {
    private var microseconds: [UInt32] = []

    mutating func add(_ duration: Duration) {
        microseconds.append(UInt32(clamping: Int64(duration / .microseconds(1))))
    }

    mutating func reserve(_ count: Int) { microseconds.reserveCapacity(count) }

    var count: Int { microseconds.count }

    /// Milliseconds at which so much of all was done; 0 when there were none.
    func quantile(_ part: Double) -> Double {
        guard !microseconds.isEmpty else { return 0 }
        let sorted = microseconds.sorted()
        let index = min(sorted.count - 1, Int(Double(sorted.count) * part))
        return Double(sorted[index]) / 1_000
    }

    var median: Double { quantile(0.5) }
}
