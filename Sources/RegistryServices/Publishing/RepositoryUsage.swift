import OCI
import RegistryCore
import StrictJSON
import Synchronization

/// What a repository with a quota holds.
final class RepositoryUsage: Sendable {
    let countedAt: Timestamp
    private let repository: RepositoryName
    private let bytesMax: UInt64

    private struct State {
        var blobs: Set<Digest>
        var bytes: UInt64
        var hasEnded = false
    }

    private let state: Mutex<State>

    init(_ repository: RepositoryName, bytesMax: UInt64, holding blobs: [Digest: UInt64], countedAt: Timestamp) {
        self.repository = repository
        self.bytesMax = bytesMax
        self.countedAt = countedAt
        state = Mutex(State(blobs: Set(blobs.keys), bytes: blobs.values.reduce(0) { $0.addingSaturating($1) }))
    }

    /// Whether it was forgotten: what is added here is counted nowhere.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func end() { state.withLock { $0.hasEnded = true } }

    /// - Throws: `.quotaExceeded`.
    func requireRoom(for blobs: [Digest: UInt64]) throws(RegistryError) {
        let (bytes, more) = state.withLock { ($0.bytes, Self.more(blobs, than: $0)) }
        try require(bytes, more)
    }

    /// - Throws: `.quotaExceeded`.
    func requireRoom(forMore more: UInt64) throws(RegistryError) {
        try require(state.withLock { $0.bytes }, more)
    }

    /// The repository holds these, too, from now on.
    ///
    /// - Throws: `.quotaExceeded`; `.concurrentChange` when it was forgotten meanwhile.
    func add(_ blobs: [Digest: UInt64]) throws(RegistryError) {
        let refusal: (bytes: UInt64, more: UInt64)? = state.withLock { state in
            let more = Self.more(blobs, than: state)
            let total = state.bytes.addingSaturating(more)
            guard !state.hasEnded, more == 0 || total <= bytesMax else { return (state.bytes, more) }
            state.blobs.formUnion(blobs.keys)
            state.bytes = total
            return nil
        }
        guard let refusal else { return }
        try require(refusal.bytes, refusal.more)
        throw RegistryError(.concurrentChange, "What \(repository) holds is being counted: try again.")
    }

    private static func more(_ blobs: [Digest: UInt64], than state: State) -> UInt64 {
        blobs.reduce(0) { state.blobs.contains($1.key) ? $0 : $0.addingSaturating($1.value) }
    }

    /// What adds nothing is admitted however much is there: a quota may have been lowered.
    private func require(_ bytes: UInt64, _ more: UInt64) throws(RegistryError) {
        guard more > 0, bytes.addingSaturating(more) > bytesMax else { return }
        throw RegistryError(
            .quotaExceeded,
            "\(repository) may hold \(bytesMax) bytes and holds \(bytes): there is no room for \(more).",
            detail: ["quota_bytes": .integer(bytesMax), "held_bytes": .integer(bytes), "more_bytes": .integer(more)])
    }
}

extension UInt64 {
    fileprivate func addingSaturating(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
