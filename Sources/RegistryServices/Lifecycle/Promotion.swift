public import OCI
public import RegistryCore
import RegistryPorts
public import StrictJSON

/// What a caller wants to be trusted.
public struct PromotionOrder: Sendable {
    public var name: ArtifactName
    /// The bytes that the caller means. A promote never admits others.
    public var sha256: Digest?
    /// Used when the name is not known yet.
    public var intake: IntakeOrder?
    /// What the caller says about the bytes; kept as a claim.
    public var claims: JSONValue?
    /// The record's version that the caller saw (`head_index`); anything newer is refused.
    public var expectedHead: UInt64?

    public init(
        name: ArtifactName, sha256: Digest? = nil, intake: IntakeOrder? = nil, claims: JSONValue? = nil,
        expectedHead: UInt64? = nil
    ) {
        self.name = name
        self.sha256 = sha256
        self.intake = intake
        self.claims = claims
        self.expectedHead = expectedHead
    }
}

/// Admits an artifact to trust, when policy says so: inspection, decision, one transaction, view.
public final class Promotion: Sendable {
    let directory: ArtifactDirectory
    private let intake: Intake
    let manifests: ArtifactManifests
    let assessor: Assessor
    let ledger: Ledger
    let viewKeeper: ViewKeeper
    let turns = Turns<ArtifactName>()

    public init(
        directory: ArtifactDirectory, intake: Intake, manifests: ArtifactManifests, assessor: Assessor,
        ledger: Ledger, viewKeeper: ViewKeeper
    ) {
        self.directory = directory
        self.intake = intake
        self.manifests = manifests
        self.assessor = assessor
        self.ledger = ledger
        self.viewKeeper = viewKeeper
    }

    /// Promotes. Repeating a promote whose answer was lost gives the same record and writes nothing new; while the
    /// first is still under way, the second waits for it.
    ///
    /// - Throws: `.policyRefused` or `.inspectionUndecided` with the reasons, after the refusal was written to the log;
    ///   `.stateConflict`; `.concurrentChange` when the record changed meanwhile; `.preconditionFailed`;
    ///   `.digestMismatch`; `.linkLimitReached`; what `Intake.acquire` throws.
    public func promote(
        _ order: PromotionOrder, _ caller: Caller, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> ArtifactRecord {
        try await turns.take(order.name) { () async throws(RegistryError) in
            try await promoteInTurn(order, caller, progress)
        }
    }

    private func promoteInTurn(
        _ order: PromotionOrder, _ caller: Caller, _ progress: WorkProgress?
    ) async throws(RegistryError) -> ArtifactRecord {
        let record = try await subject(of: order, caller, progress)
        try await promoteChildren(of: record, caller, progress)
        let assessment = try await assessor.assess(record, progress)
        if assessment.decision.outcome == .admitted, record.state != .trusted {
            try await viewKeeper.requireRoom(for: record)
        }
        let after = try await write(assessment, for: order, record, caller)
        if after.state == .trusted {
            // The admission stands, whatever becomes of the view: it is pending, and asking for the path makes it.
            try? await viewKeeper.follow(order.name)
        } else if record.state == .trusted {
            try await viewKeeper.follow(order.name)
        }
        guard assessment.decision.outcome == .admitted else { throw .refused(assessment, order.name) }
        return after
    }

    /// An index is of use to nobody who is not given what it lists: each of that is promoted, before it is itself.
    private func promoteChildren(
        of record: ArtifactRecord, _ caller: Caller, _ progress: WorkProgress?
    ) async throws(RegistryError) {
        for child in try await manifests.contents(of: record.key).children {
            let key = ArtifactKey(tenant: record.key.tenant, version: child.digest)
            let child = try await directory.record(of: key)
            guard child.state != .trusted, child.key != record.key else { continue }
            // A digest cannot name itself through others: every chain of indexes ends.
            _ = try await promote(PromotionOrder(name: child.name), caller, progress)
        }
    }

    /// Decides as `promote` would, and changes nothing of the artifact.
    public func rehearse(
        _ order: PromotionOrder, _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> Assessment {
        let record = try await directory.record(named: order.name)
        try Self.check(order, record)
        let assessment = try await assessor.assess(record, progress)
        if !assessment.unwritten.isEmpty {
            try await ledger.write(.registry(.sweep)) { entry in try entry.put(assessment.unwritten) }
        }
        return assessment
    }

    private func subject(
        of order: PromotionOrder, _ caller: Caller, _ progress: WorkProgress?
    ) async throws(RegistryError) -> ArtifactRecord {
        do {
            let record = try await directory.record(named: order.name)
            try Self.check(order, record)
            return record
        } catch {
            guard error.code == .artifactNotFound, let intakeOrder = order.intake else { throw error }
            let isUnknown = intakeOrder.name == order.name
            return try await intake.acquire(intakeOrder, caller, progress, isUnknown: isUnknown).record
        }
    }

    private static func check(_ order: PromotionOrder, _ record: ArtifactRecord) throws(RegistryError) {
        if let expected = order.expectedHead, expected != record.headIndex {
            throw RegistryError(
                .preconditionFailed, "\(record.name) changed since.",
                detail: ["expected": .integer(expected), "actual": .integer(record.headIndex)])
        }
        if let sha256 = order.sha256, sha256 != record.acquisition.content.sha256 {
            throw .mismatch(expected: sha256, actual: record.acquisition.content.sha256)
        }
        guard case .moves = Lifecycle.outcome(of: .promote, in: record.state) else {
            throw .notAllowed(.promote, record)
        }
    }

    private func write(
        _ assessment: Assessment, for order: PromotionOrder, _ record: ArtifactRecord, _ caller: Caller
    ) async throws(RegistryError) -> ArtifactRecord {
        try await ledger.write(caller) { entry in
            let now = try entry.record(named: order.name)
            if let expected = order.expectedHead, expected != now.headIndex {
                throw RegistryError(.preconditionFailed, "\(record.name) was changed by another request.")
            }
            guard now.isJudged(as: record) else {
                throw RegistryError(.concurrentChange, "\(record.name) was changed by another request.")
            }
            return try PromotionRecording(assessment: assessment, claims: order.claims).write(to: &entry, now)
        }
    }
}

/// Which events a promote leaves behind. Decided inside the transaction, from the record as it is then.
struct PromotionRecording {
    var assessment: Assessment
    var claims: JSONValue?
    var bootLock: Digest?

    func write(to entry: inout LedgerEntry, _ record: ArtifactRecord) throws -> ArtifactRecord {
        let decision = assessment.decision
        let decisionDocument = decision.json.encoded()
        let claimDocument = claims?.encoded()
        let admittance = Admittance(
            policyVersion: decision.policyVersion, policyDigest: decision.policyDigest,
            decision: try Digest(hashing: decisionDocument), claims: try claimDocument.map { try Digest(hashing: $0) },
            bootLock: bootLock, waivers: decision.outcome == .admitted ? decision.waivers.map(\.id) : [],
            validUntil: decision.outcome == .admitted ? decision.waivers.map(\.terms.expires).min() : nil)
        guard admittance.counts(at: entry.time) else {
            throw RegistryError(.concurrentChange, "A waiver of \(record.name) has expired meanwhile.")
        }
        let inspection = try assessment.outcome
        if decision.outcome == .admitted, record.state == .trusted, record.stands(on: admittance, inspection),
            !assessment.saysMore
        {
            try entry.put(assessment.unwritten)
            return record
        }
        var record = record
        if record.mustPassQuarantine(decision.outcome) {
            record = try entry.append(.quarantined(.promotion), to: record)
        }
        record = try entry.record(assessment, record)
        try entry.put(evidence: decisionDocument, kind: .decision, digest: admittance.decision, of: record.key)
        if let claimDocument, let claims = admittance.claims {
            try entry.put(evidence: claimDocument, kind: .claim, digest: claims, of: record.key)
        }
        guard decision.outcome == .admitted else {
            return try entry.append(.refused(admittance, codes: decision.codes), to: record)
        }
        return try entry.append(.promoted(admittance), to: record)
    }
}

extension Assessment {
    var outcome: InspectionOutcome {
        get throws {
            InspectionOutcome(
                verdict: verdict, rules: rules, evidence: try Digest(hashing: inspection),
                structure: structure?.structure, tensorManifest: structure?.manifest)
        }
    }
}

extension LedgerEntry {
    /// Writes down what an inspection found, unless the record says so already.
    mutating func record(_ assessment: Assessment, _ record: ArtifactRecord) throws -> ArtifactRecord {
        try put(assessment.unwritten)
        let outcome = try assessment.outcome
        guard record.inspection != outcome else { return record }
        try put(evidence: assessment.inspection, kind: .inspection, digest: outcome.evidence, of: record.key)
        return try append(.inspected(outcome), to: record)
    }
}

extension ArtifactRecord {
    /// Whether what was decided about another reading of the record holds for this one: nothing happened since but
    /// that somebody else pushed the same manifest.
    func isJudged(as other: ArtifactRecord) -> Bool {
        var other = other
        (other.headIndex, other.pushedBy) = (headIndex, pushedBy)
        return self == other
    }

    /// Nothing would be said that the log does not say already. The decision's digest covers facts, policy and trace;
    /// the state is one of the facts, so the two are compared without it.
    fileprivate func stands(on next: Admittance, _ outcome: InspectionOutcome) -> Bool {
        admittance?.policyDigest == next.policyDigest && inspection == outcome && next.claims == admittance?.claims
            && next.waivers == admittance?.waivers && recheck == nil
    }

    /// What was only received or withdrawn is inspected in quarantine; what policy no longer admits falls back to it.
    fileprivate func mustPassQuarantine(_ outcome: PolicyDecision.Outcome) -> Bool {
        switch state {
        case .acquired: true
        case .revoked: outcome == .admitted
        case .trusted: outcome != .admitted
        case .quarantined, .deleted: false
        }
    }
}

extension RegistryError {
    static func refused(_ assessment: Assessment, _ name: ArtifactName) -> RegistryError {
        let decision = assessment.decision
        let reasons = decision.reasons.joined(separator: " ")
        return RegistryError(
            decision.outcome == .undecided ? .inspectionUndecided : .policyRefused,
            "\(name) is not promoted: \(reasons)",
            detail: [
                "outcome": .string(decision.outcome.rawValue),
                "reasons": .array(decision.reasons.map { .string($0) }),
                "codes": .array(decision.codes.map { .string($0) }),
                "policy": [
                    "name": .string(decision.policyName), "version": .string(decision.policyVersion),
                    "digest": .string(decision.policyDigest.description),
                ],
                "findings": assessment.findings,
            ])
    }
}
