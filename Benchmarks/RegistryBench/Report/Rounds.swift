/// Measurements of the same work by a peer and by us, taken in turn, so that whatever else the machine does meets both.
struct Rounds {
    private var peer: [Double] = []
    private var ours: [Double] = []

    /// Seconds of one round.
    mutating func add(peer: Duration, ours: Duration) {
        self.peer.append(peer / .seconds(1))
        self.ours.append(ours / .seconds(1))
    }

    /// How many times as fast as the peer we are: the median of the ratios within each round.
    var ratio: Double { median(zip(peer, ours).map { $0 / $1 }) }

    /// Bytes a second of the peer and of us, for a row.
    func rates(_ bytes: UInt64) -> (peer: String, ours: String) {
        (
            Quantity.bytesPerSecond(Double(bytes) / median(peer)),
            Quantity.bytesPerSecond(Double(bytes) / median(ours))
        )
    }

    /// Our bytes a second.
    func rate(_ bytes: UInt64) -> Double { Double(bytes) / median(ours) }
}

/// The one in the middle; 0 when there is none.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
