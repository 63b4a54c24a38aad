import OCI
import RegistryCore
import Testing

@Suite("Waivers")
struct WaiverTests {
    private static func policy(_ sections: String) throws -> Policy {
        try Policy(
            parsing: Array("pratique: policy/v1\nname: n\nversion: \"1\"\nformats: { gguf: allow }\n\(sections)".utf8))
    }

    private static func terms(
        _ rule: String = "file.polyglot", file: Digest? = nil, member: String? = nil,
        expires: Timestamp = Timestamp(clamping: 5_000)
    ) -> WaiverTerms {
        WaiverTerms(rule: rule, file: file, member: member, reason: "r", expires: expires)
    }

    private static func replay(_ bodies: RegistryEvent.Body...) throws -> ArtifactRecord {
        var record: ArtifactRecord?
        for (index, body) in bodies.enumerated() {
            record = try ArtifactRecord.replaying(try Sample.event(body, index: UInt64(index)), onto: record)
        }
        return try #require(record)
    }

    @Test("A waiver covers one rule, in the file and at the place that it names")
    func covers() throws {
        let (file, other) = (try Sample.digest(1), try Sample.digest(2))
        #expect(Self.terms().covers(rule: "file.polyglot", in: file, at: nil))
        #expect(Self.terms().covers(rule: "file.polyglot", in: other, at: "a"))
        #expect(!Self.terms().covers(rule: "file.polyglots", in: file, at: nil))
        #expect(Self.terms(file: file).covers(rule: "file.polyglot", in: file, at: "a"))
        #expect(!Self.terms(file: file).covers(rule: "file.polyglot", in: other, at: "a"))
        #expect(Self.terms(member: "a").covers(rule: "file.polyglot", in: file, at: "a"))
        #expect(!Self.terms(member: "a").covers(rule: "file.polyglot", in: file, at: nil))
        #expect(!Self.terms(member: "a").covers(rule: "file.polyglot", in: file, at: "ab"))
    }

    @Test("A waiver counts until its end, and not at it")
    func end() {
        let waiver = Waiver(id: 1, terms: Self.terms(), grantedBy: .console, grantedAt: Timestamp(clamping: 0))
        #expect(waiver.counts(at: Timestamp(clamping: 4_999)))
        #expect(!waiver.counts(at: Timestamp(clamping: 5_000)))
    }

    @Test("A policy that says nothing of waivers allows none")
    func none() throws {
        let policy = try Self.policy("")
        for verdict in ["review", "undecided", "block"] {
            #expect(!policy.waivers.allows(rule: "file.polyglot", verdict: verdict))
        }
    }

    @Test("A policy allows waivers by verdict and by rule; what is blocked by rule alone, a failed attempt never")
    func rules() throws {
        let rules = try Self.policy(
            "waivers: { verdicts: [review], rules: [file.polyglot], except: [text.script], days_max: 30 }"
        ).waivers
        #expect(rules.allows(rule: "gguf.gap", verdict: "review"))
        #expect(!rules.allows(rule: "text.script", verdict: "review"))
        #expect(rules.allows(rule: "file.polyglot", verdict: "block"))
        #expect(!rules.allows(rule: "gguf.malformed", verdict: "block"))
        #expect(!rules.allows(rule: "file.limit", verdict: "undecided"))
        #expect(rules.daysMax == 30)
        let lax = try Self.policy("waivers: { verdicts: [review, undecided], days_max: 1 }").waivers
        #expect(lax.allows(rule: "file.limit", verdict: "undecided"))
        #expect(!lax.allows(rule: "inspection.timed-out", verdict: "undecided"))
        #expect(!lax.allows(rule: "report.truncated", verdict: "undecided"))
    }

    @Test("Granting and ending leave what is in force, and deletion leaves nothing")
    func replayed() throws {
        let start = try Sample.acquisition()
        var record = try Self.replay(
            .acquired(start), .waived(Self.terms()), .waived(Self.terms("gguf.gap")), .waiverEnded(1, .expired))
        #expect(record.waivers.map(\.id) == [2])
        #expect(record.waivers.first?.grantedBy == .serviceToken)
        #expect(record.waivers.first?.terms.rule == "gguf.gap")
        record = try Self.replay(.acquired(start), .waived(Self.terms()), .deleted(reason: nil))
        #expect(record.waivers.isEmpty)
        #expect(throws: ReplayFault.illegalWaiver) {
            try Self.replay(.acquired(start), .deleted(reason: nil), .waived(Self.terms()))
        }
        #expect(throws: ReplayFault.illegalWaiver) { try Self.replay(.acquired(start), .waiverEnded(0, .expired)) }
    }

    @Test("A version has a bounded number of waivers")
    func count() throws {
        var record = try Self.replay(.acquired(try Sample.acquisition()))
        for index in 1...UInt64(Waiver.countMax) {
            record = try ArtifactRecord.replaying(try Sample.event(.waived(Self.terms()), index: index), onto: record)
        }
        #expect(throws: ReplayFault.illegalWaiver) {
            try ArtifactRecord.replaying(try Sample.event(.waived(Self.terms()), index: 100), onto: record)
        }
    }

    @Test("Trust rests on waivers that there are, until the first of them ends")
    func admittance() throws {
        let start: [RegistryEvent.Body] = [
            .acquired(try Sample.acquisition()), .waived(Self.terms(expires: Timestamp(clamping: 5_000))),
            .waived(Self.terms("gguf.gap", expires: Timestamp(clamping: 4_000))), .quarantined(.promotion),
        ]
        func promoted(_ ids: [UInt64], _ until: Int64?) throws -> ArtifactRecord {
            var record: ArtifactRecord?
            let admittance = Admittance(
                policyVersion: "1", policyDigest: try Sample.digest(2), decision: try Sample.digest(3), waivers: ids,
                validUntil: until.map { Timestamp(clamping: $0) })
            for (index, body) in (start + [.promoted(admittance)]).enumerated() {
                record = try ArtifactRecord.replaying(try Sample.event(body, index: UInt64(index)), onto: record)
            }
            return try #require(record)
        }
        let record = try promoted([1, 2], 4_000)
        #expect(record.isTrusted(at: Timestamp(clamping: 3_999)))
        #expect(!record.isTrusted(at: Timestamp(clamping: 4_000)))
        #expect(try promoted([], nil).isTrusted(at: .latest))
        let wrong: [([UInt64], Int64?)] = [
            ([1, 2], 5_000), ([1, 2], nil), ([1, 7], 4_000), ([2, 1], 4_000), ([], 9),
        ]
        for (ids, until) in wrong {
            #expect(throws: ReplayFault.notWaived) { try promoted(ids, until) }
        }
        // What trust rests on ends with the trust, in this order.
        let ended = try Sample.event(.waiverEnded(2, .expired), index: 20)
        #expect(throws: ReplayFault.illegalWaiver) { try ArtifactRecord.replaying(ended, onto: record) }
        let put = try ArtifactRecord.replaying(try Sample.event(.quarantined(.waiver(2)), index: 19), onto: record)
        #expect(put.reason?.contains("waiver 2") == true)
        #expect(try ArtifactRecord.replaying(ended, onto: put).waivers.map(\.id) == [1])
    }

    @Test("What a later look found stays with the trust that it is about, and changes no state")
    func recheck() throws {
        let trusted: [RegistryEvent.Body] = [
            .acquired(try Sample.acquisition()), .quarantined(.promotion), .promoted(try Sample.admittance()),
        ]
        var record: ArtifactRecord?
        for (index, body) in (trusted + [.recheckFailed(try Sample.recheck())]).enumerated() {
            record = try ArtifactRecord.replaying(try Sample.event(body, index: UInt64(index)), onto: record)
        }
        #expect(record?.state == .trusted)
        #expect(record?.recheck == (try Sample.recheck()))
        for body in [RegistryEvent.Body.promoted(try Sample.admittance()), .quarantined(.promotion)] {
            let next = try ArtifactRecord.replaying(try Sample.event(body, index: 9), onto: record)
            #expect(next.recheck == nil)
        }
        #expect(throws: ReplayFault.notTrusted) {
            try Self.replay(.acquired(try Sample.acquisition()), .recheckFailed(try Sample.recheck()))
        }
    }
}
