import OCI
import RegistryCore
import Synchronization

/// Manifests that somebody put into a repository a moment ago, new or not. Putting one that is there is not written
/// down, and whoever does it goes on to push what names it.
final class LatelyPut: Sendable {
    /// So long a client has to push what names a manifest.
    private static let milliseconds = RetentionRules.secondsMin * 1_000
    private static let countMax = 10_000

    private struct Place: Hashable {
        var version: Digest
        var repository: RepositoryKey
    }

    private struct State {
        var times: [Place: Timestamp] = [:]
        /// There were more than are remembered then.
        var forgotAt: Timestamp?
    }

    private let state = Mutex(State())

    func note(_ version: Digest, in repository: RepositoryKey, at time: Timestamp) {
        state.withLock { state in
            if state.times.count >= Self.countMax {
                state.times = state.times.filter { Self.isLate($0.value, at: time) }
                if state.times.count >= Self.countMax {
                    state.times.removeAll()
                    state.forgotAt = time
                }
            }
            state.times[Place(version: version, repository: repository)] = time
        }
    }

    /// Whether it was put there a moment ago, or may have been.
    func has(_ version: Digest, in repository: RepositoryKey, at time: Timestamp) -> Bool {
        state.withLock { state in
            if let forgot = state.forgotAt, Self.isLate(forgot, at: time) { return true }
            return state.times[Place(version: version, repository: repository)].map { Self.isLate($0, at: time) }
                ?? false
        }
    }

    private static func isLate(_ time: Timestamp, at now: Timestamp) -> Bool {
        now.milliseconds - time.milliseconds < milliseconds
    }
}
