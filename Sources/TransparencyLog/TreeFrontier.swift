/// The right edge of a growing tree: all that is needed to append, and to know the root.
///
/// Holds one hash for each bit set in the size (a compact range), at most 64. Appending a leaf costs one leaf hash
/// from the caller and, on average, one node hash.
public struct TreeFrontier: Sendable, Hashable {
    /// Number of leaves so far.
    public private(set) var size: UInt64

    /// Roots of the perfect subtrees that make up the tree, largest first.
    private var peaks: [LogHash]

    /// The frontier of the empty tree.
    public init() {
        size = 0
        peaks = []
    }

    /// Rebuilds the frontier of a stored tree. Reads at most 255 hashes of each of the tree's levels.
    ///
    /// The hashes are believed: compare `root` with the newest signed checkpoint before appending.
    public init<Reader: TileHashReader>(size: UInt64, reader: Reader) throws(ProofFault<Reader.ReadFault>) {
        guard size <= TreeHead.sizeMax else {
            throw .sizeOutOfRange(size, max: TreeHead.sizeMax)
        }
        var peaks: [LogHash] = []
        for subtree in SubtreeRange(start: 0, end: size).perfectSubtrees {
            peaks.append(try reader.hash(of: subtree))
        }
        self.size = size
        self.peaks = peaks
    }

    /// Adds one leaf.
    ///
    /// - Returns: the hashes to store, lowest level first: the leaf itself, then each tile-level subtree that this
    ///   leaf completed. They and the new checkpoint belong in one transaction.
    public mutating func append(_ leaf: LogHash) -> [StoredHash] {
        var stored: [StoredHash] = []
        append(leaf, storing: &stored)
        return stored
    }

    /// Adds one leaf and appends the hashes to store to `stored`: for batches, without an array for each leaf.
    public mutating func append(_ leaf: LogHash, storing stored: inout [StoredHash]) {
        stored.append(StoredHash(level: 0, index: size, hash: leaf))
        var subtree = leaf
        var height = 0
        // Each trailing one bit of the size is a peak as tall as the new subtree: merge them.
        while size >> UInt64(height) & 1 == 1 {
            subtree = MerkleHashing.node(peaks.removeLast(), subtree)
            height += 1
            if height.isMultiple(of: Tile.height) {
                let index = size >> UInt64(height)
                stored.append(StoredHash(level: height / Tile.height, index: index, hash: subtree))
            }
        }
        peaks.append(subtree)
        size += 1
    }

    /// Merkle Tree Hash of all leaves so far.
    public var root: LogHash {
        guard var root = peaks.last else { return MerkleHashing.emptyRoot }
        for peak in peaks.dropLast().reversed() { root = MerkleHashing.node(peak, root) }
        return root
    }

    /// Size and root together.
    public var head: TreeHead {
        TreeHead(size: size, root: root)
    }
}
