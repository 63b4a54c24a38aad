public import OCI
public import RegistryCore
import RegistryPorts
import StrictJSON

/// Takes tags and manifests out of repositories. Their bytes go when nothing uses them any more.
public struct ManifestRemoval: Sendable {
    /// Tags that go in one transaction: whoever waits for the log waits for no more than these.
    private static let tagsAtOnce = 500

    private let references: References
    private let ledger: Ledger
    private let rules: TagRules
    private let quotas: RepositoryQuotas
    private let viewKeeper: ViewKeeper
    private let latelyPut: LatelyPut
    private let received: ReceivedBlobs

    init(
        references: References, ledger: Ledger, rules: TagRules, quotas: RepositoryQuotas, viewKeeper: ViewKeeper,
        latelyPut: LatelyPut, received: ReceivedBlobs
    ) {
        self.latelyPut = latelyPut
        self.received = received
        self.references = references
        self.ledger = ledger
        self.rules = rules
        self.quotas = quotas
        self.viewKeeper = viewKeeper
    }

    /// Removes a tag, and nothing else: what it pointed at stays, and can be had by its digest.
    ///
    /// - Throws: `.artifactNotFound`, `.manifestNotFound`, `.tagImmutable`; `.stateConflict` for the tag that an
    ///   artifact of the model API has without anybody having pushed it.
    public func remove(_ tag: Tag, from repository: RepositoryKey, _ caller: Caller) async throws(RegistryError) {
        let rules = rules
        let isGone = try await ledger.write(caller) { entry in
            guard let version = try entry.version(of: tag, in: repository) else { return false }
            try rules.requireMovable(tag, to: nil, in: repository, entry)
            try entry.untag(tag, pointingAt: version, in: repository)
            return true
        }
        guard !isGone else { return }
        _ = try await references.record(of: .tag(tag), in: repository)
        throw .ofModelAPI(repository)
    }

    /// Removes a manifest with its tags. When no other repository holds it, its version is deleted; a push brings it
    /// back, and trust it has to earn anew.
    ///
    /// - Throws: `.artifactNotFound`, `.manifestNotFound`, `.tagImmutable`; `.stateConflict` for the version of an
    ///   artifact of the model API.
    public func remove(
        _ version: Digest, from repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) {
        while true {
            switch try await step(version, repository, caller) {
            case .tagsLeft: continue
            case .done(let name):
                await quotas.forget(repository)
                // The view of what was deleted is gone when this returns.
                if let name { try await viewKeeper.follow(name) }
                return
            case .notHeld:
                _ = try await references.record(of: .digest(version), in: repository)
                throw .ofModelAPI(repository)
            }
        }
    }

    private enum Step: Sendable {
        case notHeld, tagsLeft
        /// With the name of a version that was deleted by that.
        case done(ArtifactName?)
    }

    private func step(
        _ version: Digest, _ repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) -> Step {
        let rules = rules
        return try await ledger.write(caller) { entry in
            guard try entry.holds(version, repository) else { return .notHeld }
            let tags = try entry.tags(of: version, in: repository, limit: Self.tagsAtOnce)
            for tag in tags {
                try rules.requireMovable(tag, to: nil, in: repository, entry)
                try entry.untag(tag, pointingAt: version, in: repository)
            }
            guard tags.count < Self.tagsAtOnce else { return .tagsLeft }
            return .done(try entry.takeOut(version, of: repository))
        }
    }

    /// Whether somebody put a manifest there a moment ago, or may have, so that it stays.
    func wasPutLately(_ version: Digest, in repository: RepositoryKey, at time: Timestamp) -> Bool {
        latelyPut.has(version, in: repository, at: time)
    }

    /// Removes a manifest as `remove` does, if nothing in the repository leads to it and it is `acquired`.
    ///
    /// Whoever pushes may have been told that its blobs are there, and will name them: they wait as if they had been
    /// received now.
    ///
    /// - Parameters:
    ///   - document: what it says.
    ///   - limit: it stays if it was acquired since.
    /// - Returns: how many bytes the blobs have that no manifest of the repository names any more; `nil` if it stays.
    func removeUnreached(
        _ version: Digest, _ document: ManifestDocument, from repository: RepositoryKey, since limit: Timestamp
    ) async throws(RegistryError) -> UInt64? {
        let latelyPut = latelyPut
        let blobs = Dictionary(document.blobs.map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
        let freed: UInt64? = try await ledger.write(.registry(.sweep)) { entry in
            let key = ArtifactKey(tenant: repository.tenant, version: version)
            guard try entry.holds(version, repository), let record = try entry.recordIfAny(key),
                record.state == .acquired, record.acquisition.content.layout == .manifest,
                record.acquiredAt < limit, record.stateSince < limit,
                !latelyPut.has(version, in: repository, at: entry.time),
                try !entry.isReached(version, about: document.subject?.digest, in: repository)
            else { return nil }
            _ = try entry.takeOut(version, of: repository)
            var freed: UInt64 = 0
            for (blob, size) in blobs where try !entry.isNamed(blob, in: repository) {
                try entry.putReceived(blob, in: repository)
                freed &+= size
            }
            return freed
        }
        // What is acquired has no view.
        if freed != nil { await quotas.forget(repository) }
        return freed
    }

    /// Forgets that bytes were received. What a manifest names stays.
    ///
    /// - Throws: `.blobNotFound`; `.methodNotAllowed` when a manifest of the repository names the blob:
    ///   distribution-spec 1.1, "Deleting Blobs", knows no other answer for a blob that stays.
    public func removeBlob(
        _ blob: Digest, from repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) {
        // One that the process before did not write down is as good as another.
        let isLeftBehind = try await throughStore { () async throws(StorageFault) in
            try await received.recover(blob, in: repository, since: .earliest)
        }
        try await ledger.write(caller, withReceipts: true) { entry in
            guard try entry.hasBlob(blob, in: repository, receivedSince: .earliest) else {
                throw RegistryError(.blobNotFound, "\(repository.name) has no blob \(blob).")
            }
            try entry.removeReceived(blob, from: repository)
            guard try !entry.hasBlob(blob, in: repository, receivedSince: .earliest) else {
                throw RegistryError(
                    .methodNotAllowed, "A manifest of \(repository.name) names \(blob): delete that first.",
                    detail: ["allow": "GET, HEAD"])
            }
        }
        if isLeftBehind { ledger.receipts.dismiss(blob, in: repository) }
        await quotas.forget(repository)
    }
}

extension LedgerEntry {
    /// - Returns: the name of a version that was deleted by that.
    fileprivate mutating func takeOut(_ version: Digest, of repository: RepositoryKey) throws -> ArtifactName? {
        guard try remove(version, from: repository) else { return nil }
        let key = ArtifactKey(tenant: repository.tenant, version: version)
        guard let record = try recordIfAny(key), record.acquisition.content.layout == .manifest,
            // Withdrawn stays withdrawn: a push must not bring back what was revoked or is in quarantine.
            record.state != .revoked, record.state != .quarantined,
            case .moves = Lifecycle.outcome(of: .delete, in: record.state)
        else { return nil }
        try append(.deleted(reason: "removed from its last repository"), to: record)
        return record.name
    }

    /// Whether a manifest of the repository names the blob.
    fileprivate func isNamed(_ blob: Digest, in repository: RepositoryKey) throws -> Bool {
        try hasBlob(blob, in: repository, receivedSince: .latest)
    }

    /// Whether a tag, an index or a subject leads to a manifest of the repository.
    fileprivate func isReached(_ version: Digest, about subject: Digest?, in repository: RepositoryKey) throws -> Bool {
        if try !tags(of: version, in: repository, limit: 1).isEmpty { return true }
        if let subject, try holds(subject, repository) { return true }
        return try isListed(version, in: repository)
    }
}

extension RegistryError {
    fileprivate static func ofModelAPI(_ repository: RepositoryKey) -> RegistryError {
        RegistryError(
            .stateConflict, "\(repository.name) is an artifact of the model API, by which it can be deleted.")
    }
}
