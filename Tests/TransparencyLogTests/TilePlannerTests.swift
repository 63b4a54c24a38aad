import Testing
import TransparencyLog

@Suite("Tile planner")
struct TilePlannerTests {
    static let size = 66_000
    static let log = MemoryLog(size: size)
    static let reference = ReferenceTree(size: size)
    static let boundaries = [
        1, 2, 255, 256, 257, 511, 512, 513, 4_097, 65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, 65_793,
        66_000,
    ]

    private func reader(_ plan: Set<TilePath>) throws -> PlannedTiles {
        PlannedTiles(tiles: try Self.log.tiles(plan))
    }

    @Test("The planned tiles, and no others, give the root of every size", arguments: boundaries)
    func roots(size: Int) throws {
        let planner = try TilePlanner(treeSize: UInt64(Self.size))
        let plan = try planner.tiles(forRootAt: UInt64(size))
        let root = try ProofBuilder(reader: try reader(plan), treeSize: planner.treeSize).root(at: UInt64(size))
        #expect(root == Self.reference.root(0..<size))
        #expect(plan.count <= 3)
    }

    @Test("The planned tiles, and no others, give inclusion proofs at tile boundaries", arguments: boundaries)
    func inclusion(size: Int) throws {
        let planner = try TilePlanner(treeSize: UInt64(size))
        for leaf in Set([0, 1, 254, 255, 256, 257, 65_535, 65_536, size / 2, size - 1]) where leaf < size {
            let plan = try planner.tiles(forInclusionOf: UInt64(leaf), in: UInt64(size))
            let builder = ProofBuilder(reader: try reader(plan), treeSize: UInt64(size))
            let proof = try builder.inclusionProof(of: UInt64(leaf), in: UInt64(size))
            #expect(proof.path == Self.reference.path(leaf, 0..<size))
            try proof.verify(leaf: Self.reference.leaves[leaf], head: Self.reference.head(size))
            #expect(plan.count <= 6)
        }
    }

    @Test("The planned tiles, and no others, give consistency proofs at tile boundaries", arguments: boundaries)
    func consistency(new: Int) throws {
        let planner = try TilePlanner(treeSize: UInt64(new))
        for old in Self.boundaries where old <= new {
            let plan = try planner.tiles(forConsistencyFrom: UInt64(old), to: UInt64(new))
            let builder = ProofBuilder(reader: try reader(plan), treeSize: UInt64(new))
            let proof = try builder.consistencyProof(from: UInt64(old), to: UInt64(new))
            #expect(proof.path == Self.reference.proof(old, new))
            try proof.verify(old: Self.reference.head(old), new: Self.reference.head(new))
        }
    }

    @Test("A tree of 70,000 leaves has the tiles that the specification counts")
    func specificationExample() throws {
        let planner = try TilePlanner(treeSize: 70_000)
        #expect(planner.bundleCount == 274)
        #expect(
            Set(planner.authenticating([]).map(\.description)) == [
                "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
        let leaf = try #require(planner.tile(holdingLeaf: 3))
        #expect(
            Set(planner.authenticating([leaf]).map(\.description)) == [
                "tile/0/000", "tile/1/000", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
    }

    @Test("A tree of 256 leaves is one full tile below a partial one of width 1")
    func oneFullTile() throws {
        let planner = try TilePlanner(treeSize: 256)
        #expect(planner.tile(holdingLeaf: 255)?.description == "tile/0/000")
        #expect(planner.authenticating([]).map(\.description) == ["tile/1/000.p/1"])
        #expect(planner.bundleCount == 1)
    }

    @Test(
        "Entry bundles stand beside the level-0 tiles",
        arguments: [
            (UInt64(0), "tile/entries/000"), (255, "tile/entries/000"), (256, "tile/entries/001.p/44"),
        ])
    func bundles(leaf: UInt64, path: String) throws {
        #expect(try TilePlanner(treeSize: 300).bundle(holdingLeaf: leaf)?.description == path)
    }

    @Test("What is outside the tree has no tile")
    func outside() throws {
        let planner = try TilePlanner(treeSize: 300)
        #expect(planner.tile(holdingLeaf: 300) != nil)  // its tile exists, the leaf does not
        #expect(planner.tile(holdingLeaf: 512) == nil)
        #expect(planner.bundle(holdingLeaf: .max) == nil)
        #expect(throws: ProofFault<Never>.sizeOutOfRange(301, max: 300)) { try planner.tiles(forRootAt: 301) }
        #expect(throws: ProofFault<Never>.leafOutOfRange(9, size: 9)) { try planner.tiles(forInclusionOf: 9, in: 9) }
        #expect(throws: ProofFault<Never>.sizesReversed(old: 9, new: 8)) {
            try planner.tiles(forConsistencyFrom: 9, to: 8)
        }
        #expect(throws: ProofFault<Never>.sizeOutOfRange(.max, max: TreeHead.sizeMax)) {
            try TilePlanner(treeSize: .max)
        }
    }

    @Test("Planning for the largest size neither traps nor grows")
    func largestSize() throws {
        let planner = try TilePlanner(treeSize: TreeHead.sizeMax)
        let plan = try planner.tiles(forInclusionOf: TreeHead.sizeMax - 1, in: TreeHead.sizeMax)
        #expect(planner.authenticating(plan).count < 32)
        #expect(try planner.tiles(forConsistencyFrom: 1, to: TreeHead.sizeMax).count < 32)
    }
}
