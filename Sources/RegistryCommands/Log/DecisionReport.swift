internal import StrictJSON
internal import TransparencyLog

/// What a comparison with the remembered checkpoint means, in words and by status.
struct DecisionReport: Sendable {
    let decision: CheckpointDecision

    /// Whether the log is saved on disk rather than served by a registry: then it may just be an old copy.
    var isCopy = false

    var status: ExitStatus {
        switch decision {
        case .first, .same, .grown: .done
        case .rolledBack: isCopy ? .unchecked : .bad
        case .rewritten, .otherLog: .bad
        case .unproven: .unchecked
        }
    }

    /// One word for programs.
    var word: String {
        switch decision {
        case .first: "first"
        case .same: "same"
        case .grown: "grown"
        case .rolledBack: "rolled_back"
        case .rewritten: "rewritten"
        case .unproven: "unproven"
        case .otherLog: "other_log"
        }
    }

    /// One sentence for people.
    var sentence: String {
        switch decision {
        case .first: "first seen now; there is nothing to compare it with"
        case .same: "unchanged"
        case .grown(let from, let to): "grown from \(from) to \(to) entries, all earlier ones unchanged"
        case .rolledBack(let remembered, let offered) where isCopy:
            "an older copy: \(offered) entries, \(remembered) are remembered"
        case .rolledBack(let remembered, let offered):
            "HISTORY WAS ROLLED BACK: \(remembered) entries are remembered, the registry now signs \(offered)"
        case .rewritten(.sameSize(let size, _, _)):
            "HISTORY WAS REWRITTEN: the log has signed two different trees of \(size) entries"
        case .rewritten(.notAPrefix(let size, _, _)):
            "HISTORY WAS REWRITTEN: the first \(size) entries are not the ones that the log signed before"
        case .unproven: "not proven to extend what is remembered"
        case .otherLog(let origin): "ANOTHER LOG is served under this address: \(origin)"
        }
    }

    /// The two roots that exclude each other.
    var contradiction: (remembered: LogHash, offered: LogHash)? {
        switch decision {
        case .rewritten(.sameSize(_, let remembered, let offered)): (remembered, offered)
        case .rewritten(.notAPrefix(_, let remembered, let offered)): (remembered, offered)
        case .first, .same, .grown, .rolledBack, .unproven, .otherLog: nil
        }
    }
}
