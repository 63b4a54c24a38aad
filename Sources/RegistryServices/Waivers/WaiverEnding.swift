import OCI
public import RegistryCore
import RegistryPorts
import Synchronization

// How waivers end, and the list of those that did not.
extension WaiverRegister {
    /// Ends a waiver. What is trusted by it is in quarantine when this returns, and its view is gone.
    ///
    /// - Parameter mayWaive: whether the caller may answer for an artifact.
    /// - Returns: the waiver, and the version as it stood before.
    /// - Throws: `.waiverNotFound`, `.accessDenied`; `.internalError` when it ended and the view could not be taken
    ///   away yet.
    public func revoke(
        _ id: UInt64, reason: String?, _ caller: Caller, mayWaive: @Sendable (ArtifactName) -> Bool
    ) async throws(RegistryError) -> GrantedWaiver {
        let key = try await version(with: id)
        let record = try await directory.record(of: key)
        guard let waiver = record.waivers.first(where: { $0.id == id }) else { throw .noWaiver(id) }
        guard mayWaive(record.name) else {
            throw RegistryError(.accessDenied, "\(caller.actor) has no right of waive on \(record.name).")
        }
        _ = try await end([waiver.id], of: key, .revoked(reason: reason), caller)
        do { try await viewKeeper.follow(record.name) } catch {
            throw RegistryError(
                .internalError,
                "The waiver \(id) has ended, and the view of \(record.name) could not be taken away yet.",
                cause: error)
        }
        return GrantedWaiver(record: record, waiver: waiver)
    }

    /// Waivers that did not end, oldest version first, at most `limit` versions after the one with this number.
    ///
    /// - Returns: also the number with which the next page begins; `nil` on the last one. A version whose record
    ///   somebody edited is left out.
    public func list(
        after id: Int64, limit: Int
    ) async throws(RegistryError) -> (waivers: [GrantedWaiver], next: Int64?) {
        let page = try await throughStore { () async throws(StorageFault) in
            try await store.waivedRecords(after: id, limit: limit)
        }
        var waivers: [GrantedWaiver] = []
        for row in page {
            guard let key = row.record?.record.key, let record = try? await directory.record(of: key) else { continue }
            waivers += record.waivers.map { GrantedWaiver(record: record, waiver: $0) }
        }
        return (waivers, page.count == limit ? page.last?.id : nil)
    }

    /// Writes down that waivers' time is over, and ends what is trusted by them. Costs nothing while none is due.
    ///
    /// - Returns: the artifacts that went to quarantine.
    @discardableResult
    public func endExpired() async throws(RegistryError) -> [ArtifactName] {
        let due = nextEnd.withLock { $0 }
        guard let due, due <= ledger.now() else { return [] }
        var ended: [ArtifactName] = []
        var next: Timestamp?
        var after: Int64 = 0
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.waivedRecords(after: start, limit: VersionPage.limitMax)
            }
            for row in page {
                guard let key = row.record?.record.key, let record = try? await directory.record(of: key) else {
                    continue
                }
                if try await endExpired(of: record) { ended.append(record.name) }
                let ends = record.waivers.map(\.terms.expires).filter { $0 > ledger.now() }
                if let first = ends.min() { next = min(next ?? first, first) }
            }
            guard page.count == VersionPage.limitMax, let last = page.last else { break }
            after = last.id
        }
        // What was granted meanwhile may end before all that was seen.
        nextEnd.withLock { now in now = now == due ? next : [now, next].compactMap(\.self).min() }
        return ended
    }

    /// - Returns: whether it went to quarantine.
    private func endExpired(of record: ArtifactRecord) async throws(RegistryError) -> Bool {
        let now = ledger.now()
        let due = record.waivers.filter { !$0.counts(at: now) }.map(\.id)
        guard !due.isEmpty else { return false }
        let after = try await end(due, of: record.key, .expired, .registry(.waivers))
        guard record.state == .trusted, after.state != .trusted else { return false }
        // Where it does not go now, its pending row has it taken away later.
        try? await viewKeeper.follow(record.name)
        return true
    }

    /// - Throws: `.waiverNotFound` when another request ended it.
    private func end(
        _ ids: [UInt64], of key: ArtifactKey, _ end: WaiverEnd, _ caller: Caller
    ) async throws(RegistryError) -> ArtifactRecord {
        let body: @Sendable (inout LedgerEntry) throws -> ArtifactRecord = { entry in
            guard var record = try entry.recordIfAny(key) else { throw RegistryError.noWaiver(ids.first ?? 0) }
            for id in ids {
                guard record.waivers.contains(where: { $0.id == id }) else {
                    guard case .expired = end else { throw RegistryError.noWaiver(id) }
                    continue
                }
                if record.state == .trusted, record.admittance?.waivers.contains(id) == true {
                    record = try entry.append(.quarantined(.waiver(id)), to: record)
                }
                record = try entry.append(.waiverEnded(id, end), to: record)
            }
            return record
        }
        return try await reserve.whileTakingTrust { () async throws(RegistryError) in
            try await ledger.write(caller, body)
        }
    }

    /// The version that a waiver was granted for.
    private func version(with id: UInt64) async throws(RegistryError) -> ArtifactKey {
        let entry = try await throughStore { () async throws(StorageFault) in
            try await store.entries(from: id, limit: 1).first
        }
        guard let entry, entry.index == id, let key = entry.key,
            case .waived = (try? RegistryEvent(decoding: entry.bytes, index: id))?.body
        else { throw .noWaiver(id) }
        return key
    }
}

extension RegistryError {
    static func noWaiver(_ id: UInt64) -> RegistryError {
        RegistryError(.waiverNotFound, "There is no waiver \(id), or it has ended.")
    }
}
