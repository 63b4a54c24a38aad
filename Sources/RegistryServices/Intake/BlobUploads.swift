public import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Blobs that come in by the OCI door, in one request or in many (distribution-spec 1.1, "Pushing blobs").
///
/// A session is what the upload store has under its name and nothing else: how many bytes it has is where it stands,
/// after a restart too. One that got no bytes ends with the process. Who began it is part of its name in the store, so
/// that it is there for nobody else.
///
/// A blob that was received is durable under its digest, and written down as received in its repository, before anybody
/// is told: until a manifest names it, that keeps it from collection.
public struct BlobUploads: Sendable {
    /// A body of at most so many bytes is kept straight from memory when it comes whole in one request.
    public static let smallBytesMax = 64 << 10

    let uploads: any UploadStore
    private let blobs: any BlobStore
    private let store: any MetadataReader
    private let leases: BlobLeases
    private let memory: HashMemory
    private let ledger: Ledger
    private let received: ReceivedBlobs
    private let entropy: any Entropy
    let quotas: RepositoryQuotas
    private let receivedSeconds: Int64

    /// - Parameters:
    ///   - leases: those that collection respects.
    ///   - receivedSeconds: how long received bytes wait for a manifest.
    init(
        uploads: any UploadStore, blobs: any BlobStore, store: any MetadataReader, leases: BlobLeases,
        memory: HashMemory, ledger: Ledger, received: ReceivedBlobs, entropy: any Entropy, quotas: RepositoryQuotas,
        receivedSeconds: Int64
    ) {
        self.uploads = uploads
        self.blobs = blobs
        self.store = store
        self.leases = leases
        self.memory = memory
        self.ledger = ledger
        self.received = received
        self.entropy = entropy
        self.quotas = quotas
        self.receivedSeconds = receivedSeconds
    }

    /// Begins an upload that has no bytes yet.
    ///
    /// - Parameter algorithm: of the digest that it will end with, as far as that is known.
    /// - Throws: `.storageFull`, also when too many are unfinished.
    public func begin(
        in repository: RepositoryKey, hashing algorithm: Digest.Algorithm, _ owner: Caller
    ) async throws(RegistryError) -> UploadSession {
        let session = UploadSession(entropy, hashing: algorithm)
        try await throughStore { () async throws(StorageFault) in
            try await uploads.create(session.id(in: repository, owner))
        }
        return session
    }

    /// How many bytes are here.
    ///
    /// - Throws: `.uploadNotFound`, for a session of another repository or somebody else too; `.invalidField` for an
    ///   upload that takes parts.
    public func offset(
        of session: UploadSession, in repository: RepositoryKey, _ owner: Caller
    ) async throws(RegistryError) -> UInt64 {
        let standing = try await standing(of: session, in: repository, owner)
        guard standing.parts == nil else {
            throw RegistryError(
                .invalidField, "This upload takes parts: Content-Range has to be bytes FIRST-LAST/LENGTH.",
                detail: ["field": "Content-Range"])
        }
        return standing.offset
    }

    /// Opens an upload for its next bytes.
    ///
    /// - Parameters:
    ///   - offset: where the client wants to go on; where the upload stands, when it says nothing.
    ///   - count: how many bytes are to come, where that was announced.
    ///   - digest: what the upload is to end as, once that is known.
    /// - Throws: `.uploadNotFound`; `.uploadOffsetMismatch` with the offset to go on from; `.concurrentChange` when
    ///   another connection is sending it; `.storageFull`, `.quotaExceeded` before anything was taken.
    public func resume(
        _ session: UploadSession, in repository: RepositoryKey, at offset: UInt64?, expecting count: UInt64?,
        endingAs digest: Digest?, _ owner: Caller
    ) async throws(RegistryError) -> any UploadWriter {
        let present = try await self.offset(of: session, in: repository, owner)
        guard offset ?? present == present else { throw Self.mismatch(at: present) }
        let (total, overflow) = present.addingReportingOverflow(count ?? 0)
        let bytes = overflow ? .max : total
        if let digest {
            // What the repository has already takes no more room.
            try await quotas.requireRoom(for: [digest: bytes], in: repository)
        } else {
            try await quotas.requireRoom(for: bytes, in: repository)
        }
        do {
            return try await uploads.resume(
                session.id(in: repository, owner), at: present, expecting: bytes,
                hashing: digest?.algorithm ?? session.algorithm)
        } catch {
            switch error {
            case .changed:
                throw RegistryError(.concurrentChange, "Another connection is sending this upload.")
            case .notFound:
                // It was cut or ended since we looked.
                throw Self.mismatch(at: try await self.offset(of: session, in: repository, owner))
            default: throw RegistryError(error)
            }
        }
    }

    static func mismatch(at offset: UInt64) -> RegistryError {
        RegistryError(
            .uploadOffsetMismatch, "The upload stands at \(offset).", detail: ["offset": .integer(offset)])
    }

    /// Ends an upload: its bytes become a blob of the repository, durably. The session is over, also when they hash to
    /// another digest.
    ///
    /// - Throws: `.digestMismatch`, `.storageFull`, `.quotaExceeded`, `.overloaded`.
    public func finish(
        _ writer: any UploadWriter, as digest: Digest, in repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) {
        let lease = BlobLease(leases)
        defer { lease.release() }
        await lease.hold(digest)
        let staged = try await throughStore { () async throws(StorageFault) in try await writer.finish() }
        // Until the blob is written down a kill gives the upload back to its client.
        defer { withExtendedLifetime(staged) {} }
        let actual = staged.digestWhileReceiving
        if let actual, actual.algorithm == digest.algorithm, actual != digest {
            throw .mismatch(expected: digest, actual: actual)
        }
        try await quotas.requireRoom(for: [digest: staged.sizeBytes], in: repository)
        // The same bytes are here, and nobody touched them: looking at each of them again would tell nothing new.
        let isHere = actual == digest ? try await memory.isUnchanged(digest) : false
        if !isHere {
            try await keep(digest) { () async throws(StorageFault) in
                try await blobs.keep(staged, expecting: digest, hashing: [], progress: nil)
            }
        }
        try await put(digest, staged.sizeBytes, into: repository, caller)
    }

    /// Lets manifests of the repository name the blob from now on.
    private func put(
        _ digest: Digest, _ sizeBytes: UInt64, into repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) {
        let wanted = [digest: sizeBytes]
        try await quotas.admitting(wanted, to: repository) { usage throws(RegistryError) in
            try await ledger.write(caller, withReceipts: true) { entry in
                try entry.putReceived(digest, in: repository)
                try usage?.add(wanted)
            }
        }
    }

    /// Keeps a few bytes that came whole as a blob of the repository, durably.
    ///
    /// - Throws: as `finish`.
    public func receive(
        _ bytes: [UInt8], as digest: Digest, in repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) {
        let lease = BlobLease(leases)
        defer { lease.release() }
        await lease.hold(digest)
        let sizeBytes = UInt64(bytes.count)
        try await quotas.requireRoom(for: [digest: sizeBytes], in: repository)
        // A quota counts what is written down.
        let receipt: Receipt? =
            quotas.areBinding(repository) || !ledger.receipts.hasRoom()
            ? nil : Receipt(blob: digest, repository: repository, time: ledger.now())
        let kept = try await keep(digest) { () async throws(StorageFault) in
            try await blobs.keep(bytes, as: digest, receipt: receipt.map(ledger.receipts.sealed))
        }
        if let receipt, kept.carriesReceipt, ledger.receipts.add(receipt, at: ledger.now()) { return }
        try await put(digest, sizeBytes, into: repository, caller)
    }

    @discardableResult
    private func keep(
        _ digest: Digest, _ keep: () async throws(StorageFault) -> KeptBlob
    ) async throws(RegistryError) -> KeptBlob {
        leases.beginWrite(digest)
        defer { leases.endWrite(digest) }
        do {
            let kept = try await keep()
            memory.remember(digest, kept.identity)
            return kept
        } catch {
            guard case .digestMismatch(let actual) = error else { throw RegistryError(error) }
            throw .mismatch(expected: digest, actual: actual)
        }
    }

    /// Gives an upload up.
    ///
    /// - Throws: `.uploadNotFound`; `.concurrentChange` while a connection is sending it.
    public func cancel(
        _ session: UploadSession, in repository: RepositoryKey, _ owner: Caller
    ) async throws(RegistryError) {
        _ = try await standing(of: session, in: repository, owner)
        do { try await uploads.discard(session.id(in: repository, owner)) } catch {
            guard case .changed = error else { throw RegistryError(error) }
            throw RegistryError(.concurrentChange, "A connection is sending this upload.")
        }
    }

    /// Lets manifests of a repository name a blob that is here already.
    ///
    /// - Parameter source: a repository that has it; `nil` for whichever.
    /// - Returns: `false` when it has to be sent.
    public func mount(
        _ digest: Digest, from source: RepositoryKey?, in repository: RepositoryKey, _ caller: Caller
    ) async throws(RegistryError) -> Bool {
        let lease = BlobLease(leases)
        defer { lease.release() }
        await lease.hold(digest)
        let since = Timestamp(clamping: ledger.now().milliseconds - receivedSeconds * 1_000)
        let present = try await throughStore { () async throws(StorageFault) -> BlobIdentity? in
            guard let identity = try await blobs.identity(of: digest) else { return nil }
            if let source {
                return try await received.has(digest, in: source, since: since) ? identity : nil
            }
            if try await received.wasReceived(digest, since: since) { return identity }
            return try await store.uses(of: digest).kept > 0 ? identity : nil
        }
        guard let present else { return false }
        await lease.settle()
        try await put(digest, present.sizeBytes, into: repository, caller)
        return true
    }
}

extension UploadSession {
    func id(in repository: RepositoryKey, _ owner: Caller) -> UploadID {
        UploadID(session: description, in: repository, of: owner.actor)
    }
}
