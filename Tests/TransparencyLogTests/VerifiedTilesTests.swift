import Testing
import TransparencyLog

@Suite("Verified tiles")
struct VerifiedTilesTests {
    static let log = MemoryLog(size: 66_000)

    private func plan(leaves: [UInt64], size: UInt64) throws -> Set<TilePath> {
        let planner = try TilePlanner(treeSize: size)
        return planner.authenticating(Set(leaves.compactMap(planner.tile(holdingLeaf:))))
    }

    private func head(_ size: UInt64) throws -> TreeHead {
        TreeHead(size: size, root: try ProofBuilder(reader: Self.log, treeSize: 66_000).root(at: size))
    }

    @Test(
        "Tiles of the tree verify and give its leaves", arguments: [1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000])
    func accepts(size: UInt64) throws {
        let tiles = try Self.log.tiles(try plan(leaves: [0, size / 2, size - 1], size: size))
        let verified = try VerifiedTiles(tiles, head: try head(size))
        for leaf in [0, size / 2, size - 1] {
            #expect(try verified.hash(level: 0, index: leaf) == MerkleHashing.leaf(Array("\(leaf)".utf8)))
        }
        #expect(try verified.root(at: size) == verified.head.root)
    }

    @Test("The empty tree needs no tiles")
    func emptyTree() throws {
        #expect(try VerifiedTiles([:], head: .empty).root(at: 0) == MerkleHashing.emptyRoot)
    }

    @Test("Every flipped bit in a partial tile is found")
    func flippedPartial() throws {
        let path = try #require(TilePath(.hashes(level: 0), index: 1, width: 44))
        try expectEveryFlipFound(in: path, size: 300, step: 1)
    }

    @Test("Flipped bits in full tiles are found at every byte", arguments: [(0, UInt64(0)), (0, 200), (1, 0)])
    func flippedFull(level: Int, index: UInt64) throws {
        let path = try #require(TilePath(.hashes(level: level), index: index))
        try expectEveryFlipFound(in: path, size: 65_537, step: 41)
    }

    private func expectEveryFlipFound(in path: TilePath, size: UInt64, step: Int) throws {
        let planner = try TilePlanner(treeSize: size)
        var tiles = try Self.log.tiles(planner.authenticating([path]))
        let bytes = try #require(tiles[path]).encoded
        let head = try head(size)
        _ = try VerifiedTiles(tiles, head: head)
        for bit in stride(from: 0, to: bytes.count * 8, by: step) {
            tiles[path] = try Tile(decoding: bytes.flipping(bit: bit))
            #expect(throws: TileFault.self) { try VerifiedTiles(tiles, head: head) }
        }
    }

    @Test("A missing ancestor, a missing edge and a foreign tile are refused by name")
    func incomplete() throws {
        let head = try head(66_000)
        let plan = try plan(leaves: [3], size: 66_000)
        for path in plan where path.description != "tile/0/000" {
            var tiles = try Self.log.tiles(plan)
            tiles[path] = nil
            #expect(throws: TileFault.missing(path)) { try VerifiedTiles(tiles, head: head) }
        }
        var tiles = try Self.log.tiles(plan)
        let foreign = try #require(TilePath(.hashes(level: 0), index: 100, width: 5))
        tiles[foreign] = try Self.log.tile(foreign)
        #expect(throws: TileFault.unexpected(foreign)) { try VerifiedTiles(tiles, head: head) }
    }

    @Test("A full tile in the place of the partial one is cut back; a narrower one is refused")
    func widths() throws {
        let partial = try #require(TilePath(.hashes(level: 0), index: 1, width: 44))
        var tiles = try Self.log.tiles(try plan(leaves: [260], size: 300))
        tiles[partial] = try Self.log.tile(partial.full)
        let verified = try VerifiedTiles(tiles, head: try head(300))
        #expect(throws: TileFault.self) { try verified.hash(level: 0, index: 300) }

        tiles[partial] = try Tile(Array(try Self.log.tile(partial).hashes.dropLast()))
        #expect(throws: TileFault.tooNarrow(partial, actual: 43)) { try VerifiedTiles(tiles, head: try head(300)) }
    }

    @Test("Roots of earlier sizes come out of verified tiles", arguments: [1, 7, 255, 256, 257, 65_536])
    func earlierRoots(old: UInt64) throws {
        let planner = try TilePlanner(treeSize: 66_000)
        let plan = planner.authenticating(try planner.tiles(forRootAt: old))
        let verified = try VerifiedTiles(try Self.log.tiles(plan), head: try head(66_000))
        #expect(try verified.root(at: old) == (try head(old)).root)
    }

    @Test("A tile outside the given ones is missing, not guessed")
    func notGiven() throws {
        let edge = try Self.log.tiles(try plan(leaves: [], size: 66_000))
        let verified = try VerifiedTiles(edge, head: try head(66_000))
        let path = try #require(TilePath(.hashes(level: 0), index: 0))
        #expect(throws: TileFault.missing(path)) { try verified.hash(level: 0, index: 5) }
        #expect(throws: TileFault.self) { try verified.hash(level: 9, index: 0) }
        #expect(throws: TileFault.self) { try verified.hash(level: 0, index: .max) }
    }
}
