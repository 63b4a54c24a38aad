import ServerFixture
import Testing
import TransparencyLog

/// What a client can learn about the log from what is served, everything proved.
struct ServedLog {
    let checkpoint: VerifiedCheckpoint
    let tiles: VerifiedTiles
    /// The bytes of every leaf, each proved to be in the tree.
    let leaves: [[UInt8]]

    /// Reads the whole log and proves that it is what the checkpoint was signed for.
    ///
    /// - Throws: when something is missing, has the wrong form, or is not proved.
    init(of registry: RunningRegistry) async throws {
        let key = try #require(NoteVerifier(vkey: try await registry.get("/log/key").text.trimmed))
        let origin = try #require(LogOrigin(key.name.description))
        let note = try await registry.get("/log/checkpoint")
        try #require(note.status == 200, "\(note)")
        checkpoint = try VerifiedCheckpoint(opening: note.body, origin: origin, keys: [key])
        let size = checkpoint.head.size
        var tiles: [TilePath: Tile] = [:]
        var width = size
        var level = 0
        while width > 0 {
            for (index, count) in Self.pieces(of: width) {
                let path = try #require(TilePath(.hashes(level: level), index: index, width: count))
                tiles[path] = try Tile(decoding: try await Self.bytes(path, registry))
            }
            width /= UInt64(Tile.widthMax)
            level += 1
        }
        self.tiles = try VerifiedTiles(tiles, head: checkpoint.head)
        var leaves: [[UInt8]] = []
        for (index, count) in Self.pieces(of: size) {
            let path = try #require(TilePath(.entries, index: index, width: count))
            leaves += try EntryBundle.decode(try await Self.bytes(path, registry), width: count).map { Array($0) }
        }
        self.leaves = leaves
        let builder = ProofBuilder(reader: self.tiles, treeSize: size)
        for (index, leaf) in leaves.enumerated() {
            let proof = try builder.inclusionProof(of: UInt64(index), in: size)
            try proof.verify(leaf: MerkleHashing.leaf(leaf), head: checkpoint.head)
        }
    }

    /// Index and width of the tiles that so many hashes fill.
    private static func pieces(of count: UInt64) -> [(UInt64, Int)] {
        stride(from: 0, to: count, by: Tile.widthMax).map { start in
            (start / UInt64(Tile.widthMax), Int(min(count - start, UInt64(Tile.widthMax))))
        }
    }

    private static func bytes(_ path: TilePath, _ registry: RunningRegistry) async throws -> [UInt8] {
        let answer = try await registry.get("/log/\(path)")
        try #require(answer.status == 200, "\(path): \(answer)")
        return answer.body
    }
}

extension String {
    fileprivate var trimmed: String { String(prefix { !$0.isNewline }) }
}
