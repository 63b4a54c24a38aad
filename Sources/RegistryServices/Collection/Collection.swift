import OCI
public import RegistryCore
public import RegistryPorts

/// Removes blobs that no version uses any more.
///
/// Works on a store that nothing else works on: a blob that is being taken in has no user yet. It may be stopped at any
/// moment; each blob is there or gone, and what is left is found the next time.
public struct Collection: Sendable {
    public struct Result: Sendable, Hashable {
        public var blobs: UInt64 = 0
        public var bytes: UInt64 = 0
    }

    private static let pageSize = 1_000

    private let store: any MetadataReader
    private let blobs: any BlobStore

    public init(store: any MetadataReader, blobs: any BlobStore) {
        self.store = store
        self.blobs = blobs
    }

    /// - Parameter isRehearsal: count, and remove nothing.
    /// - Returns: what was, or would be, removed.
    public func collect(isRehearsal: Bool) async throws(RegistryError) -> Result {
        var result = Result()
        var after: Digest?
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await blobs.blobs(after: start, limit: Self.pageSize)
            }
            for blob in page where try await isUnused(blob.digest) {
                if !isRehearsal {
                    try await throughStore { () async throws(StorageFault) in try await blobs.remove(blob.digest) }
                }
                result.blobs += 1
                result.bytes &+= blob.sizeBytes
            }
            guard page.count == Self.pageSize, let last = page.last?.digest else { return result }
            after = last
        }
    }

    /// A missing answer is no permission: what cannot be looked up stays.
    private func isUnused(_ digest: Digest) async throws(RegistryError) -> Bool {
        try await throughStore { () async throws(StorageFault) in try await store.uses(of: digest).kept == 0 }
    }
}
