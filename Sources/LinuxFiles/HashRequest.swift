/// A part of a file, in bytes.
public struct ByteRange: Sendable, Hashable {
    public let offset: Int64
    public let length: Int64

    /// - Returns: nil when either is negative or the end does not fit.
    public init?(offset: Int64, length: Int64) {
        guard offset >= 0, length >= 0, !offset.addingReportingOverflow(length).overflow else { return nil }
        self.offset = offset
        self.length = length
    }

    /// First byte after the range.
    var end: Int64 { offset + length }
}

/// What one pass over a file is to compute.
public struct HashRequest: Sendable {
    /// How far ranges may go before they are an attack on our time or memory.
    public struct Limits: Sendable {
        /// Number of ranges.
        public var rangesMax = 262_144
        /// Sum of the ranges' lengths as a multiple of the file's size; 1 is what a file without overlaps needs.
        public var overlapFactorMax: Int64 = 4
        /// Ranges that cover one and the same byte.
        public var overlappingRangesMax = 1_024

        public init() {}
    }

    /// What the whole file is hashed with. Parts of it get SHA-256.
    public var algorithm = HashAlgorithm.sha256
    /// Parts that get a digest of their own, in any order; they may touch, overlap and nest.
    public var ranges: [ByteRange] = []
    /// Gets the same bytes that were hashed, at the same offsets, and is neither truncated nor synced.
    public var copy: FileDescriptor?
    /// Reading happens on one more thread than hashing, so that the disk is never idle while bytes are hashed. Without
    /// it a single digest is computed on the calling thread alone.
    public var readsAhead = true
    /// Reads past the page cache, where the file system can: for a file of which nothing is in memory yet. Nothing that
    /// others use is pushed out of memory then, and on virtual machines, where fresh memory is slow, reading is several
    /// times as fast. Whoever shares the open file must not read it meanwhile.
    public var bypassesCache = false
    public var budget: BandwidthBudget?
    public var cancellation: CancellationFlag?
    /// Called with the number of bytes hashed so far, about once per MiB, from one thread at a time.
    public var progress: (@Sendable (Int64) -> Void)?
    public var limits = Limits()

    public init() {}
}

/// What a pass over a file found.
public struct HashResult: Sendable, Hashable {
    /// Of the whole file, by the algorithm that was asked for: 32 or 64 bytes.
    public let digest: [UInt8]
    /// SHA-256 of each range, in the order of the request.
    public let rangeDigests: [[UInt8]]
    /// The file before the first and after the last byte was read; size and time of writing are the same in both.
    public let before: FileIdentity
    public let after: FileIdentity

    /// Bytes.
    public var size: Int64 { before.size }
}
