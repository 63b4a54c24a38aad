/// What somebody, or the registry itself, wants to do with an artifact version.
public enum LifecycleAction: String, Sendable, Hashable, CaseIterable {
    case acquire
    /// A push. Unlike an acquire it may bring back what was deleted, which has to earn trust anew.
    case push
    case quarantine
    /// The bytes no longer hash to what they were admitted as.
    case failIntegrity = "fail_integrity"
    case promote
    case revoke
    case delete
}

/// The whole table state × action, as a function without a clock, a store or a log.
public enum Lifecycle {
    /// What an action leads to.
    public enum Outcome: Sendable, Hashable {
        /// The states to pass through, in order; one event each. The last one is where it stands afterwards.
        case moves([ArtifactState])
        /// Nothing to do; the action had its effect before.
        case alreadyDone
        /// Not possible from here.
        case refused
    }

    /// - Parameter state: where the version stands, or `nil` when the registry has never seen it.
    public static func outcome(of action: LifecycleAction, in state: ArtifactState?) -> Outcome {
        switch (action, state) {
        case (.acquire, nil): .moves([.acquired])
        case (.acquire, .acquired), (.acquire, .quarantined), (.acquire, .trusted): .alreadyDone
        // Receiving the bytes once more is no reason to forget why they were withdrawn.
        case (.acquire, .revoked), (.acquire, .deleted): .refused

        case (.push, nil), (.push, .deleted): .moves([.acquired])
        // Withdrawn stays withdrawn: the manifest is there again, and nobody is given it.
        case (.push, .acquired), (.push, .quarantined), (.push, .trusted), (.push, .revoked): .alreadyDone

        case (.quarantine, .acquired), (.quarantine, .trusted): .moves([.quarantined])
        case (.quarantine, .quarantined): .alreadyDone
        case (.quarantine, .revoked), (.quarantine, .deleted): .refused

        case (.failIntegrity, .trusted), (.failIntegrity, .acquired): .moves([.quarantined])
        case (.failIntegrity, .quarantined): .alreadyDone
        // Withdrawn stays withdrawn: quarantine would look like a way back.
        case (.failIntegrity, .revoked), (.failIntegrity, .deleted): .alreadyDone

        // Never a short cut: what was only received, or withdrawn, is inspected first.
        case (.promote, .acquired), (.promote, .revoked): .moves([.quarantined, .trusted])
        case (.promote, .quarantined), (.promote, .trusted): .moves([.trusted])
        case (.promote, .deleted): .refused

        case (.revoke, .acquired), (.revoke, .quarantined), (.revoke, .trusted): .moves([.revoked])
        case (.revoke, .revoked): .alreadyDone
        case (.revoke, .deleted): .refused

        case (.delete, .acquired), (.delete, .quarantined), (.delete, .trusted), (.delete, .revoked): .moves([.deleted])
        case (.delete, .deleted): .alreadyDone

        case (.quarantine, nil), (.failIntegrity, nil), (.promote, nil), (.revoke, nil), (.delete, nil): .refused
        }
    }

    /// Whether an event may take a version from one state to another; replay refuses every other edge.
    public static func allows(_ next: ArtifactState, after state: ArtifactState?) -> Bool {
        LifecycleAction.allCases.contains { action in
            guard case .moves(let states) = outcome(of: action, in: state) else { return false }
            return states.first == next
        }
    }
}
