/// How many leaves a tree has, and the hash that commits to all of them in order.
public struct TreeHead: Sendable, Hashable {
    /// Number of leaves.
    public let size: UInt64

    /// Merkle Tree Hash of the leaves (RFC 6962 section 2.1).
    public let root: LogHash

    public init(size: UInt64, root: LogHash) {
        self.size = size
        self.root = root
    }

    /// The head of the tree that has no leaves.
    public static let empty = TreeHead(size: 0, root: MerkleHashing.emptyRoot)

    /// Largest size that is believed: what fits a signed 64-bit number, as other logs and databases count.
    public static let sizeMax = UInt64(Int64.max)
}
