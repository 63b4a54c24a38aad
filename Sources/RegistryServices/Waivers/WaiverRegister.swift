import Inspection
import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON
import Synchronization

/// Grants waivers, lists them and ends them.
///
/// A waiver is a part of its version's record: it is written by an event of the version, sealed with the record and
/// made anew from the log. Trust that rests on it ends with it, in the same transaction; once its time is over the gate
/// refuses without waiting for that transaction.
public final class WaiverRegister: Sendable {
    /// Most versions that get a waiver at once.
    public static let versionsMax = 1_000

    let store: any MetadataReader
    let directory: ArtifactDirectory
    let ledger: Ledger
    let viewKeeper: ViewKeeper
    let reserve: any SpaceReserve
    private let policies: PolicyBook
    /// When the next waiver ends; `nil` when none does, and before anybody looked.
    let nextEnd = Mutex<Timestamp?>(.earliest)

    public init(
        store: any MetadataReader, directory: ArtifactDirectory, ledger: Ledger, viewKeeper: ViewKeeper,
        reserve: any SpaceReserve, policies: PolicyBook
    ) {
        self.store = store
        self.directory = directory
        self.ledger = ledger
        self.viewKeeper = viewKeeper
        self.reserve = reserve
        self.policies = policies
    }

    /// Grants a waiver to every version that the order means. Nothing is promoted by that.
    ///
    /// - Parameter mayWaive: whether the caller may answer for an artifact.
    /// - Returns: one for each version, in the order of names.
    /// - Throws: `.artifactNotFound` when the digest means nothing that is kept here; `.accessDenied` when it does, and
    ///   nothing that the caller may answer for; `.invalidField`; `.waiverNotAllowed`; `.stateConflict` when a version
    ///   has as many waivers as it can, or there are too many versions.
    public func grant(
        _ order: WaiverOrder, _ caller: Caller, mayWaive: @Sendable (ArtifactName) -> Bool
    ) async throws(RegistryError) -> [GrantedWaiver] {
        let expires = try check(order)
        let subjects = try await subjects(of: order)
        guard !subjects.isEmpty else {
            throw RegistryError(.artifactNotFound, "Nothing that is kept here has the digest \(order.digest).")
        }
        let allowed = subjects.filter { mayWaive($0.record.name) }
        guard !allowed.isEmpty else {
            throw RegistryError(.accessDenied, "\(caller.actor) has no right of waive on \(subjects[0].record.name).")
        }
        let granted = try await ledger.write(caller) { entry in
            try allowed.map { subject in
                guard let record = try entry.recordIfAny(subject.record.key), record.state.keepsBytes else {
                    throw RegistryError(.concurrentChange, "\(subject.record.name) was deleted by another request.")
                }
                guard record.waivers.count < Waiver.countMax else { throw RegistryError.tooManyWaivers(record) }
                let terms = order.terms(file: subject.file, expires: expires)
                let next = try entry.append(.waived(terms), to: record)
                let waiver = Waiver(
                    id: next.headIndex, terms: terms, grantedBy: entry.caller.actor, grantedAt: entry.time)
                return GrantedWaiver(record: next, waiver: waiver)
            }
        }
        nextEnd.withLock { $0 = min($0 ?? expires, expires) }
        return granted.sorted { $0.record.name < $1.record.name }
    }

    /// - Returns: when it ends.
    private func check(_ order: WaiverOrder) throws(RegistryError) -> Timestamp {
        guard let rule = RuleID(rawValue: order.rule) else {
            throw RegistryError(
                .invalidField, "There is no rule \(order.rule.prefix(64)).", detail: ["field": "rule"])
        }
        let rules = policies.current.waivers
        let verdict = RuleCatalogue.rule(rule).verdict.rawValue
        guard rules.allows(rule: rule.rawValue, verdict: verdict) else {
            throw .notWaivable(
                "The policy lets nobody waive \(rule.rawValue), whose verdict is \(verdict).", policies.current)
        }
        let now = ledger.now()
        let expires = order.end.time(from: now)
        guard expires > now else {
            throw RegistryError(.invalidField, "The waiver would have expired already.", detail: ["field": "expires"])
        }
        let milliseconds = Int64(rules.daysMax) * 86_400_000
        guard expires.milliseconds - now.milliseconds <= milliseconds else {
            throw .notWaivable("The policy lets waivers last \(rules.daysMax) days at most.", policies.current)
        }
        return expires
    }

    private struct Subject: Sendable {
        var record: ArtifactRecord
        /// Set where a file was meant, and not the version.
        var file: Digest?
    }

    private func subjects(of order: WaiverOrder) async throws(RegistryError) -> [Subject] {
        var found: [ArtifactKey: Subject] = [:]
        let version = ArtifactKey(tenant: .default, version: order.digest)
        if let record = try await record(of: version) { found[version] = Subject(record: record) }
        var walk = BlobUserWalk(store, of: order.digest)
        while let users = try await throughStore({ () async throws(StorageFault) in try await walk.next() }) {
            for key in users where found[key] == nil {
                guard let record = try await record(of: key), order.names?.matches(record.name) ?? true else {
                    continue
                }
                found[key] = Subject(record: record, file: order.digest)
                guard found.count <= Self.versionsMax else {
                    throw RegistryError(
                        .stateConflict, "More than \(Self.versionsMax) versions hold this file: name which are meant.")
                }
            }
        }
        return found.values.filter { order.names?.matches($0.record.name) ?? true }
            .sorted { $0.record.name < $1.record.name }
    }

    /// - Returns: `nil` for what is not kept, or not kept any more.
    private func record(of key: ArtifactKey) async throws(RegistryError) -> ArtifactRecord? {
        do {
            let record = try await directory.record(of: key)
            return record.state.keepsBytes ? record : nil
        } catch {
            guard error.code == .artifactNotFound else { throw error }
            return nil
        }
    }
}

extension RegistryError {
    static func notWaivable(_ sentence: String, _ policy: Policy) -> RegistryError {
        let rules = policy.waivers
        var reasons = ["Findings that may be waived have the verdict \(rules.verdicts.joined(separator: " or "))."]
        if rules.verdicts.isEmpty { reasons = ["No verdict may be waived as such."] }
        if !rules.rules.isEmpty { reasons.append("By name: \(rules.rules.joined(separator: ", ")).") }
        if !rules.except.isEmpty { reasons.append("Never: \(rules.except.joined(separator: ", ")).") }
        return RegistryError(
            .waiverNotAllowed, sentence,
            detail: [
                "reasons": .array(reasons.map { .string($0) }), "days_max": .integer(rules.daysMax),
                "policy": .string("\(policy.name) \(policy.version)"),
            ])
    }

    static func tooManyWaivers(_ record: ArtifactRecord) -> RegistryError {
        RegistryError(.stateConflict, "\(record.name) has \(Waiver.countMax) waivers, as many as it can have.")
    }
}
