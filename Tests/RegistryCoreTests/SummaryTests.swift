import Attestation
import OCI
import RegistryCore
import SignatureKeys
import StrictJSON
import Testing
import TransparencyLog

@Suite("Verification summaries")
struct SummaryTests {
    /// A registry that signs whatever it is told to.
    private struct Registry {
        let signer: NoteSigner
        let issuer: SummaryIssuer

        init(_ name: String = "registry.example/log", seed: UInt8 = 1) throws {
            let name = try #require(NoteKeyName(name))
            signer = try #require(NoteSigner(name: name, seed: [UInt8](repeating: seed, count: 32)))
            issuer = SummaryIssuer(
                origin: try #require(LogOrigin(name.description)), verifierID: nil, externalURL: nil)
        }

        func sign(_ payload: [UInt8], type: String = Envelope.inTotoType) throws -> [UInt8] {
            let draft = Envelope(payload: payload, payloadType: type, signatures: [])
            let bytes = try signer.sign(preAuthenticationEncoding: draft.preAuthenticationEncoding)
            return Envelope(
                payload: payload, payloadType: type,
                signatures: [Envelope.Signature(keyID: signer.verifier.hint, bytes: bytes)]
            ).json.encoded()
        }
    }

    private static let version = Digest.filled("a")
    private static let policy = Digest.filled("b")
    private static let time = "2026-11-22T10:00:00.000Z"

    private static func event(
        _ body: RegistryEvent.Body, at index: UInt64 = 7, version: Digest = version, minutes: Int64 = 0
    ) throws -> [UInt8] {
        let start = try #require(Timestamp(parsing: time))
        return try RegistryEvent(
            index: index, time: Timestamp(clamping: start.milliseconds + minutes * 60_000), actor: .serviceToken,
            requestID: nil,
            subject: .artifact(
                ArtifactKey(tenant: .default, version: version), name: try ArtifactName(parsing: "org/tiny")),
            body: body
        ).encoded()
    }

    private static func admittance(until: String? = nil) throws -> Admittance {
        Admittance(
            policyVersion: "1", policyDigest: policy, decision: .filled("c"), waivers: until == nil ? [] : [3],
            validUntil: try until.map { try #require(Timestamp(parsing: $0)) })
    }

    private static let trace: JSONValue = [
        "type": "policy-decision/v1", "outcome": "admitted",
        "facts": ["verdict": "clean", "verification": "unverified"],
    ]

    private static func statement(
        _ registry: Registry, _ body: RegistryEvent.Body? = nil, trace: JSONValue = trace
    ) throws -> [UInt8] {
        let leaf = try event(body ?? .promoted(admittance()))
        let summary = AdmissionSummary(
            of: LoggedDecision(origin: registry.issuer.origin, index: 7, leaf: leaf), trace: trace,
            files: [
                ArtifactFile(path: try RelativePath(parsing: "model.gguf"), digest: .filled("d"), sizeBytes: 4)
            ], by: registry.issuer)
        return try #require(summary).statement
    }

    private static func reason(_ body: () throws -> Void) -> SummaryReason? {
        do {
            try body()
            return nil
        } catch let refusal as SummaryRefusal {
            return refusal.reason
        } catch {
            Issue.record(error)
            return nil
        }
    }

    private static func opened(_ registry: Registry, _ payload: [UInt8]? = nil) throws -> VerifiedSummary {
        try VerifiedSummary(
            opening: try registry.sign(payload ?? statement(registry)), key: registry.signer.verifier)
    }

    @Test("A summary names manifest, files, policy, time and entry, and is believed by the key of its log")
    func good() throws {
        let registry = try Registry()
        let verified = try Self.opened(registry)
        #expect(verified.subjects.map(\.name) == ["org/tiny", "model.gguf"])
        #expect(verified.summary.timeVerified == Self.time)
        #expect(verified.summary.resourceURI == "https://registry.example/log/v1/model/org/tiny")
        #expect(verified.decision.index == 7)
        #expect(try verified.subject(.filled("d")).name == "model.gguf")
        #expect(Self.reason { _ = try verified.subject(.filled("e")) } == .subjectMismatch)
    }

    @Test("Nothing but a decision that admits makes a summary")
    func nothing() throws {
        let registry = try Registry()
        let decision = LoggedDecision(
            origin: registry.issuer.origin, index: 7,
            leaf: try Self.event(.refused(try Self.admittance(), codes: ["x"])))
        #expect(AdmissionSummary(of: decision, trace: Self.trace, files: [], by: registry.issuer) == nil)
        var refused = try #require(Self.trace.asObject)
        refused["outcome"] = "refused"
        let admitted = LoggedDecision(
            origin: registry.issuer.origin, index: 7, leaf: try Self.event(.promoted(try Self.admittance())))
        #expect(AdmissionSummary(of: admitted, trace: .object(refused), files: [], by: registry.issuer) == nil)
    }

    /// Changes what is stated before it is signed: what a registry would have to say to be refused.
    private struct Change: Sendable, CustomTestStringConvertible {
        let (from, to): (String, String)
        let reason: SummaryReason
        var testDescription: String { "\(from) → \(to)" }

        init(_ from: String, _ to: String, _ reason: SummaryReason) {
            (self.from, self.to, self.reason) = (from, to, reason)
        }
    }

    private static let changes: [Change] = [
        Change("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v2", .statementMalformed),
        Change("\"subject\":[", "\"subject\":[7,", .statementMalformed),
        Change(VerificationSummary.predicateType, "https://slsa.dev/provenance/v1", .predicateTypeMismatch),
        Change("\"resourceUri\"", "\"resourceURI\"", .summaryMalformed),
        Change("\"PASSED\"", "\"MAYBE\"", .summaryMalformed),
        Change("\"SLSA_BUILD_LEVEL_UNEVALUATED\"", "\"FAILED\"", .summaryMalformed),
        Change(
            "\"SLSA_BUILD_LEVEL_UNEVALUATED\"", "\"SLSA_BUILD_LEVEL_1\",\"SLSA_BUILD_LEVEL_3\"", .summaryMalformed),
        Change("\"PASSED\",\"verifiedLevels\":[", "\"FAILED\",\"verifiedLevels\":[\"FAILED\",", .resultFailed),
        Change("pratique:log-entry/v1", "pratique:log-entry/v2", .decisionMissing),
        Change("\"index\":7", "\"index\":-7", .decisionMissing),
        Change("\"leafHash\":\"", "\"leafHash\":\"A", .decisionMismatch),
        Change("\"origin\":\"registry", "\"origin\":\"registrx", .originMismatch),
        Change(String(repeating: "a", count: 64), String(repeating: "e", count: 64), .decisionMismatch),
        Change(String(repeating: "b", count: 64), String(repeating: "e", count: 64), .decisionMismatch),
        Change("10:00:00", "10:00:01", .decisionMismatch),
        Change("/v1/model/org/tiny", "/v1/model/org/tinx", .decisionMismatch),
    ]

    @Test("What does not agree with itself is refused, although the registry's key has signed it", arguments: changes)
    private func altered(_ change: Change) throws {
        let registry = try Registry()
        let text = String(decoding: try Self.statement(registry), as: UTF8.self)
        #expect(text.contains(change.from))
        let payload = Array(text.replacing(change.from, with: change.to, maxReplacements: 1).utf8)
        #expect(Self.reason { _ = try Self.opened(registry, payload) } == change.reason)
    }

    @Test("Keys, types and checkpoints of a log do not pass for one another")
    func confusion() throws {
        let (registry, other) = (try Registry(), try Registry(seed: 2))
        let statement = try Self.statement(registry)
        let key = registry.signer.verifier
        #expect(
            Self.reason { _ = try VerifiedSummary(opening: try other.sign(statement), key: key) } == .signatureInvalid)
        let otherType = try registry.sign(statement, type: "application/json")
        #expect(Self.reason { _ = try VerifiedSummary(opening: otherType, key: key) } == .payloadTypeMismatch)
        // Another signature of the key, over the payload alone.
        let note = try registry.signer.sign(String(decoding: statement, as: UTF8.self) + "\n")
        let envelope = Envelope(
            payload: statement, payloadType: Envelope.inTotoType,
            signatures: [Envelope.Signature(keyID: key.hint, bytes: note.signature)])
        #expect(
            Self.reason { _ = try VerifiedSummary(opening: envelope.json.encoded(), key: key) } == .signatureInvalid)
        #expect(throws: NoteFault.self) { _ = try registry.signer.sign("DSSEv1 28 application\n") }
        #expect(throws: NoteFault.self) {
            _ = try registry.signer.sign(preAuthenticationEncoding: Array("registry.example/log\n1\n".utf8))
        }
        for text in ["", "{}", "[]", "{\"payload\":\"\"}"] {
            #expect(
                Self.reason { _ = try VerifiedSummary(opening: Array(text.utf8), key: key) } == .envelopeMalformed)
        }
        // What nobody has signed is not carried along.
        var more = try #require(envelope.json.asObject)
        more["note"] = "trust me"
        #expect(
            Self.reason { _ = try VerifiedSummary(opening: JSONValue.object(more).encoded(), key: key) }
                == .envelopeMalformed)
    }

    @Test("What is asked for is compared, each for its own reason")
    func expectations() throws {
        let registry = try Registry()
        let verified = try Self.opened(registry)
        let now = try #require(Timestamp(parsing: "2026-11-22T11:00:00Z"))
        func reason(_ change: (inout SummaryExpectation) -> Void, now: Timestamp = now) -> SummaryReason? {
            var expectation = SummaryExpectation()
            change(&expectation)
            return Self.reason { try expectation.check(verified, now: now) }
        }
        #expect(
            reason {
                $0.verifierID = "https://registry.example/log"
                $0.resourceURI = "https://registry.example/log/v1/model/org/tiny"
                $0.policy = Self.policy
                $0.levels = ["PRATIQUE_INSPECTED_CLEAN", "SLSA_BUILD_LEVEL_UNEVALUATED"]
                $0.ageSecondsMax = 3_600
            } == nil)
        #expect(reason { $0.verifierID = "https://registry.example" } == .verifierMismatch)
        #expect(reason { $0.resourceURI = "https://registry.example/log" } == .resourceMismatch)
        #expect(reason { $0.policy = .filled("c") } == .policyMismatch)
        #expect(reason { $0.levels = ["SLSA_BUILD_LEVEL_1"] } == .levelMissing)
        #expect(reason { $0.levels = ["PRATIQUE_SIGNATURES_VERIFIED"] } == .levelMissing)
        #expect(reason { $0.ageSecondsMax = 3_599 } == .tooOld)
        #expect(reason { $0.ageSecondsMax = .max } == nil)
        // A part of a second counts.
        let later = Timestamp(clamping: now.milliseconds + 1)
        #expect(reason({ $0.ageSecondsMax = 3_600 }, now: later) == .tooOld)
        let past = try #require(Timestamp(parsing: "2026-11-22T09:54:59Z"))
        #expect(reason({ _ in }, now: past) == .timeInFuture)
    }

    @Test("An admission by waivers counts until the first of them ends")
    func waivers() throws {
        let registry = try Registry()
        let admittance = try Self.admittance(until: "2026-11-22T12:00:00Z")
        let verified = try Self.opened(registry, try Self.statement(registry, .promoted(admittance)))
        let before = try #require(Timestamp(parsing: "2026-11-22T11:59:59.999Z"))
        let after = try #require(Timestamp(parsing: "2026-11-22T12:00:00Z"))
        #expect(Self.reason { try SummaryExpectation().check(verified, now: before) } == nil)
        #expect(Self.reason { try SummaryExpectation().check(verified, now: after) } == .expired)
    }

    @Test("A higher level of a track of SLSA is a lower one, too, and none of another track")
    func levels() {
        let summary = VerificationSummary(
            verifierID: "x:y", timeVerified: nil, resourceURI: "x:y", policy: .init(uri: "x:y", digests: [:]),
            inputAttestations: [], result: .passed, verifiedLevels: ["SLSA_BUILD_LEVEL_2", "OWN"], slsaVersion: nil)
        for level in ["SLSA_BUILD_LEVEL_0", "SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_2", "OWN"] {
            #expect(summary.reaches(level))
        }
        for level in ["SLSA_BUILD_LEVEL_3", "SLSA_SOURCE_LEVEL_1", "SLSA_BUILD_LEVEL_UNEVALUATED", "OWN2", ""] {
            #expect(!summary.reaches(level))
        }
    }

    /// What may follow a decision, and what that makes of it.
    private struct Later: Sendable, CustomTestStringConvertible {
        let name: String
        let body: RegistryEvent.Body
        let reason: SummaryReason?
        var testDescription: String { name }
    }

    private static let later: [Later] = [
        Later(name: "quarantined", body: .quarantined(.requested(reason: nil)), reason: .withdrawnSince),
        Later(name: "waiver ended", body: .quarantined(.waiver(3)), reason: .withdrawnSince),
        Later(name: "revoked", body: .revoked(reason: nil), reason: .withdrawnSince),
        Later(name: "deleted", body: .deleted(reason: nil), reason: .withdrawnSince),
        Later(
            name: "refused",
            body: .refused(Admittance(policyVersion: "2", policyDigest: policy, decision: policy), codes: []),
            reason: .withdrawnSince),
        Later(
            name: "promoted", body: .promoted(Admittance(policyVersion: "2", policyDigest: policy, decision: policy)),
            reason: nil),
        Later(name: "attested", body: .attested(bundle: policy), reason: nil),
    ]

    @Test("What a log says after the decision ends it or does not, and about other artifacts nothing", arguments: later)
    private func laterEvents(_ later: Later) throws {
        let verified = try Self.opened(try Registry())
        for (version, expected) in [(Self.version, later.reason), (.filled("e"), nil)] {
            var standing = SummaryStanding(of: verified)
            standing.hear(Array("anything".utf8), at: 6)
            standing.hear(verified.decision.leaf, at: 7)
            standing.hear(try Self.event(later.body, at: 8, version: version, minutes: 5), at: 8)
            #expect(Self.reason { try standing.check(size: 9) } == expected)
            #expect(standing.newest == Timestamp(parsing: "2026-11-22T10:05:00Z"))
        }
    }

    @Test(
        "A log that ends before the decision, has another entry there or one that cannot be read, vouches for nothing")
    func logs() throws {
        let verified = try Self.opened(try Registry())
        #expect(Self.reason { try SummaryStanding(of: verified).check(size: 7) } == .logTooShort)
        #expect(Self.reason { try SummaryStanding(of: verified).check(size: 8) } == .notInLog)
        var other = SummaryStanding(of: verified)
        other.hear(try Self.event(.pushed), at: 7)
        #expect(Self.reason { try other.check(size: 8) } == .notInLog)
        for text in ["garbage", "{\"version\":\"\(Self.version)\",\"tenant\":\"default\",\"event\":\"later-kind\"}"] {
            var unknown = SummaryStanding(of: verified)
            unknown.hear(verified.decision.leaf, at: 7)
            unknown.hear(Array(text.utf8), at: 8)
            #expect(Self.reason { try unknown.check(size: 9) } == .logEntryUnknown)
            unknown.hear(try Self.event(.revoked(reason: nil), at: 9), at: 9)
            #expect(Self.reason { try unknown.check(size: 10) } == .withdrawnSince)
        }
    }
}

extension Digest {
    fileprivate static func filled(_ digit: Character) -> Digest {
        (try? Digest(parsing: "sha256:" + String(repeating: digit, count: 64)))!
    }
}
