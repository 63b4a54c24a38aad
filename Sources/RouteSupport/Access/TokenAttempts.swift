import Synchronization

/// Wrong tokens by the address that they come from: who sends too many has to wait until more are looked at.
///
/// A right token from the same address waits, too, or else waiting would tell which one is right; those from others do
/// not notice. IPv6 addresses count by their network of 64 bits, which is what one machine is given.
public final class TokenAttempts: Sendable {
    /// Addresses that are remembered; more push out those whose first failure is oldest.
    public static let sourcesMax = 4_096
    /// For how long failures add up, and for how long an address waits.
    public static let window = Duration.seconds(60)

    private struct Failures {
        var first: ContinuousClock.Instant
        var count = 0
        var waitsUntil: ContinuousClock.Instant?
    }

    private let failuresMax: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let onFailure: @Sendable (_ source: String, _ isLast: Bool) -> Void
    private let sources = Mutex<[String: Failures]>([:])

    /// - Parameters:
    ///   - failuresMax: wrong tokens within the window; 0 for no limit.
    ///   - onFailure: hears each, and whether the address has to wait from now on.
    public init(
        failuresMax: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onFailure: @escaping @Sendable (_ source: String, _ isLast: Bool) -> Void
    ) {
        self.failuresMax = failuresMax
        self.now = now
        self.onFailure = onFailure
    }

    /// - Returns: for how long nothing from an address is looked at; `nil` when it is.
    public func secondsToWait(_ source: String) -> Int? {
        let time = now()
        return sources.withLock { sources in
            guard let end = sources[Self.network(source)]?.waitsUntil, time < end else { return nil }
            return Int(time.duration(to: end).components.seconds) + 1
        }
    }

    /// A token from this address was wrong.
    public func failed(_ source: String) {
        let time = now()
        let network = Self.network(source)
        let isLast = sources.withLock { sources in
            var failures = sources[network] ?? Failures(first: time)
            if failures.first.duration(to: time) >= Self.window { failures = Failures(first: time) }
            failures.count += 1
            let isLast = failures.count == failuresMax
            if isLast {
                failures.waitsUntil = time + Self.window
                // What comes after the wait counts anew.
                failures.first = time
            }
            if sources[network] == nil, sources.count >= Self.sourcesMax {
                sources = sources.filter { $0.value.first.duration(to: time) < Self.window }
                if sources.count >= Self.sourcesMax, let oldest = sources.min(by: { $0.value.first < $1.value.first }) {
                    sources[oldest.key] = nil
                }
            }
            sources[network] = failures
            return isLast
        }
        onFailure(source, isLast)
    }

    private static func network(_ source: String) -> String {
        guard source.contains(":"), !source.contains(".") else { return source }
        let text = source.prefix { $0 != "%" }
        let groups: [Substring]
        if let gap = text.firstRange(of: "::") {
            let head = text[..<gap.lowerBound].split(separator: ":")
            let tail = text[gap.upperBound...].split(separator: ":")
            groups = head + Array(repeating: "0", count: max(0, 8 - head.count - tail.count)) + tail
        } else {
            groups = text.split(separator: ":")
        }
        return groups.prefix(4).joined(separator: ":") + "::/64"
    }
}
