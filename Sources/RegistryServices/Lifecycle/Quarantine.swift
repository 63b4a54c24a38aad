public import RegistryCore
public import RegistryPorts

/// Puts an artifact aside and has it inspected.
public struct Quarantine: Sendable {
    private let ledger: Ledger
    private let assessor: Assessor
    private let viewKeeper: ViewKeeper
    private let reserve: any SpaceReserve

    public init(ledger: Ledger, assessor: Assessor, viewKeeper: ViewKeeper, reserve: any SpaceReserve) {
        self.ledger = ledger
        self.assessor = assessor
        self.viewKeeper = viewKeeper
        self.reserve = reserve
    }

    /// The artifact is out of service when this returns, and inspected, unless that is not possible now: the next
    /// promote inspects it in any case.
    ///
    /// - Returns: whether it was in quarantine before.
    /// - Throws: `.stateConflict` for what was revoked or deleted.
    public func quarantine(
        _ name: ArtifactName, reason: String?, _ caller: Caller, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> (record: ArtifactRecord, already: Bool) {
        let (record, already) = try await reserve.whileTakingTrust { () async throws(RegistryError) in
            try await ledger.write(caller) { entry in
                let record = try entry.record(named: name)
                switch Lifecycle.outcome(of: .quarantine, in: record.state) {
                case .alreadyDone: return (record, true)
                case .refused: throw RegistryError.notAllowed(.quarantine, record)
                case .moves: return (try entry.append(.quarantined(.requested(reason: reason)), to: record), false)
                }
            }
        }
        try await reserve.whileTakingTrust { () async throws(RegistryError) in try await viewKeeper.follow(name) }
        return ((try? await inspect(record, caller, progress)) ?? record, already)
    }

    /// Writes down what the inspection finds, if that is new, and if nobody changed the record meanwhile.
    private func inspect(
        _ record: ArtifactRecord, _ caller: Caller, _ progress: WorkProgress?
    ) async throws(RegistryError) -> ArtifactRecord {
        let assessment = try await assessor.assess(record, progress)
        return try await ledger.write(caller) { entry in
            try entry.put(assessment.unwritten)
            let now = try entry.record(named: record.name)
            guard now.isJudged(as: record) else { return now }
            return try entry.record(assessment, now)
        }
    }
}
