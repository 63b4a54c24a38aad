public import OCI

/// A file that this process may read, and that nobody else may change.
public protocol LocalFile: AnyObject, Sendable {
    var sizeBytes: UInt64 { get }
    /// Lends the open, readable descriptor. It is valid until `body` returns.
    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T
}

/// A blob that was opened, and what its file looked like then.
///
/// Whoever sends bytes needs to know of the very file that is open what `BlobStore.identity` says of a name.
public protocol OpenedBlob: LocalFile {
    var identity: BlobIdentity { get }
    /// A few bytes, inside of the file.
    func read(_ range: Range<UInt64>) throws(StorageFault) -> [UInt8]
}

/// Bytes that were taken in and have no name yet. Dropping the last reference discards them.
public protocol StagedBlob: LocalFile {
    /// Set when the bytes were hashed by us while they were received.
    var digestWhileReceiving: Digest? { get }
}

/// Bytes under their digest.
///
/// A SQL-and-object-store deployment keeps staging on local disk too: inspection needs a descriptor. There, `keep` is a
/// conditional PUT after the hash, and `open` fetches into a scratch file.
public protocol BlobStore: Sendable {
    /// Takes the bytes of a source in: shares its blocks where the file system can, else copies and hashes in one pass.
    ///
    /// - Throws: `.full` before the disk is, as far as that can be known; `.changed` when the source did.
    func stage(
        _ source: any LocalFile, progress: (any ProgressSink)?
    ) async throws(StorageFault) -> any StagedBlob

    /// Hashes what was staged, in one read at most, and keeps it durably under its digest. When it returns, the blob
    /// survives a power cut. Keeping the same bytes again is not an error.
    ///
    /// - Parameters:
    ///   - expected: refuse with `.digestMismatch` and keep nothing when the bytes are others. Its algorithm is the one
    ///     that the blob is kept under; without it, SHA-256.
    ///   - ranges: byte ranges, inside the file, whose SHA-256 is taken in the same read.
    func keep(
        _ staged: any StagedBlob, expecting expected: Digest?, hashing ranges: [Range<UInt64>],
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> KeptBlob

    /// Keeps a few bytes that are in memory, as those that were staged: at most as many as one request with a small
    /// body has.
    ///
    /// - Parameter receipt: a few bytes that are kept beside the blob, as durably, unless the blob was here already or
    ///   the store keeps none: `KeptBlob.carriesReceipt`. In an object store that is an object's metadata.
    /// - Throws: `.full`; `.digestMismatch`, and nothing is kept then.
    func keep(_ bytes: [UInt8], as digest: Digest, receipt: [UInt8]?) async throws(StorageFault) -> KeptBlob

    /// What was kept beside a blob; `nil` when nothing was, or there is no such blob.
    func receipt(of digest: Digest) async throws(StorageFault) -> [UInt8]?

    /// - Returns: `nil` when there is no such blob.
    func open(_ digest: Digest) async throws(StorageFault) -> (any OpenedBlob)?

    /// Whether a blob is what it was when it was last hashed, without reading it.
    func identity(of digest: Digest) async throws(StorageFault) -> BlobIdentity?

    /// Reads the whole blob and says what is there. Damage is an answer, not a fault.
    func verify(
        _ digest: Digest, sizeBytes: UInt64, hashing ranges: [Range<UInt64>], pace: ReadPace,
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> BlobCheck

    /// Every blob, in the order of digests, at most `limit` after `digest`.
    func blobs(after digest: Digest?, limit: Int) async throws(StorageFault) -> [StoredBlob]

    /// Removes a blob for good. Only collection calls it.
    func remove(_ digest: Digest) async throws(StorageFault)

    /// Removes what interrupted work left in staging.
    ///
    /// - Returns: how many bytes that freed.
    func discardLeftovers() async throws(StorageFault) -> UInt64

    func freeBytes() async throws(StorageFault) -> UInt64
}

extension BlobStore {
    public func stage(_ source: any LocalFile) async throws(StorageFault) -> any StagedBlob {
        try await stage(source, progress: nil)
    }

    public func keep(_ bytes: [UInt8], as digest: Digest) async throws(StorageFault) -> KeptBlob {
        try await keep(bytes, as: digest, receipt: nil)
    }
}

/// How much of the disk a long read may take.
public enum ReadPace: Sendable, Hashable {
    /// Somebody waits for it.
    case full
    /// All such reads together stay within the bandwidth that the store was configured with.
    case background
}

/// Hears how far a long read is. Called from any thread, at most once for each MiB.
public protocol ProgressSink: Sendable {
    /// - Returns: `false` to give up.
    func advanced(byBytes count: Int) -> Bool
}

/// A blob that is durable under its digest.
public struct KeptBlob: Sendable, Hashable {
    public var digest: Digest
    public var sizeBytes: UInt64
    /// In the order of the ranges that were asked for.
    public var rangeDigests: [Digest]
    public var identity: BlobIdentity
    /// Whether the receipt that came with it is beside it.
    public var carriesReceipt: Bool

    public init(
        digest: Digest, sizeBytes: UInt64, rangeDigests: [Digest], identity: BlobIdentity, carriesReceipt: Bool = false
    ) {
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.rangeDigests = rangeDigests
        self.identity = identity
        self.carriesReceipt = carriesReceipt
    }
}

/// What tells that a file was not touched: device, inode, size, modification and change time in nanoseconds.
public struct BlobIdentity: Sendable, Hashable {
    public var device: UInt64
    public var inode: UInt64
    public var sizeBytes: UInt64
    public var modifiedNanoseconds: Int64
    public var changedNanoseconds: Int64
    public var links: UInt64

    public init(
        device: UInt64, inode: UInt64, sizeBytes: UInt64, modifiedNanoseconds: Int64, changedNanoseconds: Int64,
        links: UInt64
    ) {
        self.device = device
        self.inode = inode
        self.sizeBytes = sizeBytes
        self.modifiedNanoseconds = modifiedNanoseconds
        self.changedNanoseconds = changedNanoseconds
        self.links = links
    }
}

/// What a full read of a blob found.
public enum BlobCheck: Sendable, Hashable {
    case intact(identity: BlobIdentity, rangeDigests: [Digest])
    case missing
    case otherSize(found: UInt64)
    case otherBytes(found: Digest, rangeDigests: [Digest])
    /// The name stands for a link, a directory or a device.
    case notARegularFile
    /// The disk does not give the bytes back.
    case unreadable
}

public struct StoredBlob: Sendable, Hashable {
    public var digest: Digest
    public var sizeBytes: UInt64

    public init(digest: Digest, sizeBytes: UInt64) {
        self.digest = digest
        self.sizeBytes = sizeBytes
    }
}
