import OCI

/// What replaying an artifact version's events gives: the projection that every answer is made from.
public struct ArtifactRecord: Sendable, Hashable {
    public var key: ArtifactKey
    public var name: ArtifactName
    public var state: ArtifactState
    public var acquisition: Acquisition
    public var acquiredAt: Timestamp
    public var promotedAt: Timestamp?
    /// When `state` began.
    public var stateSince: Timestamp
    /// Why it is where it is, if somebody said so or a check failed.
    public var reason: String?
    /// The newest event; also the version of the record, for conditional changes.
    public var headIndex: UInt64
    /// The last inspection, if there was one.
    public var inspection: InspectionOutcome?
    /// The last decision of a policy, if there was one.
    public var admittance: Admittance?
    /// How many documents of evidence its events name.
    public var evidenceCount: UInt64
    /// The credentials by which this manifest was pushed, in the order in which they came; nobody else reads it back
    /// before it is trusted. Empty for what no credential pushed, and once it is deleted.
    public var pushedBy: [PrincipalName]
    /// What somebody answers for, oldest first: waivers that did not end yet, though their time may be over.
    public var waivers: [Waiver]
    /// Set when it was looked at again, as something trusted, and was not admitted.
    public var recheck: Recheck?

    /// Most credentials that are kept: whoever comes later reads what is trusted, as everybody.
    public static let publishersMax = 16

    /// - Note: for stores that read a record back. A new record is made by `replaying`.
    public init(
        storedKey key: ArtifactKey, name: ArtifactName, state: ArtifactState, acquisition: Acquisition,
        acquiredAt: Timestamp, promotedAt: Timestamp?, stateSince: Timestamp, reason: String?, headIndex: UInt64,
        inspection: InspectionOutcome?, admittance: Admittance?, evidenceCount: UInt64, pushedBy: [PrincipalName],
        waivers: [Waiver] = [], recheck: Recheck? = nil
    ) {
        self.key = key
        self.name = name
        self.state = state
        self.acquisition = acquisition
        self.acquiredAt = acquiredAt
        self.promotedAt = promotedAt
        self.stateSince = stateSince
        self.reason = reason
        self.headIndex = headIndex
        self.inspection = inspection
        self.admittance = admittance
        self.evidenceCount = evidenceCount
        self.pushedBy = pushedBy
        self.waivers = waivers
        self.recheck = recheck
    }

    /// Whether a runtime may have it, as far as its record says. Trust that rests on waivers ends with the first of
    /// them, whether or not somebody has written that down yet.
    ///
    /// - Parameter time: asked for only where it matters.
    public func isTrusted(at time: @autoclosure () -> Timestamp) -> Bool {
        state == .trusted && (admittance?.counts(at: time()) ?? true)
    }
}

/// An event that history cannot hold.
public enum ReplayFault: Error, Sendable, Hashable {
    /// The first event of a version was not its acquisition.
    case notAcquired
    case illegalEdge(from: ArtifactState?, to: ArtifactState)
    /// The event speaks of another version, or of the registry.
    case otherSubject
    /// Indexes only grow.
    case outOfOrder
    /// A push by nobody who could be a publisher, or of what was deleted.
    case notAPublisher
    /// A waiver of what was deleted, one too many, one that ended and never began, or one that trust still rests on.
    case illegalWaiver
    /// A promotion by waivers that there are not, or for longer than they last.
    case notWaived
    /// Only what is trusted is looked at again.
    case notTrusted
    /// Nothing is attached to what was deleted.
    case notKept
}

extension ArtifactRecord {
    /// The record after one more event.
    ///
    /// - Parameter record: the record so far, `nil` before the first event.
    /// - Throws: `ReplayFault` when the event is not a legal continuation. The record is then unusable: refuse.
    public static func replaying(
        _ event: RegistryEvent, onto record: ArtifactRecord?
    ) throws(ReplayFault) -> ArtifactRecord {
        guard case .artifact(let key, let name) = event.subject else { throw .otherSubject }
        guard var next = record else {
            guard case .acquired(let acquisition) = event.body else { throw .notAcquired }
            return ArtifactRecord(
                storedKey: key, name: name, state: .acquired, acquisition: acquisition, acquiredAt: event.time,
                promotedAt: nil, stateSince: event.time, reason: nil, headIndex: event.index, inspection: nil,
                admittance: nil, evidenceCount: 0, pushedBy: event.publishers)
        }
        guard next.key == key, next.name == name else { throw .otherSubject }
        guard event.index > next.headIndex else { throw .outOfOrder }
        try next.apply(event)
        next.headIndex = event.index
        return next
    }

    private mutating func apply(_ event: RegistryEvent) throws(ReplayFault) {
        switch event.body {
        case .acquired(let acquisition):
            try begin(acquisition, at: event.time)
            pushedBy = event.publishers
        case .pushed:
            guard let publisher = event.publishers.first, state.keepsBytes else { throw .notAPublisher }
            // Where an earlier program wrote the record, the credential may have been there before.
            if !pushedBy.contains(publisher) { pushedBy.append(publisher) }
        case .quarantined(let cause): try move(to: .quarantined, at: event.time, because: cause.reason)
        case .inspected(let outcome):
            inspection = outcome
            evidenceCount += 1
        case .promoted(let admittance):
            try requireWaived(admittance)
            try move(to: .trusted, at: event.time, because: nil)
            promotedAt = event.time
            recheck = nil
            cite(admittance)
        case .recheckFailed(let recheck):
            guard state == .trusted else { throw .notTrusted }
            self.recheck = recheck
            evidenceCount += 1
        case .waived(let terms):
            guard state.keepsBytes, waivers.count < Waiver.countMax else { throw .illegalWaiver }
            waivers.append(Waiver(id: event.index, terms: terms, grantedBy: event.actor, grantedAt: event.time))
        case .waiverEnded(let id, _): try end(waiver: id)
        case .attested:
            guard state.keepsBytes else { throw .notKept }
            evidenceCount += 1
        case .refused(let admittance, _):
            cite(admittance)
        case .revoked(let reason): try move(to: .revoked, at: event.time, because: reason)
        case .deleted(let reason):
            try move(to: .deleted, at: event.time, because: reason)
            pushedBy = []
            waivers = []
        case .policyActivated, .bootLockRead, .tagged, .untagged, .placed, .removed, .reviewed:
            throw .otherSubject
        }
    }

    /// What was deleted is pushed again: nothing that was found out or decided before counts any more.
    private mutating func begin(_ acquisition: Acquisition, at time: Timestamp) throws(ReplayFault) {
        guard acquisition.content == self.acquisition.content, acquisition.content.layout == .manifest else {
            throw .illegalEdge(from: state, to: .acquired)
        }
        try move(to: .acquired, at: time, because: nil)
        self.acquisition = acquisition
        acquiredAt = time
        promotedAt = nil
        inspection = nil
        admittance = nil
    }

    private func requireWaived(_ admittance: Admittance) throws(ReplayFault) {
        let used = waivers.filter { admittance.waivers.contains($0.id) }
        guard used.map(\.id) == admittance.waivers, used.map(\.terms.expires).min() == admittance.validUntil else {
            throw .notWaived
        }
    }

    private mutating func end(waiver id: UInt64) throws(ReplayFault) {
        let isInUse = state == .trusted && admittance?.waivers.contains(id) == true
        guard !isInUse, let place = waivers.firstIndex(where: { $0.id == id }) else { throw .illegalWaiver }
        waivers.remove(at: place)
    }

    /// Whether a push by this credential is something new about the version, and there is room for it.
    public func mayAdd(_ publisher: PrincipalName) -> Bool {
        switch state {
        case .revoked, .deleted: false
        case .acquired, .quarantined, .trusted:
            pushedBy.count < Self.publishersMax && !pushedBy.contains(publisher)
        }
    }

    private mutating func cite(_ admittance: Admittance) {
        self.admittance = admittance
        evidenceCount += admittance.claims == nil ? 1 : 2
    }

    private mutating func move(
        to next: ArtifactState, at time: Timestamp, because reason: String?
    ) throws(ReplayFault) {
        guard Lifecycle.allows(next, after: state) else { throw .illegalEdge(from: state, to: next) }
        if next != .trusted { recheck = nil }
        state = next
        stateSince = time
        self.reason = reason
    }
}

extension RegistryEvent {
    /// The credential whose push the event is, if it is one. The service token and development mode are nobody in
    /// particular.
    fileprivate var publishers: [PrincipalName] {
        guard case .principal(let name) = actor else { return [] }
        switch body {
        case .acquired(let acquisition): return acquisition.content.layout == .manifest ? [name] : []
        case .pushed: return [name]
        default: return []
        }
    }
}

extension QuarantineCause {
    /// A sentence for people; `nil` when nobody gave one.
    public var reason: String? {
        switch self {
        case .requested(let reason): reason
        case .promotion: nil
        case .waiver(let id): "the waiver \(id) that it was trusted by has ended"
        case .recheck(let codes):
            "looked at again and not admitted any more: \(codes.prefix(8).joined(separator: ", "))"
        case .integrity(let file, let expected, let found):
            "integrity: \(file) should be \(expected), found \(found)"
        }
    }
}
