/// A hash that the log keeps: the root of a perfect subtree of 256^`level` leaves.
///
/// Level 0 are the leaf hashes. The store keeps these and computes the levels between, as in C2SP tlog-tiles.
public struct StoredHash: Sendable, Hashable {
    /// Level of the tile that holds the hash.
    public let level: Int

    /// Position among all hashes of the level, counted from 0.
    public let index: UInt64

    public let hash: LogHash

    public init(level: Int, index: UInt64, hash: LogHash) {
        self.level = level
        self.index = index
        self.hash = hash
    }
}

/// Where stored hashes are read from: rows of a database, files, or tiles that were fetched before.
public protocol TileHashReader {
    associatedtype ReadFault: Error

    /// The root of the perfect subtree of 256^`level` leaves that begins at leaf `index` · 256^`level`.
    ///
    /// Only asked for subtrees that are complete at the size the caller named. The answer is not checked here:
    /// a wrong hash gives a proof that does not verify.
    func hash(level: Int, index: UInt64) throws(ReadFault) -> LogHash
}
