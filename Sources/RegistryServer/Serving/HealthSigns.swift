import Synchronization

/// What keeps the registry from being well, as those notice it who work in the background.
final class HealthSigns: Sendable {
    enum Ailment: Sendable, Hashable, CaseIterable {
        /// Something was committed and the log's head is not signed.
        case checkpointUnsigned
        case inspectorGone
        /// Those that were read before are in force.
        case credentialsUnreadable
        /// The one that was read before is shown.
        case certificateUnusable
        /// It is time to renew it.
        case certificateEnding
        case certificateExpired

        /// How long it may last before anybody is told.
        var patience: Duration {
            switch self {
            case .checkpointUnsigned: .seconds(5)
            // Certificate and key are two files, which nobody replaces at the same moment.
            case .certificateUnusable: .seconds(1)
            case .inspectorGone, .credentialsUnreadable, .certificateEnding, .certificateExpired: .zero
            }
        }

        var sentence: String {
            switch self {
            case .checkpointUnsigned: "The head of the log cannot be signed."
            case .inspectorGone: "The inspector cannot be started: nothing new can be trusted."
            case .credentialsUnreadable: "The file of credentials cannot be read: an older one is in force."
            case .certificateUnusable: "The TLS certificate or its key cannot be used: older ones are shown."
            case .certificateEnding: "The TLS certificate is due to be renewed."
            case .certificateExpired: "The TLS certificate has expired."
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
