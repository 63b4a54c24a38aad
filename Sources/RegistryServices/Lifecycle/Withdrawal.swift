import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// What was withdrawn, and what was not.
public struct WithdrawnVersions: Sendable {
    /// Of the named artifact, as it is now.
    public var record: ArtifactRecord
    /// Whether the named artifact was withdrawn before.
    public var already: Bool
    /// The named artifact, and everything else that was withdrawn by this.
    public var names: [ArtifactName]
    /// What stays in use, and why.
    public var kept: [KeptVersion] = []
}

/// Takes trust away: revocation and deletion. Neither waits for anything but the log and the view.
///
/// An index is withdrawn with what it lists, as it is promoted with it, except for what another index or a tag still
/// has.
public struct Withdrawal: Sendable {
    /// Which of the two.
    public enum Kind: Sendable, Hashable {
        case revoke, delete

        var action: LifecycleAction { self == .revoke ? .revoke : .delete }
    }

    /// Most versions that are named because they share bytes with what was withdrawn.
    private static let sharingMax = 100

    private let ledger: Ledger
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let store: any MetadataReader
    private let viewKeeper: ViewKeeper
    private let reserve: any SpaceReserve

    public init(
        ledger: Ledger, directory: ArtifactDirectory, manifests: ArtifactManifests, store: any MetadataReader,
        viewKeeper: ViewKeeper, reserve: any SpaceReserve
    ) {
        self.ledger = ledger
        self.directory = directory
        self.manifests = manifests
        self.store = store
        self.viewKeeper = viewKeeper
        self.reserve = reserve
    }

    /// When this returns, no door serves the artifact and its view is gone.
    ///
    /// - Throws: `.artifactNotFound`; `.stateConflict` for revoking what was deleted; `.recordTampered`, with
    ///   `detail.view`, for a record that somebody edited.
    public func withdraw(
        _ name: ArtifactName, _ kind: Kind, reason: String?, _ caller: Caller
    ) async throws(RegistryError) -> WithdrawnVersions {
        let listed = try await ListedVersions(of: name, directory, manifests)
        let first = listed.parts.first ?? []
        var outcome = try await write(name, caller) { entry in
            let (record, already) = try Self.withdraw(try entry.record(named: name), kind, reason, &entry)
            let change = try entry.change(listed: first, kind.action, kind.event(reason))
            return WithdrawnVersions(
                record: record, already: already, names: [name] + change.names, kept: change.kept)
        }
        for part in listed.parts.dropFirst() {
            let change = try await write(name, caller) { entry in
                try entry.change(listed: part, kind.action, kind.event(reason))
            }
            outcome.names += change.names
            outcome.kept += change.kept
        }
        try await takeViewsAway(outcome.names)
        return outcome
    }

    /// Withdraws the content of an artifact under every name that it has, and a file also in every artifact that holds
    /// it: what is one file, whether it was acquired or pushed as the only layer of a manifest. The files of others are
    /// not looked for elsewhere, because many artifacts share a tokenizer or a licence; what is trusted and has one of
    /// them is named instead. What an index lists is withdrawn as if each of it had been named.
    ///
    /// - Throws: as `withdraw`; `.stateConflict` only when nothing else was withdrawn either.
    public func withdrawEverywhere(
        _ name: ArtifactName, _ kind: Kind, reason: String?, _ caller: Caller
    ) async throws(RegistryError) -> WithdrawnVersions {
        let (targets, shared) = try await targets(of: name)
        var outcome = try await write(name, caller) { entry in
            let record = try entry.record(named: name)
            guard targets.first?.key == record.key else {
                throw RegistryError(.concurrentChange, "\(name) was changed by another request.")
            }
            var names: [ArtifactName] = []
            for target in targets {
                guard let subject = target.key == record.key ? record : try entry.readable(target.key) else { continue }
                var walk = ContentWalk(subject.acquisition.content, file: target.onlyFile, in: record.key.tenant)
                while let page = try entry.next(&walk) {
                    for other in page where other.name != name {
                        guard case .moves = Lifecycle.outcome(of: kind.action, in: other.state) else { continue }
                        _ = try Self.withdraw(other, kind, reason, &entry)
                        names.append(other.name)
                    }
                }
            }
            if !names.isEmpty, case .refused = Lifecycle.outcome(of: kind.action, in: record.state) {
                return WithdrawnVersions(record: record, already: false, names: names)
            }
            let first = try Self.withdraw(record, kind, reason, &entry)
            return WithdrawnVersions(record: first.record, already: first.already, names: [name] + names)
        }
        try await takeViewsAway(outcome.names)
        outcome.kept = (try? await sharing(shared, in: outcome.record.key.tenant)) ?? []
        return outcome
    }

    /// A version whose bytes are bad.
    private struct Target: Sendable {
        var key: ArtifactKey
        var onlyFile: Digest?
    }

    /// The artifact and what it lists; and the files that they have and that are not looked for elsewhere.
    private func targets(
        of name: ArtifactName
    ) async throws(RegistryError) -> (targets: [Target], shared: [Digest]) {
        var keys: [ArtifactKey] = []
        do { keys = [try await directory.record(named: name).key] } catch {
            // The change says what is wrong with it.
            guard error.isDamage || error.code == .artifactNotFound else { throw error }
        }
        keys += try await ListedVersions(of: name, directory, manifests).keys
        var targets: [Target] = []
        var shared: [Digest] = []
        for key in keys {
            var target = Target(key: key)
            do {
                let contents = try await manifests.contents(of: key)
                target.onlyFile = contents.onlyFile
                if target.onlyFile == nil { shared += contents.payload.map(\.digest) }
            } catch { guard error.isDamage else { throw error } }
            targets.append(target)
        }
        return (targets, shared)
    }

    /// What is trusted and has one of these files.
    private func sharing(_ files: [Digest], in tenant: Tenant) async throws(RegistryError) -> [KeptVersion] {
        var kept: [KeptVersion] = []
        var seen: Set<ArtifactKey> = []
        let store = store
        for file in Set(files).subtracting([Descriptor.empty.digest]).sorted(by: { $0.description < $1.description }) {
            let users = try await throughStore { () async throws(StorageFault) in
                try await store.users(of: file, after: 0, limit: VersionPage.limitMax)
            }
            for user in users where user.key.tenant == tenant && seen.insert(user.key).inserted {
                guard let record = try? await directory.record(of: user.key), record.state == .trusted else { continue }
                kept.append(KeptVersion(name: record.name, reason: .bytes(file)))
                guard kept.count < Self.sharingMax else { return kept }
            }
        }
        return kept
    }

    private func takeViewsAway(_ names: [ArtifactName]) async throws(RegistryError) {
        var fault: RegistryError?
        for name in names {
            do { try await takeViewAway(name) } catch { fault = fault ?? error }
        }
        if let fault { throw fault }
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
        case .moves: return (try entry.append(kind.event(reason), to: record), false)
        }
    }
}

extension Withdrawal.Kind {
    fileprivate func event(_ reason: String?) -> RegistryEvent.Body {
        switch self {
        case .revoke: .revoked(reason: reason)
        case .delete: .deleted(reason: reason)
        }
    }
}
