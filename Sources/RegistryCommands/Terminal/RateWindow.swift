/// The speed of something over its last few seconds, so that a stall shows soon and an old start does not count.
package struct RateWindow: Sendable {
    private var samples: [(time: Duration, done: UInt64)] = []

    package init() {}

    /// Notes that `done` was reached at `time`. Going back starts anew.
    package mutating func add(_ done: UInt64, at time: Duration) {
        if let last = samples.last {
            if done < last.done { samples.removeAll() } else if time - last.time < Self.spacing { return }
        }
        samples.append((time, done))
        if samples.count > Self.samplesMax { samples.removeFirst() }
    }

    /// Units a second at `time`; `nil` until enough is known.
    package func rate(_ done: UInt64, at time: Duration) -> Double? {
        guard let first = samples.first, done >= first.done else { return nil }
        let elapsed = Self.seconds(time - first.time)
        guard elapsed >= 0.5 else { return nil }
        return Double(done - first.done) / elapsed
    }

    package static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static let samplesMax = 20
    private static let spacing = Duration.milliseconds(500)
}
