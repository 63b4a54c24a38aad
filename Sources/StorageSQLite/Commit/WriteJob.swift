import RegistryPorts

/// What waits for the thread that writes.
enum WriterJob: Sendable {
    case change(WriteJob)
    /// Something that cannot be part of a transaction.
    case maintenance(MaintenanceJob)

    func refuse(_ fault: StorageFault) {
        switch self {
        case .change(let job): job.refuse(fault)
        case .maintenance(let job): job.refuse(fault)
        }
    }
}

/// One body that waits for a commit, and the task that waits for its answer.
struct WriteJob: Sendable {
    /// What a body came to. Nobody hears of it before the commit.
    struct Outcome {
        /// Whether what the body wrote stays.
        let isKept: Bool
        /// Wakes the task, with the fault if the commit failed.
        let answer: (StorageFault?) -> Void
    }

    let run: @Sendable (WriteTransaction) -> Outcome
    let refuse: @Sendable (StorageFault) -> Void
}

struct MaintenanceJob: Sendable {
    let run: @Sendable (Connection) -> Void
    let refuse: @Sendable (StorageFault) -> Void
}
