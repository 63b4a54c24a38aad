/// What a new checkpoint means to somebody who remembers an older one of the same log.
public enum CheckpointDecision: Sendable, Hashable {
    /// Nothing was remembered. Trust on first use: the history before it is not checked against anything.
    case first

    /// The remembered tree.
    case same

    /// A larger tree of which the remembered one is proven to be a prefix.
    case grown(from: UInt64, to: UInt64)

    /// Smaller than what was signed before: restored from a backup, or hiding events.
    case rolledBack(remembered: UInt64, offered: UInt64)

    /// The log signed two histories that exclude each other.
    case rewritten(Rewriting)

    /// A larger tree, but nothing given shows whether it extends the remembered one.
    case unproven(ProofVerificationFault?)

    /// The checkpoint of another log.
    case otherLog(LogOrigin)

    /// How a contradiction was found. Together with the two signed checkpoints it convicts the log.
    public enum Rewriting: Sendable, Hashable {
        /// Two roots for one size.
        case sameSize(UInt64, remembered: LogHash, offered: LogHash)

        /// In the offered tree the first `size` leaves have another root than the one remembered.
        case notAPrefix(size: UInt64, remembered: LogHash, offered: LogHash)
    }

    /// Whether the offered checkpoint may replace the remembered one.
    public var isAcceptable: Bool {
        switch self {
        case .first, .same, .grown: true
        case .rolledBack, .rewritten, .unproven, .otherLog: false
        }
    }
}

/// The newest checkpoint that a client has accepted, and the rule for accepting the next.
///
/// This is what makes a log unable to rewrite history unnoticed. A pure value: the caller verifies signatures before
/// and stores the accepted checkpoint after.
public struct CheckpointMemory: Sendable, Hashable {
    public let remembered: Checkpoint?

    /// `nil` if this client has never seen the log.
    public init(remembered: Checkpoint?) {
        self.remembered = remembered
    }

    /// Decides by a consistency proof, which is needed only if the log has grown.
    public func judge(_ offered: Checkpoint, proof: ConsistencyProof?) -> CheckpointDecision {
        judge(offered) { remembered in
            guard let proof else { return .unproven(nil) }
            do throws(ProofVerificationFault) {
                try proof.verify(old: remembered, new: offered.head)
                return .grown(from: remembered.size, to: offered.size)
            } catch {
                guard case .oldRootMismatch(let computed) = error else { return .unproven(error) }
                return .rewritten(
                    .notAPrefix(size: remembered.size, remembered: remembered.root, offered: computed))
            }
        }
    }

    /// Decides by tiles that were verified against the offered head. Finds a rewritten history at every size.
    public func judge(_ offered: VerifiedCheckpoint, tiles: VerifiedTiles) -> CheckpointDecision {
        judge(offered.checkpoint) { remembered in
            guard tiles.head == offered.head, let root = try? tiles.root(at: remembered.size) else {
                return .unproven(nil)
            }
            guard root == remembered.root else {
                return .rewritten(.notAPrefix(size: remembered.size, remembered: remembered.root, offered: root))
            }
            return .grown(from: remembered.size, to: offered.head.size)
        }
    }

    private func judge(
        _ offered: Checkpoint, grown: (_ remembered: TreeHead) -> CheckpointDecision
    ) -> CheckpointDecision {
        guard let remembered else { return .first }
        guard offered.origin == remembered.origin else { return .otherLog(offered.origin) }
        if offered.size < remembered.size {
            return .rolledBack(remembered: remembered.size, offered: offered.size)
        }
        if offered.size > remembered.size { return grown(remembered.head) }
        guard offered.root == remembered.root else {
            return .rewritten(.sameSize(offered.size, remembered: remembered.root, offered: offered.root))
        }
        return .same
    }
}
