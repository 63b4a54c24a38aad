/// Why a root or a proof could not be made.
public enum ProofFault<ReadFault: Error>: Error {
    /// The size exceeds what the tree has, or what any tree may have.
    case sizeOutOfRange(UInt64, max: UInt64)

    /// The leaf does not exist in a tree of that size.
    case leafOutOfRange(UInt64, size: UInt64)

    /// A consistency proof goes from an older size to a newer one.
    case sizesReversed(old: UInt64, new: UInt64)

    /// The store failed.
    case read(ReadFault)
}

extension ProofFault: Equatable where ReadFault: Equatable {}
extension ProofFault: Hashable where ReadFault: Hashable {}

/// Makes roots and proofs for any size that the tree has ever had, from stored hashes alone.
///
/// The number of tiles that an answer reads from grows with the logarithm of the size: at most a few of each level.
public struct ProofBuilder<Reader: TileHashReader> {
    private let reader: Reader
    private let treeSize: UInt64

    /// - Parameter treeSize: leaves that `reader` holds; larger sizes are refused.
    public init(reader: Reader, treeSize: UInt64) {
        self.reader = reader
        self.treeSize = treeSize
    }

    /// Root of the first `size` leaves.
    public func root(at size: UInt64) throws(ProofFault<Reader.ReadFault>) -> LogHash {
        try check(size)
        guard size > 0 else { return MerkleHashing.emptyRoot }
        return try hash(of: SubtreeRange(start: 0, end: size))
    }

    /// Proof that leaf `leafIndex` is in the tree of the first `size` leaves. RFC 9162 section 2.1.3.1.
    public func inclusionProof(
        of leafIndex: UInt64, in size: UInt64
    ) throws(ProofFault<Reader.ReadFault>) -> InclusionProof {
        try check(size)
        guard leafIndex < size else { throw .leafOutOfRange(leafIndex, size: size) }
        let path = try hashes(of: SubtreeRange.inclusionPath(leafIndex: leafIndex, size: size))
        return InclusionProof(leafIndex: leafIndex, treeSize: size, path: path)
    }

    /// Proof that the first `oldSize` leaves are a prefix of the first `newSize`. RFC 9162 section 2.1.4.1.
    public func consistencyProof(
        from oldSize: UInt64, to newSize: UInt64
    ) throws(ProofFault<Reader.ReadFault>) -> ConsistencyProof {
        try check(newSize)
        guard oldSize <= newSize else { throw .sizesReversed(old: oldSize, new: newSize) }
        let path = try hashes(of: SubtreeRange.consistencyPath(from: oldSize, to: newSize))
        return ConsistencyProof(oldSize: oldSize, newSize: newSize, path: path)
    }

    private func check(_ size: UInt64) throws(ProofFault<Reader.ReadFault>) {
        let max = min(treeSize, TreeHead.sizeMax)
        guard size <= max else { throw .sizeOutOfRange(size, max: max) }
    }

    private func hashes(of path: [SubtreeRange]) throws(ProofFault<Reader.ReadFault>) -> [LogHash] {
        var hashes: [LogHash] = []
        hashes.reserveCapacity(path.count)
        for range in path { hashes.append(try hash(of: range)) }
        return hashes
    }

    private func hash(of range: SubtreeRange) throws(ProofFault<Reader.ReadFault>) -> LogHash {
        let subtrees = range.perfectSubtrees
        var hash = MerkleHashing.emptyRoot
        for (position, subtree) in subtrees.reversed().enumerated() {
            let left = try reader.hash(of: subtree)
            hash = position == 0 ? left : MerkleHashing.node(left, hash)
        }
        return hash
    }
}

extension TileHashReader {
    /// Folds the stored hashes of one tile into a perfect subtree's root.
    func hash(of subtree: PerfectSubtree) throws(ProofFault<ReadFault>) -> LogHash {
        let level = subtree.tileLevel
        let indexes = subtree.storedIndexes
        do {
            var row: [LogHash] = []
            row.reserveCapacity(Int(indexes.upperBound - indexes.lowerBound))
            for index in indexes { row.append(try hash(level: level, index: index)) }
            return MerkleHashing.root(of: row)
        } catch {
            throw .read(error)
        }
    }
}
