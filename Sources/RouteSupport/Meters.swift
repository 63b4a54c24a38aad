import Synchronization

/// The registry's counters, in memory, for `/metrics`.
public final class Meters: Sendable {
    private struct RequestKey: Hashable {
        var method: String
        var status: Int
    }

    private struct State {
        var requests: [RequestKey: UInt64] = [:]
        var buckets = [UInt64](repeating: 0, count: Meters.boundsSeconds.count + 1)
        var secondsTotal = 0.0
        var counters: [String: UInt64] = [:]
        var readings: [Reading] = []
    }

    private struct Reading {
        var name: String
        var help: String
        var read: @Sendable () -> Int
    }

    /// Upper bounds of the buckets of request durations, in seconds.
    static let boundsSeconds: [Double] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]
    /// Methods are what a client sends: more than these different ones are counted together.
    private static let requestKeysMax = 128

    private let state = Mutex(State())

    public init() {}

    public func request(method: String, status: Int, elapsed: Duration) {
        let seconds = elapsed / .seconds(1)
        let bucket = Self.boundsSeconds.firstIndex { seconds <= $0 } ?? Self.boundsSeconds.count
        state.withLock { state in
            var key = RequestKey(method: method, status: status)
            if state.requests[key] == nil, state.requests.count >= Self.requestKeysMax {
                key = RequestKey(method: "other", status: status)
            }
            state.requests[key, default: 0] += 1
            state.buckets[bucket] += 1
            state.secondsTotal += seconds
        }
    }

    /// Adds to a counter, `pratique_<name>_total`.
    public func count(_ name: String, by amount: UInt64 = 1) {
        state.withLock { $0.counters[name, default: 0] &+= amount }
    }

    /// Reads a number whenever somebody asks: the gauge `pratique_<name>`.
    public func watch(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Int) {
        state.withLock { $0.readings.append(Reading(name: name, help: help, read: read)) }
    }

    /// Everything counted so far, in the Prometheus text format 0.0.4.
    public func text(gauges: [(name: String, help: String, labels: String, value: Double)]) -> String {
        let state = state.withLock { $0 }
        var lines: [String] = []
        lines.append("# HELP pratique_requests_total Requests by method and status.")
        lines.append("# TYPE pratique_requests_total counter")
        for (key, count) in state.requests.sorted(by: {
            ($0.key.method, $0.key.status) < ($1.key.method, $1.key.status)
        }) {
            lines.append("pratique_requests_total{method=\"\(key.method)\",status=\"\(key.status)\"} \(count)")
        }
        lines.append("# HELP pratique_request_seconds How long requests took until their answer began.")
        lines.append("# TYPE pratique_request_seconds histogram")
        var cumulative: UInt64 = 0
        for (bound, count) in zip(Self.boundsSeconds, state.buckets) {
            cumulative += count
            lines.append("pratique_request_seconds_bucket{le=\"\(bound)\"} \(cumulative)")
        }
        cumulative += state.buckets.last ?? 0
        lines.append("pratique_request_seconds_bucket{le=\"+Inf\"} \(cumulative)")
        lines.append("pratique_request_seconds_sum \(state.secondsTotal)")
        lines.append("pratique_request_seconds_count \(cumulative)")
        for (name, count) in state.counters.sorted(by: { $0.key < $1.key }) {
            lines.append("# TYPE pratique_\(name)_total counter")
            lines.append("pratique_\(name)_total \(count)")
        }
        for reading in state.readings {
            lines.append("# HELP pratique_\(reading.name) \(reading.help)")
            lines.append("# TYPE pratique_\(reading.name) gauge")
            lines.append("pratique_\(reading.name) \(reading.read())")
        }
        var described: Set<String> = []
        for gauge in gauges {
            if described.insert(gauge.name).inserted {
                lines.append("# HELP \(gauge.name) \(gauge.help)")
                lines.append("# TYPE \(gauge.name) gauge")
            }
            lines.append("\(gauge.name)\(gauge.labels) \(gauge.value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
