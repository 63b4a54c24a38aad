public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Takes trust away: revocation and deletion. Neither waits for anything but the log and the view.
public struct Withdrawal: Sendable {
    /// Which of the two.
    public enum Kind: Sendable, Hashable {
        case revoke, delete

        fileprivate var action: LifecycleAction { self == .revoke ? .revoke : .delete }
    }

    private let ledger: Ledger
    private let viewKeeper: ViewKeeper
    private let reserve: any SpaceReserve

    public init(ledger: Ledger, viewKeeper: ViewKeeper, reserve: any SpaceReserve) {
        self.ledger = ledger
        self.viewKeeper = viewKeeper
        self.reserve = reserve
    }

    /// When this returns, no door serves the artifact and its view is gone.
    ///
    /// - Returns: whether the named artifact was withdrawn before.
    /// - Throws: `.artifactNotFound`; `.stateConflict` for revoking what was deleted; `.recordTampered`, with
    ///   `detail.view`, for a record that somebody edited.
    public func withdraw(
        _ name: ArtifactName, _ kind: Kind, reason: String?, _ caller: Caller
    ) async throws(RegistryError) -> (record: ArtifactRecord, already: Bool) {
        let outcome = try await write(name, caller) { entry in
            try Self.withdraw(try entry.record(named: name), kind, reason, &entry)
        }
        try await takeViewAway(name)
        return outcome
    }

    /// Withdraws the content of an artifact under every name that it has, and a file also in every directory that holds
    /// it. The files of a directory are not looked for elsewhere: many artifacts share a tokenizer or a licence.
    ///
    /// - Returns: as `withdraw`, and all names in question.
    /// - Throws: as `withdraw`; `.stateConflict` only when nothing else was withdrawn either.
    public func withdrawEverywhere(
        _ name: ArtifactName, _ kind: Kind, reason: String?, _ caller: Caller
    ) async throws(RegistryError) -> (record: ArtifactRecord, already: Bool, names: [ArtifactName]) {
        let outcome = try await write(name, caller) { entry in
            let record = try entry.record(named: name)
            var names: [ArtifactName] = []
            var walk = ContentWalk(record.acquisition.content, in: record.key.tenant)
            while let page = try entry.next(&walk) {
                for other in page where other.name != name {
                    guard case .moves = Lifecycle.outcome(of: kind.action, in: other.state) else { continue }
                    _ = try Self.withdraw(other, kind, reason, &entry)
                    names.append(other.name)
                }
            }
            if !names.isEmpty, case .refused = Lifecycle.outcome(of: kind.action, in: record.state) {
                return (record: record, already: false, names: names)
            }
            let first = try Self.withdraw(record, kind, reason, &entry)
            return (record: first.record, already: first.already, names: [name] + names)
        }
        var fault: RegistryError?
        for name in outcome.names {
            do { try await takeViewAway(name) } catch { fault = fault ?? error }
        }
        if let fault { throw fault }
        return outcome
    }

    /// Writes, on a full disk with the room that was kept for this.
    private func write<T: Sendable>(
        _ name: ArtifactName, _ caller: Caller, _ body: @escaping @Sendable (inout LedgerEntry) throws -> T
    ) async throws(RegistryError) -> T {
        do {
            return try await ledger.write(caller, body)
        } catch {
            if error.isDamage { throw await withdrawUnread(name, error) }
            guard error.code == .storageFull, await reserve.release() else { throw error }
            return try await ledger.write(caller, body)
        }
    }

    /// Somebody edited the record, so that nobody can tell what would be withdrawn. No door serves it, and its view
    /// goes at least.
    ///
    /// - Returns: the error for whoever asked.
    private func withdrawUnread(_ name: ArtifactName, _ error: RegistryError) async -> RegistryError {
        var isGone = true
        do { try await viewKeeper.followAnew(name) } catch { isGone = error.isDamage }
        let view = isGone ? "its view is gone" : "its view could not be taken away yet"
        let advice = "Nothing is served under the name, and \(view). Run `pratique rebuild-index`, then repeat."
        return RegistryError(
            error.code, "\(error.message) Nothing was written. \(advice)",
            detail: ["view": .string(isGone ? "gone" : "pending")], cause: error)
    }

    /// - Throws: `.internalError`, because the change stands: an error that promises that nothing was changed would be
    ///   a lie. Nothing hands the view's path out any more, and its pending row has it taken away later.
    private func takeViewAway(_ name: ArtifactName) async throws(RegistryError) {
        do {
            do {
                try await viewKeeper.follow(name)
            } catch {
                guard error.code == .storageFull, await reserve.release() else { throw error }
                try await viewKeeper.follow(name)
            }
        } catch {
            throw RegistryError(
                .internalError, "\(name) is withdrawn, and its view could not be taken away yet.", cause: error)
        }
    }

    private static func withdraw(
        _ record: ArtifactRecord, _ kind: Kind, _ reason: String?, _ entry: inout LedgerEntry
    ) throws -> (record: ArtifactRecord, already: Bool) {
        switch Lifecycle.outcome(of: kind.action, in: record.state) {
        case .alreadyDone: return (record, true)
        case .refused: throw RegistryError.notAllowed(kind.action, record)
        case .moves:
            switch kind {
            case .revoke: return (try entry.append(.revoked(reason: reason), to: record), false)
            case .delete: return (try entry.append(.deleted(reason: reason), to: record), false)
            }
        }
    }
}
