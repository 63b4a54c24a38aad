/// Says which tiles answer a question about a tree, so that a client can fetch them together and then compute.
///
/// All plans are small: a question about one leaf needs at most a few tiles of each level.
public struct TilePlanner: Sendable, Hashable {
    /// Size of the tree whose tiles are fetched: the size of a verified checkpoint. Decides which tiles are partial.
    public let treeSize: UInt64

    /// - Throws: `.sizeOutOfRange` above `TreeHead.sizeMax`.
    public init(treeSize: UInt64) throws(ProofFault<Never>) {
        guard treeSize <= TreeHead.sizeMax else { throw .sizeOutOfRange(treeSize, max: TreeHead.sizeMax) }
        self.treeSize = treeSize
    }

    /// Tiles from which `ProofBuilder.root(at:)` reads.
    public func tiles(forRootAt size: UInt64) throws(ProofFault<Never>) -> Set<TilePath> {
        try check(size)
        return tiles(holding: [SubtreeRange(start: 0, end: size)])
    }

    /// Tiles from which `ProofBuilder.inclusionProof(of:in:)` reads.
    public func tiles(forInclusionOf leafIndex: UInt64, in size: UInt64) throws(ProofFault<Never>) -> Set<TilePath> {
        try check(size)
        guard leafIndex < size else { throw .leafOutOfRange(leafIndex, size: size) }
        return tiles(holding: SubtreeRange.inclusionPath(leafIndex: leafIndex, size: size))
    }

    /// Tiles from which `ProofBuilder.consistencyProof(from:to:)` reads.
    public func tiles(
        forConsistencyFrom oldSize: UInt64, to newSize: UInt64
    ) throws(ProofFault<Never>) -> Set<TilePath> {
        try check(newSize)
        guard oldSize <= newSize else { throw .sizesReversed(old: oldSize, new: newSize) }
        return tiles(holding: SubtreeRange.consistencyPath(from: oldSize, to: newSize))
    }

    /// The level-0 tile that holds a leaf's hash; `nil` if the tree has no such leaf.
    public func tile(holdingLeaf leafIndex: UInt64) -> TilePath? {
        path(level: 0, index: leafIndex >> UInt64(Tile.height))
    }

    /// The entry bundle that holds a leaf's entry; `nil` if the tree has no such leaf.
    public func bundle(holdingLeaf leafIndex: UInt64) -> TilePath? {
        tile(holdingLeaf: leafIndex).map {
            TilePath(uncheckedContent: .entries, index: $0.index, width: $0.width)
        }
    }

    /// Number of level-0 tiles, which is also the number of entry bundles.
    public var bundleCount: UInt64 {
        let full = treeSize >> UInt64(Tile.height)
        return full + (treeSize.isMultiple(of: UInt64(Tile.widthMax)) ? 0 : 1)
    }

    /// `tiles` and all that authenticates them: their ancestors and the partial tiles that make up the root.
    public func authenticating(_ tiles: Set<TilePath>) -> Set<TilePath> {
        var closure = Set(rightEdge)
        for tile in tiles {
            var next: TilePath? = tile
            while let path = next, closure.insert(path).inserted { next = parent(of: path) }
        }
        return closure
    }

    /// The partial tiles, lowest level first. Their hashes, and no others, fold into the root.
    var rightEdge: [TilePath] {
        var edge: [TilePath] = []
        var width = treeSize
        var level = 0
        while width > 0 {
            let index = width >> UInt64(Tile.height)
            if let path = path(level: level, index: index) { edge.append(path) }
            width = index
            level += 1
        }
        return edge
    }

    /// The tile that holds the hash of a full tile; `nil` for a partial tile, which has no parent yet.
    func parent(of path: TilePath) -> TilePath? {
        guard case .hashes(let level) = path.content, !path.isPartial else { return nil }
        return self.path(level: level + 1, index: path.index >> UInt64(Tile.height))
    }

    /// The tile at this place, as wide as the tree makes it; `nil` where the tree has none.
    func path(level: Int, index: UInt64) -> TilePath? {
        let shift = UInt64(level * Tile.height)
        guard shift < UInt64(UInt64.bitWidth), index <= TilePath.indexMax else { return nil }
        let hashCount = treeSize >> shift
        let first = index << UInt64(Tile.height)
        guard first < hashCount else { return nil }
        let width = Int(min(hashCount - first, UInt64(Tile.widthMax)))
        return TilePath(uncheckedContent: .hashes(level: level), index: index, width: width)
    }

    private func tiles(holding ranges: [SubtreeRange]) -> Set<TilePath> {
        var tiles: Set<TilePath> = []
        for subtree in ranges.lazy.flatMap(\.perfectSubtrees) {
            let index = subtree.storedIndexes.lowerBound >> UInt64(Tile.height)
            if let path = path(level: subtree.tileLevel, index: index) { tiles.insert(path) }
        }
        return tiles
    }

    private func check(_ size: UInt64) throws(ProofFault<Never>) {
        guard size <= treeSize else { throw .sizeOutOfRange(size, max: treeSize) }
    }
}
