import ModelFormats
public import OCI
public import RegistryCore
import RegistryPorts
import StrictJSON

/// What somebody puts into a repository under a digest and tags.
public struct ManifestOrder: Sendable {
    public var repository: RepositoryKey
    /// What the client says the digest is; `nil` where it only names a tag.
    public var digest: Digest?
    /// Tags that are to point at it.
    public var tags: [Tag]
    /// What the client says it is; `nil` where it says nothing.
    public var mediaType: MediaType?
    public var bytes: [UInt8]

    public init(
        repository: RepositoryKey, digest: Digest?, tags: [Tag], mediaType: MediaType?, bytes: [UInt8]
    ) {
        self.repository = repository
        self.digest = digest
        self.tags = tags
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// A manifest that a repository holds now.
public struct PublishedManifest: Sendable, Hashable {
    public var version: Digest
    public var subject: Digest?
    /// Whether this call put it there.
    public var isNew: Bool
}

/// Takes manifests in. What is pushed is `acquired`: kept, and served to no runtime before it is trusted.
public struct ManifestPublishing: Sendable {
    /// Most tags of one request (distribution-spec asks for ten at least).
    public static let tagsMax = 100

    private let repositories: Repositories
    private let manifests: ArtifactManifests
    private let blobs: any BlobStore
    private let leases: BlobLeases
    private let ledger: Ledger
    private let received: ReceivedBlobs
    private let rules: TagRules
    private let quotas: RepositoryQuotas
    private let receivedSeconds: Int64
    private let latelyPut: LatelyPut
    private let integrity: IntegrityDemand

    /// - Parameters:
    ///   - leases: those that collection respects.
    ///   - receivedSeconds: how long received bytes wait for a manifest.
    init(
        repositories: Repositories, manifests: ArtifactManifests, blobs: any BlobStore, leases: BlobLeases,
        ledger: Ledger, received: ReceivedBlobs, rules: TagRules, quotas: RepositoryQuotas, receivedSeconds: Int64,
        latelyPut: LatelyPut, integrity: IntegrityDemand
    ) {
        self.integrity = integrity
        self.latelyPut = latelyPut
        self.repositories = repositories
        self.manifests = manifests
        self.blobs = blobs
        self.leases = leases
        self.ledger = ledger
        self.received = received
        self.rules = rules
        self.quotas = quotas
        self.receivedSeconds = receivedSeconds
    }

    /// Since when bytes have to have been received to count as there.
    public var receivedSince: Timestamp {
        Timestamp(clamping: ledger.now().milliseconds - receivedSeconds * 1_000)
    }

    /// Puts a manifest into a repository and lets tags point at it: all of it durably, or nothing.
    ///
    /// - Throws: `.invalidManifest`, `.digestMismatch`, `.manifestBlobUnknown` with what is missing, `.tagImmutable`,
    ///   `.nameConflict`, `.quotaExceeded`, `.integrityRequired`, `.invalidField` for too many tags; storage faults.
    public func publish(
        _ order: ManifestOrder, _ caller: Caller
    ) async throws(RegistryError) -> PublishedManifest {
        let manifest = try CheckedManifest(order)
        try Self.check(order.tags)
        try admit(order, manifest.version)
        let lease = BlobLease(leases)
        defer { lease.release() }
        do throws(RegistryError) { return try await publish(manifest, order, besides: [:], lease, caller) } catch {
            // Asked only now: what is pushed was nearly always received here.
            guard error.code == .manifestBlobUnknown else { throw error }
            let acquired = try await repositories.blobsOfModelAPI(in: order.repository)
            let isAnyFound = try await recoverAny(of: manifest, in: order.repository)
            guard isAnyFound || !acquired.isEmpty else { throw error }
            return try await publish(manifest, order, besides: acquired, lease, caller)
        }
    }

    /// - Parameter acquired: blobs that the model API brought into the repository.
    private func publish(
        _ manifest: CheckedManifest, _ order: ManifestOrder, besides acquired: [Digest: UInt64], _ lease: BlobLease,
        _ caller: Caller
    ) async throws(RegistryError) -> PublishedManifest {
        try await hold(manifest, acquired, lease)
        let format = try await format(of: manifest)
        let config = try await configDocument(of: manifest)
        await lease.settle()
        let checked = Checked(order: order, manifest: manifest, acquired: acquired, format: format, config: config)
        return try await put(checked, caller)
    }

    private func admit(_ order: ManifestOrder, _ version: Digest) throws(RegistryError) {
        // A name that is too long is refused with its own reason, when the version gets it.
        guard let name = try? ArtifactName(pushed: version, to: order.repository.name) else { return }
        try integrity.admit(name, source: nil, stated: order.digest)
    }

    /// A manifest, and what is known of it before the change that puts it there.
    private struct Checked {
        var order: ManifestOrder
        var manifest: CheckedManifest
        var acquired: [Digest: UInt64]
        var format: String
        /// Its config, where that is kept as a document, too.
        var config: [UInt8]?
    }

    private func put(
        _ checked: Checked, _ caller: Caller
    ) async throws(RegistryError) -> PublishedManifest {
        let (order, manifest) = (checked.order, checked.manifest)
        let (since, rules, latelyPut, receipts) = (receivedSince, rules, latelyPut, ledger.receipts)
        let wanted = Dictionary(
            manifest.document.blobs.map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
        return try await quotas.admitting(wanted, to: order.repository) { usage throws(RegistryError) in
            try await ledger.write(caller, withReceipts: true) { entry in
                for tag in order.tags {
                    try rules.requireMovable(tag, to: manifest.version, in: order.repository, entry)
                }
                try entry.requireAll(
                    of: manifest.place, besides: checked.acquired, or: receipts, in: order.repository,
                    receivedSince: since)
                let isNew = try entry.publish(manifest, format: checked.format, in: order.repository)
                if let config = checked.config { try entry.put(document: config) }
                for tag in order.tags { try entry.tag(manifest.version, as: tag, in: order.repository) }
                try usage?.add(wanted)
                // Where retention takes manifests out it comes before or after this, and then knows of it.
                latelyPut.note(manifest.version, in: order.repository, at: entry.time)
                return PublishedManifest(
                    version: manifest.version, subject: manifest.document.subject?.digest, isNew: isNew)
            }
        }
    }

    /// - Returns: whether a receipt of one of the blobs was found that the process before did not write down.
    private func recoverAny(
        of manifest: CheckedManifest, in repository: RepositoryKey
    ) async throws(RegistryError) -> Bool {
        let since = receivedSince
        var isAny = false
        for blob in manifest.document.blobs {
            let isFound = try await throughStore { () async throws(StorageFault) in
                try await received.recover(blob.digest, in: repository, since: since)
            }
            if isFound { isAny = true }
        }
        return isAny
    }

    private static func check(_ tags: [Tag]) throws(RegistryError) {
        guard tags.count <= tagsMax else {
            throw RegistryError(
                .invalidField, "At most \(tagsMax) tags are set at a time.", detail: ["field": "tag"])
        }
    }

    /// Blobs that are here stay until the manifest names them. How long they are has to be what the manifest says.
    private func hold(
        _ manifest: CheckedManifest, _ acquired: [Digest: UInt64], _ lease: BlobLease
    ) async throws(RegistryError) {
        for blob in manifest.document.blobs {
            await lease.hold(blob.digest)
            if acquired[blob.digest] != nil { try await keepIfDocument(blob.digest) }
            let identity = try await throughStore { () async throws(StorageFault) in
                try await blobs.identity(of: blob.digest)
            }
            guard let identity else { throw .missing([blob.digest]) }
            guard identity.sizeBytes == blob.size else {
                throw RegistryError(
                    .invalidManifest, "\(blob.digest) has \(identity.sizeBytes) bytes, not \(blob.size).",
                    detail: ["digest": .string(blob.digest.description), "actual": .integer(identity.sizeBytes)])
            }
        }
    }

    /// The config of an artifact of the model API is no blob yet, and becomes one when another manifest names it.
    private func keepIfDocument(_ digest: Digest) async throws(RegistryError) {
        leases.beginWrite(digest)
        defer { leases.endWrite(digest) }
        try await throughStore { () async throws(StorageFault) in
            guard try await blobs.identity(of: digest) == nil, let bytes = try? await manifests.document(digest) else {
                return
            }
            _ = try await blobs.keep(bytes, as: digest)
        }
    }

    /// What the artifact is listed as: the format of its largest file, if that is one of tensors by its first bytes,
    /// else what it is declared to be. Policies ask the inspection.
    private func format(of manifest: CheckedManifest) async throws(RegistryError) -> String {
        guard case .artifact(let artifact) = manifest.document else { return ModelMediaType.Kind.index.rawValue }
        if let largest = artifact.layers.max(by: { $0.size < $1.size }),
            let file = try await throughStore({ () async throws(StorageFault) in try await blobs.open(largest.digest) }
            ),
            let format = file.format, format.formatClass == .tensors
        {
            return format.rawValue
        }
        return ModelMediaType.kind(of: artifact).rawValue
    }

    /// The config of a manifest that the model API wrote, here or in another registry, is kept beside it.
    private func configDocument(of manifest: CheckedManifest) async throws(RegistryError) -> [UInt8]? {
        guard let config = manifest.config else { return nil }
        let file = try await throughStore { () async throws(StorageFault) in try await blobs.open(config.digest) }
        guard let bytes = file?.contents(bytesMax: CheckedManifest.bytesMax) else { throw .missing([config.digest]) }
        return bytes
    }
}

extension LedgerEntry {
    /// - Throws: `.manifestBlobUnknown` with what manifests of the repository cannot name.
    fileprivate func requireAll(
        of place: ManifestPlace, besides known: [Digest: UInt64], or receipts: Receipts,
        in repository: RepositoryKey, receivedSince time: Timestamp
    ) throws {
        var missing: [Digest] = []
        for blob in place.blobs where known[blob] == nil {
            // Another change of this commit may have taken them, and then failed.
            if receipts.has(blob, in: repository, since: time) { continue }
            if try !hasBlob(blob, in: repository, receivedSince: time) { missing.append(blob) }
        }
        for child in place.children where try !holds(child, repository) { missing.append(child) }
        guard missing.isEmpty else { throw RegistryError.missing(missing) }
    }

    /// - Returns: whether the repository did not hold it before.
    fileprivate mutating func publish(
        _ manifest: CheckedManifest, format: String, in repository: RepositoryKey
    ) throws -> Bool {
        let key = ArtifactKey(tenant: repository.tenant, version: manifest.version)
        let record = try recordIfAny(key)
        let isHeld = try holds(key.version, repository)
        if record == nil {
            let name = try manifest.name(in: repository)
            guard try !nameOverlaps(name, in: key.tenant) else {
                throw RegistryError(
                    .nameConflict, "\(repository.name) lies beneath the artifact of another name.")
            }
            try put(manifest: manifest.bytes, blobs: manifest.files.map(\.digest), key: key, name: name)
            try append(.acquired(try manifest.acquisition(format)), to: nil, key: key, name: name)
        } else if let record, case .moves = Lifecycle.outcome(of: .push, in: record.state),
            record.acquisition.content.layout == .manifest
        {
            try append(.acquired(try manifest.acquisition(format)), to: record)
        } else if let record, record.state == .deleted {
            throw RegistryError.notAllowed(.push, record)
        } else if let record, case .principal(let publisher) = caller.actor, record.mayAdd(publisher) {
            try append(.pushed, to: record)
        }
        if !isHeld { try place(manifest.place, in: repository, isImplied: record == nil) }
        return !isHeld
    }
}

extension RegistryError {
    /// Most digests in an error.
    private static let namedMax = 100

    static func missing(_ digests: [Digest]) -> RegistryError {
        RegistryError(
            .manifestBlobUnknown, "The manifest names what the repository does not have: push that first.",
            detail: [
                "missing": .integer(digests.count),
                "digests": .array(digests.prefix(namedMax).map { .string($0.description) }),
            ])
    }
}
