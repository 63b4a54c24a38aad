public import RegistryPorts
import Synchronization

/// A scanner that finds what it is told to find, and knows what it was asked.
public final class FakeScanner: ContentScanner, Sendable {
    private struct State {
        var rules = "1"
        var isThere = true
        var outcome = ScanOutcome.completed([], withTensors: true)
        var scanned: [String] = []
    }

    public let name: String
    private let state = Mutex(State())

    public init(_ name: String) {
        self.name = name
    }

    /// The names of the files that it was given, in order.
    public var scanned: [String] { state.withLock { $0.scanned } }

    /// From now on it scans by these rules.
    public func use(rules: String) { state.withLock { $0.rules = rules } }

    /// From now on this comes of every file.
    public func answer(_ outcome: ScanOutcome) { state.withLock { $0.outcome = outcome } }

    public func goAway(_ isGone: Bool = true) { state.withLock { $0.isThere = !isGone } }

    public func identity() async -> ScannerIdentity? {
        state.withLock { $0.isThere ? ScannerIdentity(name: name, version: "fake 1", rules: $0.rules) : nil }
    }

    public func scan(_ file: any LocalFile, name: String, parts: [Range<UInt64>]?) async -> ScanOutcome {
        state.withLock { state in
            state.scanned.append(name)
            return state.outcome
        }
    }
}
