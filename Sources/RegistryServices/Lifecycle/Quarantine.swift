public import RegistryCore
public import RegistryPorts

/// Puts an artifact aside and has it inspected.
public struct Quarantine: Sendable {
    private let ledger: Ledger
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let assessor: Assessor
    private let viewKeeper: ViewKeeper
    private let reserve: any SpaceReserve

    public init(
        ledger: Ledger, directory: ArtifactDirectory, manifests: ArtifactManifests, assessor: Assessor,
        viewKeeper: ViewKeeper, reserve: any SpaceReserve
    ) {
        self.ledger = ledger
        self.directory = directory
        self.manifests = manifests
        self.assessor = assessor
        self.viewKeeper = viewKeeper
        self.reserve = reserve
    }

    /// The artifact is out of service when this returns, and inspected, unless that is not possible now: the next
    /// promote inspects it in any case. What an index lists goes with it, except for what another index or a tag still
    /// has.
    ///
    /// - Throws: `.stateConflict` for what was revoked or deleted.
    public func quarantine(
        _ name: ArtifactName, reason: String?, _ caller: Caller, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> WithdrawnVersions {
        let listed = try await ListedVersions(of: name, directory, manifests)
        let first = listed.parts.first ?? []
        let body = RegistryEvent.Body.quarantined(.requested(reason: reason))
        var outcome = try await reserve.whileTakingTrust { () async throws(RegistryError) in
            try await ledger.write(caller) { entry in
                let (record, already) = try Self.putAside(try entry.record(named: name), body, &entry)
                let change = try entry.change(listed: first, .quarantine, body)
                return WithdrawnVersions(
                    record: record, already: already, names: [name] + change.names, kept: change.kept)
            }
        }
        for part in listed.parts.dropFirst() {
            let change = try await reserve.whileTakingTrust { () async throws(RegistryError) in
                try await ledger.write(caller) { entry in try entry.change(listed: part, .quarantine, body) }
            }
            outcome.names += change.names
            outcome.kept += change.kept
        }
        var fault: RegistryError?
        for name in outcome.names {
            do {
                try await reserve.whileTakingTrust { () async throws(RegistryError) in
                    try await viewKeeper.follow(name)
                }
            } catch {
                fault = fault ?? error
            }
        }
        if let fault { throw fault }
        for other in outcome.names where other != name {
            guard let record = try? await directory.record(named: other) else { continue }
            _ = try? await inspect(record, caller, progress)
        }
        if let inspected = try? await inspect(outcome.record, caller, progress) { outcome.record = inspected }
        return outcome
    }

    private static func putAside(
        _ record: ArtifactRecord, _ body: RegistryEvent.Body, _ entry: inout LedgerEntry
    ) throws -> (record: ArtifactRecord, already: Bool) {
        switch Lifecycle.outcome(of: .quarantine, in: record.state) {
        case .alreadyDone: return (record, true)
        case .refused: throw RegistryError.notAllowed(.quarantine, record)
        case .moves: return (try entry.append(body, to: record), false)
        }
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
