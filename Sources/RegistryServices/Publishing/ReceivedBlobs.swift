import OCI
import RegistryCore
import RegistryPorts

/// Which blobs a repository has, counting those whose receipts are not in the metadata yet.
struct ReceivedBlobs: Sendable {
    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let receipts: Receipts
    private let ledger: Ledger

    init(store: any MetadataReader, blobs: any BlobStore, ledger: Ledger) {
        self.store = store
        self.blobs = blobs
        self.ledger = ledger
        receipts = ledger.receipts
    }

    /// Whether a manifest of the repository names the blob, or it was received there not before `time`.
    func has(
        _ blob: Digest, in repository: RepositoryKey, since time: Timestamp
    ) async throws(StorageFault) -> Bool {
        // In this order: what is not here any more is in the store.
        if receipts.has(blob, in: repository, since: time) { return true }
        if try await store.hasBlob(blob, in: repository, receivedSince: time) { return true }
        return try await recover(blob, in: repository, since: time)
    }

    /// Whether the blob was received in any repository not before `time`.
    func wasReceived(_ blob: Digest, since time: Timestamp) async throws(StorageFault) -> Bool {
        if receipts.has(blob) { return true }
        return try await store.wasReceived(blob, since: time)
    }

    /// Brings back a receipt that the process before made and did not write down any more.
    func recover(
        _ blob: Digest, in repository: RepositoryKey, since time: Timestamp
    ) async throws(StorageFault) -> Bool {
        guard let sealed = try await blobs.receipt(of: blob),
            let receipt = receipts.leftBehind(sealed, of: blob, in: repository), receipt.time >= time,
            let identity = try await blobs.identity(of: blob)
        else { return false }
        // A power cut may have come when the name was on the disk and the bytes were not: then nobody was told that
        // they are here.
        let check = try await blobs.verify(
            blob, sizeBytes: identity.sizeBytes, hashing: [], pace: .full, progress: nil)
        guard case .intact = check else { return false }
        // Where it cannot wait to be written down it is found here again.
        _ = receipts.add(receipt, at: receipt.time)
        return true
    }
}
