/// Tiles whose every hash is known to belong to the tree of one head.
///
/// Only the initialiser makes them, and it believes nothing but the head: the partial tiles must fold into the root,
/// and each full tile into the hash that its parent holds. Whoever served the tiles need not be trusted.
public struct VerifiedTiles: Sendable, TileHashReader {
    /// The head that vouches for the tiles.
    public let head: TreeHead

    private let tiles: [TilePath: Tile]
    private let planner: TilePlanner

    /// Checks `tiles` against `head`. All partial tiles of the tree and all ancestors must be among them:
    /// `TilePlanner.authenticating` names what is needed.
    ///
    /// - Parameter head: from a verified checkpoint.
    public init(_ tiles: [TilePath: Tile], head: TreeHead) throws(TileFault) {
        guard let planner = try? TilePlanner(treeSize: head.size) else { throw .sizeOutOfRange(head.size) }
        self.head = head
        self.planner = planner
        var fitted: [TilePath: Tile] = [:]
        for (path, tile) in tiles { fitted[path] = try tile.fitted(to: path) }
        self.tiles = fitted

        try verifyRoot()
        for path in fitted.keys { try verifyPlace(of: path) }
    }

    /// The hash at that place. Throws `.missing` if its tile was not given.
    public func hash(level: Int, index: UInt64) throws(TileFault) -> LogHash {
        guard let path = planner.path(level: level, index: index >> UInt64(Tile.height)) else {
            throw .missing(TilePath(uncheckedContent: .hashes(level: level), index: index, width: 1))
        }
        let position = Int(index & UInt64(Tile.widthMax - 1))
        guard let tile = tiles[path], position < tile.hashes.count else { throw .missing(path) }
        return tile.hashes[position]
    }

    /// Root of the tree when it had `size` leaves, as this head's history has it.
    public func root(at size: UInt64) throws(ProofFault<TileFault>) -> LogHash {
        try ProofBuilder(reader: self, treeSize: head.size).root(at: size)
    }

    /// Folds the partial tiles, smallest subtrees first. At each level what lies to the right of the tile is one
    /// incomplete subtree, so it takes the place of one more, last hash.
    private func verifyRoot() throws(TileFault) {
        var right: LogHash?
        for path in planner.rightEdge {
            guard let tile = tiles[path] else { throw .missing(path) }
            right = MerkleHashing.root(of: tile.hashes + (right.map { [$0] } ?? []))
        }
        let root = right ?? MerkleHashing.emptyRoot
        guard root == head.root else { throw .rootMismatch(computed: root) }
    }

    private func verifyPlace(of path: TilePath) throws(TileFault) {
        guard case .hashes(let level) = path.content, planner.path(level: level, index: path.index) == path else {
            throw .unexpected(path)
        }
        // Partial tiles were folded into the root.
        guard !path.isPartial else { return }
        guard let parent = planner.parent(of: path), let tile = tiles[path] else { throw .missing(path) }
        guard let parentTile = tiles[parent] else { throw .missing(parent) }
        let position = Int(path.index & UInt64(Tile.widthMax - 1))
        guard position < parentTile.hashes.count, tile.root == parentTile.hashes[position] else {
            throw .parentMismatch(path)
        }
    }
}
