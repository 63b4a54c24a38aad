/// How much an embedded store takes on at once.
public struct SQLiteStoreLimits: Sendable, Hashable {
    /// Writes that may wait; the next one is refused with `.overloaded`.
    public var writesWaitingMax = 4_096
    /// Reads that may wait; the next one is refused with `.overloaded`.
    public var readsWaitingMax = 16_384
    /// Writes that share one durable commit.
    public var writesPerCommitMax = 256
    /// Bytes after which a commit takes no further write in.
    public var commitBytesMax = 8 << 20
    /// Reads that share one transaction, which is cheaper than one each. The other readers take the rest.
    public var readsPerTransactionMax = 8
    /// Connections that read, each on a thread of its own.
    public var readers = 3
    /// Longest document, leaf or other run of bytes in one row.
    public var documentBytesMax = 64 << 20
    /// Pages in the write-ahead log after which it is copied into the database.
    public var checkpointPages = 1_000
    /// Pages in the write-ahead log after which copying waits for readers, so that the log can start again.
    public var walPagesMax = 16_384

    public init() {}
}
