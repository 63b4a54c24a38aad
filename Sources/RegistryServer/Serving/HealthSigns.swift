import Synchronization

/// What keeps the registry from being well, as those notice it who work in the background.
final class HealthSigns: Sendable {
    enum Ailment: Sendable, Hashable, CaseIterable {
        /// Something was committed and the log's head is not signed.
        case checkpointUnsigned
        case inspectorGone
        /// Those that were read before are in force.
        case credentialsUnreadable

        /// How long it may last before anybody is told.
        var patience: Duration {
            switch self {
            case .checkpointUnsigned: .seconds(5)
            case .inspectorGone, .credentialsUnreadable: .zero
            }
        }

        var sentence: String {
            switch self {
            case .checkpointUnsigned: "The head of the log cannot be signed."
            case .inspectorGone: "The inspector cannot be started: nothing new can be trusted."
            case .credentialsUnreadable: "The file of credentials cannot be read: an older one is in force."
            }
        }
    }

    private let since = Mutex<[Ailment: ContinuousClock.Instant]>([:])

    /// - Returns: whether this is news.
    @discardableResult
    func begin(_ ailment: Ailment) -> Bool {
        since.withLock { since in
            guard since[ailment] == nil else { return false }
            since[ailment] = .now
            return true
        }
    }

    func end(_ ailment: Ailment) {
        since.withLock { $0[ailment] = nil }
    }

    /// A sentence for each that lasts too long.
    var reasons: [String] {
        let since = since.withLock { $0 }
        return Ailment.allCases.filter { ailment in
            since[ailment].map { $0.duration(to: .now) >= ailment.patience } ?? false
        }.map(\.sentence)
    }
}
