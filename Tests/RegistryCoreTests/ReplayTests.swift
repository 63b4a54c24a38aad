import RegistryCore
import Testing

@Suite("Replay")
struct ReplayTests {
    /// Bodies that move a version to a state.
    private static func body(to state: ArtifactState) throws -> RegistryEvent.Body {
        switch state {
        case .acquired: .acquired(try Sample.pushed())
        case .quarantined: .quarantined(.promotion)
        case .trusted: .promoted(try Sample.admittance())
        case .revoked: .revoked(reason: "because")
        case .deleted: .deleted(reason: nil)
        }
    }

    @Test("Any walk along legal edges replays, and ends where its last move led", arguments: 0..<200 as Range<UInt64>)
    func legalWalks(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var record: ArtifactRecord?
        var evidence: UInt64 = 0
        for index in 0..<40 as Range<UInt64> {
            let next = ArtifactState.allCases.filter { Lifecycle.allows($0, after: record?.state) }
            let inspects = record != nil && Bool.random(using: &generator)
            guard let target = inspects ? record?.state : next.randomElement(using: &generator) else { break }
            let body = inspects ? .inspected(try Sample.outcome()) : try Self.body(to: target)
            if inspects || target == .trusted { evidence += 1 }
            record = try ArtifactRecord.replaying(try Sample.event(body, index: index), onto: record)
            #expect(record?.state == target)
            #expect(record?.headIndex == index)
            #expect(record?.evidenceCount == evidence)
        }
    }

    @Test("Every edge that is not legal is refused", arguments: ArtifactState.allCases, ArtifactState.allCases)
    func illegalEdges(from: ArtifactState, to: ArtifactState) throws {
        let record = try Self.record(in: from)
        let event = try Sample.event(try Self.body(to: to), index: 100)
        if Lifecycle.allows(to, after: from) {
            #expect(try ArtifactRecord.replaying(event, onto: record).state == to)
        } else {
            #expect(throws: ReplayFault.illegalEdge(from: from, to: to)) {
                try ArtifactRecord.replaying(event, onto: record)
            }
        }
    }

    @Test("What is pushed again after it was deleted begins anew, and keeps its history")
    func pushedAgain() throws {
        var record = try Self.record(in: .trusted)
        let bodies: [RegistryEvent.Body] = [.inspected(try Sample.outcome()), .deleted(reason: "space")]
        for (offset, body) in bodies.enumerated() {
            let event = try Sample.event(body, index: UInt64(4 + offset))
            record = try ArtifactRecord.replaying(event, onto: record)
        }
        let pushed = try Sample.event(.acquired(try Sample.pushed()), index: 6)
        let again = try ArtifactRecord.replaying(pushed, onto: record)
        #expect(again.state == .acquired)
        #expect(again.acquiredAt == again.stateSince)
        #expect(again.acquiredAt != record.acquiredAt)
        #expect(again.inspection == nil)
        #expect(again.admittance == nil)
        #expect(again.promotedAt == nil)
        #expect(again.reason == nil)
        #expect(again.evidenceCount == record.evidenceCount)
    }

    @Test("Credentials that push a version are kept in their order, each once, until it is deleted")
    func publishers() throws {
        let names = try ["ci", "robot"].map { try PrincipalName(parsing: $0) }
        func replay(
            _ body: RegistryEvent.Body, _ index: UInt64, _ actor: Actor, _ record: ArtifactRecord?
        ) throws -> ArtifactRecord {
            try ArtifactRecord.replaying(Sample.event(body, index: index, by: actor), onto: record)
        }
        let first = try replay(.acquired(try Sample.pushed()), 0, .principal(names[0]), nil)
        #expect(first.pushedBy == [names[0]])
        #expect(!first.mayAdd(names[0]) && first.mayAdd(names[1]))
        let both = try replay(.pushed, 1, .principal(names[1]), first)
        #expect(both.pushedBy == names)
        #expect(try replay(.pushed, 2, .principal(names[0]), both).pushedBy == names)
        #expect(throws: ReplayFault.notAPublisher) { try replay(.pushed, 2, .serviceToken, both) }
        #expect(try replay(.revoked(reason: nil), 2, .serviceToken, both).mayAdd(PrincipalName(parsing: "x")) == false)
        let deleted = try replay(.deleted(reason: nil), 2, .serviceToken, both)
        #expect(deleted.pushedBy.isEmpty && !deleted.mayAdd(names[0]))
        #expect(throws: ReplayFault.notAPublisher) { try replay(.pushed, 3, .principal(names[0]), deleted) }
        #expect(try replay(.acquired(try Sample.pushed()), 3, .principal(names[1]), deleted).pushedBy == [names[1]])
        // Nobody is a publisher of what the model API acquired, or of what the service token pushed.
        #expect(try replay(.acquired(try Sample.acquisition()), 0, .principal(names[0]), nil).pushedBy.isEmpty)
        #expect(try replay(.acquired(try Sample.pushed()), 0, .serviceToken, nil).pushedBy.isEmpty)
    }

    @Test("What was acquired by name stays deleted, and other bytes are no continuation")
    func notPushedAgain() throws {
        for (first, second) in [
            (try Sample.acquisition(), try Sample.acquisition()), (try Sample.pushed(), try Sample.pushed(8)),
            (try Sample.acquisition(), try Sample.pushed()),
        ] {
            var record = try ArtifactRecord.replaying(try Sample.event(.acquired(first), index: 0), onto: nil)
            record = try ArtifactRecord.replaying(try Sample.event(.deleted(reason: nil), index: 1), onto: record)
            #expect(throws: ReplayFault.illegalEdge(from: .deleted, to: .acquired)) {
                try ArtifactRecord.replaying(try Sample.event(.acquired(second), index: 2), onto: record)
            }
        }
    }

    @Test("A history begins with the acquisition", arguments: ArtifactState.allCases.filter { $0 != .acquired })
    func firstEvent(state: ArtifactState) throws {
        let event = try Sample.event(try Self.body(to: state))
        #expect(throws: ReplayFault.notAcquired) { try ArtifactRecord.replaying(event, onto: nil) }
    }

    @Test("Events of another version, another name or the registry do not continue a record")
    func otherSubject() throws {
        let record = try Self.record(in: .trusted)
        let revoked = RegistryEvent.Body.revoked(reason: nil)
        for event in [
            try Sample.event(revoked, index: 100, key: Sample.key(2)),
            try Sample.event(revoked, index: 100, name: Sample.name("other")),
            Sample.registryEvent(.policyActivated(version: "1", digest: try Sample.digest(2))),
            try Sample.repositoryEvent(.removed(version: try Sample.digest(1))),
            try Sample.event(.removed(version: try Sample.digest(1)), index: 100),
        ] {
            #expect(throws: ReplayFault.otherSubject) { try ArtifactRecord.replaying(event, onto: record) }
        }
    }

    @Test(
        "An event with an index that is not newer does not continue a record", arguments: 0...3 as ClosedRange<UInt64>)
    func outOfOrder(index: UInt64) throws {
        let record = try Self.record(in: .trusted)
        #expect(record.headIndex == 3)
        #expect(throws: ReplayFault.outOfOrder) {
            try ArtifactRecord.replaying(try Sample.event(.revoked(reason: nil), index: index), onto: record)
        }
    }

    @Test("A refusal changes no state, and is cited all the same")
    func refusal() throws {
        let before = try Self.record(in: .quarantined)
        let admittance = Admittance(
            policyVersion: "1", policyDigest: try Sample.digest(2), decision: try Sample.digest(7),
            claims: try Sample.digest(8))
        let after = try ArtifactRecord.replaying(
            try Sample.event(.refused(admittance, codes: ["x"]), index: 50), onto: before)
        #expect(after.state == .quarantined)
        #expect(after.stateSince == before.stateSince)
        #expect(after.admittance == admittance)
        #expect(after.evidenceCount == before.evidenceCount + 2)
    }

    @Test("The reason for a state is forgotten when the state is left")
    func reasons() throws {
        var record = try Self.record(in: .trusted)
        record = try ArtifactRecord.replaying(try Sample.event(.revoked(reason: "CVE"), index: 10), onto: record)
        #expect(record.reason == "CVE")
        record = try ArtifactRecord.replaying(try Sample.event(.quarantined(.promotion), index: 11), onto: record)
        #expect(record.reason == nil)
        let cause = QuarantineCause.integrity(file: "a", expected: try Sample.digest(1), found: "missing")
        record = try ArtifactRecord.replaying(
            try Sample.event(.promoted(try Sample.admittance()), index: 12), onto: record)
        record = try ArtifactRecord.replaying(try Sample.event(.quarantined(cause), index: 13), onto: record)
        #expect(record.reason?.contains("missing") == true)
    }

    @Test("The time of promotion stays when trust ends")
    func promotionTime() throws {
        let trusted = try Self.record(in: .trusted)
        let revoked = try ArtifactRecord.replaying(try Sample.event(.revoked(reason: nil), index: 9), onto: trusted)
        #expect(revoked.promotedAt == trusted.promotedAt)
        #expect(revoked.promotedAt != revoked.stateSince)
    }

    /// A record with head index 3 that stands in `state`.
    private static func record(in state: ArtifactState) throws -> ArtifactRecord {
        let path: [ArtifactState] =
            switch state {
            case .acquired: []
            case .quarantined: [.quarantined]
            case .trusted: [.quarantined, .trusted]
            case .revoked: [.revoked]
            case .deleted: [.deleted]
            }
        var record = try ArtifactRecord.replaying(try Sample.event(try body(to: .acquired), index: 0), onto: nil)
        for (offset, step) in path.enumerated() {
            let event = try Sample.event(try body(to: step), index: UInt64(3 - path.count + 1 + offset))
            record = try ArtifactRecord.replaying(event, onto: record)
        }
        return record
    }
}
