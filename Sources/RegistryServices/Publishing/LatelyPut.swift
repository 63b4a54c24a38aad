package import OCI
package import RegistryCore
import Synchronization

/// Manifests that somebody put into a repository a moment ago, new or not. Putting one that is there is not written
/// down, and whoever does it goes on to push what names it.
///
/// What is not remembered any more counts as put: in the repositories that had too many, and everywhere only when
/// there are too many repositories.
package final class LatelyPut: Sendable {
    /// So long a client has to push what names a manifest.
    private static let milliseconds = RetentionRules.secondsMin * 1_000

    private struct Memory {
        var times: [Digest: Timestamp] = [:]
        /// There were more than are remembered then.
        var forgotAt: Timestamp?

        /// What it counts for among all that is remembered.
        var size: Int { times.count + 1 }

        mutating func forget(at time: Timestamp) {
            times.removeAll()
            forgotAt = time
        }

        mutating func dropOld(at now: Timestamp) {
            times = times.filter { LatelyPut.isLate($0.value, at: now) }
            if let forgot = forgotAt, !LatelyPut.isLate(forgot, at: now) { forgotAt = nil }
        }
    }

    private struct State {
        var repositories: [RepositoryKey: Memory] = [:]
        var size = 0
        /// There were more repositories than are remembered then.
        var forgotAt: Timestamp?
    }

    private let repositoryMax: Int
    private let totalMax: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - repositoryMax: manifests of one repository that are remembered.
    ///   - totalMax: of all, each repository counting as one more.
    package init(repositoryMax: Int = 10_000, totalMax: Int = 200_000) {
        self.repositoryMax = repositoryMax
        self.totalMax = totalMax
    }

    package func note(_ version: Digest, in repository: RepositoryKey, at time: Timestamp) {
        state.withLock { state in
            if state.size >= totalMax { makeRoom(&state, at: time) }
            let before = state.repositories[repository]?.size ?? 0
            var memory = state.repositories.removeValue(forKey: repository) ?? Memory()
            if memory.times.count >= repositoryMax, memory.times[version] == nil {
                memory.dropOld(at: time)
                if memory.times.count >= repositoryMax { memory.forget(at: time) }
            }
            memory.times[version] = time
            state.size += memory.size - before
            state.repositories[repository] = memory
        }
    }

    /// Whether it was put there a moment ago, or may have been.
    package func has(_ version: Digest, in repository: RepositoryKey, at time: Timestamp) -> Bool {
        state.withLock { state in
            if let forgot = state.forgotAt, Self.isLate(forgot, at: time) { return true }
            guard let memory = state.repositories[repository] else { return false }
            if let forgot = memory.forgotAt, Self.isLate(forgot, at: time) { return true }
            return memory.times[version].map { Self.isLate($0, at: time) } ?? false
        }
    }

    /// Forgets what is old, then the repositories that have most, until half of the room is free.
    private func makeRoom(_ state: inout State, at time: Timestamp) {
        for key in Array(state.repositories.keys) {
            state.repositories[key]?.dropOld(at: time)
            if let memory = state.repositories[key], memory.times.isEmpty, memory.forgotAt == nil {
                state.repositories[key] = nil
            }
        }
        state.size = state.repositories.values.reduce(0) { $0 + $1.size }
        let largest = state.repositories.map { (key: $0.key, size: $0.value.size) }.sorted { $0.size > $1.size }
        for (key, size) in largest where size > 1 && state.size > totalMax / 2 {
            state.repositories[key]?.forget(at: time)
            state.size -= size - 1
        }
        guard state.size > totalMax / 2 else { return }
        state.repositories.removeAll()
        state.size = 0
        state.forgotAt = time
    }

    private static func isLate(_ time: Timestamp, at now: Timestamp) -> Bool {
        now.milliseconds - time.milliseconds < milliseconds
    }
}
