public import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON
import TransparencyLog

/// One transaction in progress, in the words of the domain.
public struct LedgerEntry {
    let transaction: any MetadataTransaction
    let sealer: RecordSealer
    public let caller: Caller
    public let time: Timestamp
    private let newest: NewestEvents
    private(set) var head: LogHead
    private(set) var names: [ArtifactName] = []
    /// Tags and repositories that events were appended about.
    private(set) var places: [EntryPlace] = []
    /// What was appended about versions, in order.
    private(set) var appended: [(key: ArtifactKey, index: UInt64)] = []
    /// `nil` until something is appended.
    private var sum: NewestSum?

    init(
        transaction: any MetadataTransaction, sealer: RecordSealer, newest: NewestEvents, caller: Caller,
        time: Timestamp, head: LogHead
    ) {
        self.transaction = transaction
        self.sealer = sealer
        self.newest = newest
        self.caller = caller
        self.time = time
        self.head = head
    }

    /// Seals the log's end, if it moved. The last thing that is done to an entry.
    func end() throws {
        guard let sum else { return }
        try transaction.putHeadSeal(sealer.seal(sum, at: head.frontier.head))
    }

    /// - Throws: `.artifactNotFound`, `.recordTampered`.
    public func record(named name: ArtifactName, in tenant: Tenant = .default) throws -> ArtifactRecord {
        guard let record = try recordIfAny(named: name, in: tenant) else { throw RegistryError.unknown(name) }
        return record
    }

    public func recordIfAny(named name: ArtifactName, in tenant: Tenant = .default) throws -> ArtifactRecord? {
        guard let sealed = try transaction.record(named: name, in: tenant) else { return nil }
        let record = try open(sealed)
        guard record.name == name, record.key.tenant == tenant else {
            throw RegistryError(.recordTampered, "The name \(name) points at another artifact's record.")
        }
        return record
    }

    /// The record of a version, whether or not a name points at it.
    public func recordIfAny(_ key: ArtifactKey) throws -> ArtifactRecord? {
        guard let sealed = try transaction.record(key) else { return nil }
        let record = try open(sealed)
        guard record.key == key else {
            throw RegistryError(.recordTampered, "The version \(key.version) has another version's record.")
        }
        return record
    }

    /// The next records of a walk; `nil` at its end. One that somebody edited is left out: no door serves it.
    func next(_ walk: inout ContentWalk) throws -> [ArtifactRecord]? {
        try walk.next(in: transaction)?.compactMap { sealed in try? open(sealed) }
    }

    /// - Throws: `.recordTampered` when the seal is not ours, or the row is an older one that somebody put back.
    private func open(_ sealed: SealedRecord) throws -> ArtifactRecord {
        let record = try sealer.open(sealed)
        guard !newest.isPast(record.headIndex, of: record.key) else {
            throw RegistryError(.recordTampered, "The stored record of \(record.name) is older than its history.")
        }
        return record
    }

    /// Whether the name would be a folder of another artifact, or another one a folder of it.
    public func nameOverlaps(_ name: ArtifactName, in tenant: Tenant) throws -> Bool {
        for ancestor in name.ancestors where try transaction.record(named: ancestor, in: tenant) != nil { return true }
        return try transaction.hasNames(beneath: name, in: tenant)
    }

    /// Appends an event about an artifact version and writes what follows from it.
    ///
    /// - Parameter record: as it stands now; `nil` for the first event of a version.
    /// - Returns: the record after the event.
    @discardableResult
    public mutating func append(
        _ body: RegistryEvent.Body, to record: ArtifactRecord?, key: ArtifactKey, name: ArtifactName
    ) throws -> ArtifactRecord {
        let event = RegistryEvent(
            index: head.size, time: time, actor: caller.actor, requestID: caller.requestID,
            subject: .artifact(key, name: name), body: body)
        let next = try ArtifactRecord.replaying(event, onto: record)
        try append(event, key: key)
        let sealer = sealer
        sum?.replace(record?.headIndex, with: event.index, of: key, sealer)
        appended.append((key, event.index))
        try transaction.put(sealer.seal(next))
        if (record?.state == .trusted) != (next.state == .trusted) {
            try transaction.putPendingView(of: name, in: key.tenant)
        }
        names.append(name)
        return next
    }

    @discardableResult
    public mutating func append(_ body: RegistryEvent.Body, to record: ArtifactRecord) throws -> ArtifactRecord {
        try append(body, to: record, key: record.key, name: record.name)
    }

    /// Appends an event about the registry itself.
    public mutating func append(_ body: RegistryEvent.Body) throws {
        let event = RegistryEvent(
            index: head.size, time: time, actor: caller.actor, requestID: caller.requestID, subject: .registry,
            body: body)
        try append(event, key: nil)
    }

    /// Appends an event about a repository.
    ///
    /// - Returns: its index.
    mutating func append(
        _ body: RegistryEvent.Body, to repository: RepositoryKey, tag: Tag? = nil
    ) throws -> UInt64 {
        let event = RegistryEvent(
            index: head.size, time: time, actor: caller.actor, requestID: caller.requestID,
            subject: .repository(repository), body: body)
        let place = EntryPlace(repository: repository, tag: tag)
        try append(event, key: nil, place: place)
        places.append(place)
        return event.index
    }

    /// Has listeners hear of a repository that no event of its own was appended about.
    mutating func note(_ repository: RepositoryKey) {
        places.append(EntryPlace(repository: repository, tag: nil))
    }

    /// - Throws: `.recordTampered` when the log has an end that this registry did not write: what follows it would
    ///   look as if we had.
    private mutating func append(_ event: RegistryEvent, key: ArtifactKey?, place: EntryPlace? = nil) throws {
        if sum == nil {
            guard let opened = sealer.open(head) else { throw RegistryError.notSealed(head) }
            sum = opened
        }
        let bytes = try event.encoded()
        var next = head
        let hashes = next.frontier.append(MerkleHashing.leaf(bytes))
        try transaction.append(
            LogEntry(index: event.index, bytes: bytes, key: key, place: place), hashes: hashes, head: next)
        head = next
    }

    /// A new version: its manifest, what it consists of, and the name that points at it.
    public mutating func put(
        manifest: [UInt8], blobs: [Digest], key: ArtifactKey, name: ArtifactName
    ) throws {
        try transaction.putManifest(manifest, digest: key.version)
        try transaction.putUses(of: blobs, by: key)
        try transaction.point(name, in: key.tenant, at: key.version)
    }

    /// Keeps a document that a manifest names by its digest: the config of a version of ours.
    public func put(document: [UInt8]) throws {
        try transaction.putManifest(document, digest: try Digest(hashing: document))
    }

    /// Keeps a document that the next event cites by its digest.
    public func put(
        evidence document: [UInt8], kind: EvidenceEntry.Kind, digest: Digest, of key: ArtifactKey
    ) throws {
        try transaction.putEvidence(
            document,
            entry: EvidenceEntry(
                kind: kind, digest: digest, sizeBytes: UInt64(document.count), time: time, eventIndex: head.size),
            of: key)
    }

    public func put(_ inspection: KeptInspection) throws {
        try transaction.putInspection(inspection.sealed, inspection.key)
    }

    func put(_ inspections: [KeptInspection]) throws {
        for inspection in inspections { try put(inspection) }
    }

    public func put(verification identity: BlobIdentity, hashedAt time: Timestamp, of blob: Digest) throws {
        let sealed = sealer.seal(identity, at: time, of: blob.description)
        try transaction.putVerification(sealed, of: blob)
    }

    func removeVerification(of blob: Digest) throws {
        try transaction.removeVerification(of: blob)
    }

    /// Has the view of an artifact made anew where it does not show what it should.
    func putPendingView(of record: ArtifactRecord) throws {
        try transaction.putPendingView(of: record.name, in: record.key.tenant)
    }

    public func removePendingView(_ id: Int64) throws {
        try transaction.removePendingView(id)
    }
}

extension RegistryError {
    static func unknown(_ name: ArtifactName) -> RegistryError {
        RegistryError(.artifactNotFound, "There is no artifact named \(name).")
    }

    /// An action that the artifact's state does not allow.
    static func notAllowed(_ action: LifecycleAction, _ record: ArtifactRecord) -> RegistryError {
        RegistryError(
            .stateConflict, "\(record.name) is \(record.state.rawValue), which does not allow: \(action.rawValue).",
            detail: ["state": .string(record.state.rawValue), "action": .string(action.rawValue)])
    }
}
