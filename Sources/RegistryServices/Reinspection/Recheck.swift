public import OCI
import RegistryCore
import RegistryPorts
import StrictJSON

/// What a look at something trusted came to.
enum RecheckOutcome: Sendable, Hashable {
    /// Somebody else changed it, or looked at it already.
    case passedOver
    /// It has a new decision that admits it.
    case admitted
    /// It is not admitted any more; the rules of the policy that denied.
    case refused(codes: [String], isQuarantined: Bool)
    /// Nothing can be said now: the inspection came to no result. Nothing was changed.
    case unresolved
}

extension Promotion {
    /// Decides about something trusted anew, by what is in force.
    ///
    /// What is admitted is promoted again, so that its decision names the present rules and policy. What is not stays
    /// trusted by the decision before, and the log says so; or it goes to quarantine, where the policy wants that. An
    /// attempt that came to no result changes nothing: it says nothing about the bytes.
    ///
    /// - Throws: `.integrityFailed`, after which it is in quarantine anyway; storage faults, after which nothing
    ///   changed.
    func recheck(_ name: ArtifactName) async throws(RegistryError) -> RecheckOutcome {
        let outcome = try await turns.take(name) { () async throws(RegistryError) in
            let record = try await directory.record(named: name)
            let standard = try await assessor.standard()
            guard record.state == .trusted, record.isOutdated(by: standard) else { return RecheckOutcome.passedOver }
            let claims = try await claims(of: record)
            let assessment = try await assessor.assess(record)
            guard !assessment.isAboutAttempt else { return .unresolved }
            return try await write(assessment, claims, record)
        }
        if case .refused(_, isQuarantined: true) = outcome { try? await viewKeeper.follow(name) }
        return outcome
    }

    private func write(
        _ assessment: Assessment, _ claims: JSONValue?, _ record: ArtifactRecord
    ) async throws(RegistryError) -> RecheckOutcome {
        let action = assessor.policy.onRecheckFailure
        return try await ledger.write(.registry(.reinspection)) { entry in
            try entry.put(assessment.unwritten)
            let now = try entry.record(named: record.name)
            guard now.isJudged(as: record) else { return .passedOver }
            let decision = assessment.decision
            if decision.outcome == .admitted {
                let recording = PromotionRecording(
                    assessment: assessment, claims: claims, bootLock: record.admittance?.bootLock)
                _ = try recording.write(to: &entry, now)
                return .admitted
            }
            guard action == .report else {
                var next = try entry.append(.quarantined(.recheck(codes: decision.codes)), to: now)
                next = try PromotionRecording(assessment: assessment, claims: claims).write(to: &entry, next)
                return .refused(codes: decision.codes, isQuarantined: next.state != .trusted)
            }
            let next = try entry.record(assessment, now)
            let document = decision.json.encoded()
            let digest = try Digest(hashing: document)
            try entry.put(evidence: document, kind: .decision, digest: digest, of: now.key)
            let recheck = Recheck(
                rules: try assessment.outcome.rules, policyVersion: decision.policyVersion,
                policyDigest: decision.policyDigest, decision: digest, outcome: decision.outcome.rawValue,
                codes: decision.codes)
            try entry.append(.recheckFailed(recheck), to: next)
            return .refused(codes: decision.codes, isQuarantined: false)
        }
    }

    /// What the caller of the promote before said: another decision keeps it as it was.
    private func claims(of record: ArtifactRecord) async throws(RegistryError) -> JSONValue? {
        guard let digest = record.admittance?.claims, let bytes = try await manifests.claim(digest) else { return nil }
        return try? StrictJSON.parse(
            bytes, limits: JSONLimits(bytesMax: 4 << 20, nodesMax: 1 << 18, stringBytesMax: 1 << 20))
    }
}

/// What decisions are made by: another one of these makes them outdated.
public struct DecisionStandard: Sendable, Hashable {
    /// The version of the inspection's rules, and of whatever else looks into files; and the trusted root, where the
    /// policy asks for signatures.
    public var rules: String
    public var policy: Digest

    public init(rules: String, policy: Digest) {
        self.rules = rules
        self.policy = policy
    }
}

extension ArtifactRecord {
    /// Whether the decision that it stands on was made by something else than what is in force, and nobody has looked
    /// at it since.
    func isOutdated(by standard: DecisionStandard) -> Bool {
        if let recheck { return recheck.rules != standard.rules || recheck.policyDigest != standard.policy }
        return inspection?.rules != standard.rules || admittance?.policyDigest != standard.policy
    }
}

extension Assessment {
    /// Whether an attempt failed, so that another one may come to something else.
    var isAboutAttempt: Bool {
        // What could not be verified was not found to be bad.
        if decision.outcome == .undecided, decision.facts[.verification] == .text("undecided") { return true }
        guard case .set(let rules) = decision.facts[.findings] else { return true }
        return rules.contains(where: WaiverRules.isAboutAttempt)
    }
}
