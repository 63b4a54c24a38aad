import Testing
import TransparencyLog

@Suite("Tile path")
struct TilePathTests {
    @Test(
        "Paths are written as the specification writes them",
        arguments: [
            ("tile/0/x001/x234/067", TilePath(.hashes(level: 0), index: 1_234_067)),
            ("tile/0/000", TilePath(.hashes(level: 0), index: 0)),
            ("tile/1/999.p/5", TilePath(.hashes(level: 1), index: 999, width: 5)),
            ("tile/63/x001/000.p/255", TilePath(.hashes(level: 63), index: 1_000, width: 255)),
            ("tile/entries/x123/456", TilePath(.entries, index: 123_456)),
            ("tile/entries/000.p/1", TilePath(.entries, index: 0, width: 1)),
            (
                "tile/0/x072/x057/x594/x037/x927/935",
                TilePath(.hashes(level: 0), index: TilePath.indexMax)
            ),
        ])
    func spelling(text: String, path: TilePath?) throws {
        let path = try #require(path)
        #expect(path.description == text)
        #expect(TilePath(parsing: text) == path)
    }

    @Test(
        "Only the canonical spelling parses",
        arguments: [
            "", "tile", "tile/0", "tile//000", "/tile/0/000", "tile/0/000/", "tile/0/00", "tile/0/0000", "tile/0/x000",
            "tile/0/x000/000", "tile/0/001/002", "tile/0/x01/002", "tile/00/000", "tile/64/000", "tile/-1/000",
            "tile/a/000",
            "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/.p/5",
            "tile/0/000.p/5/6", "tile/0/000.q/5", "tile/0/+00", "tile/0/١٢٣", "tile/0/../000",
            "tile/entries/../../000",
            "tile/entries/", "tile/data/000", "TILE/0/000", "tile/0/x072/x057/x594/x037/x927/936",
            "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/000\0", "tile/0/000.p/5\n",
        ])
    func refused(text: String) {
        #expect(TilePath(parsing: text) == nil)
    }

    @Test("A path of a thousand levels is refused without being taken apart")
    func endless() {
        #expect(TilePath(parsing: "tile/0/" + String(repeating: "x001/", count: 100_000) + "001") == nil)
    }

    @Test("Widths and levels outside the format make no path")
    func ranges() {
        #expect(TilePath(.entries, index: 0, width: 0) == nil)
        #expect(TilePath(.entries, index: 0, width: 257) == nil)
        #expect(TilePath(.hashes(level: 64), index: 0) == nil)
        #expect(TilePath(.hashes(level: -1), index: 0) == nil)
        #expect(TilePath(.entries, index: TilePath.indexMax + 1) == nil)
    }
}

@Suite("Tile")
struct TileTests {
    @Test("A tile survives encoding", arguments: [1, 2, 255, 256])
    func roundTrip(width: Int) throws {
        let tile = try Tile(ReferenceTree(size: width).leaves)
        #expect(tile.encoded.count == width * 32)
        #expect(try Tile(decoding: tile.encoded) == tile)
        #expect(tile.root == ReferenceTree(size: width).root(0..<width))
    }

    @Test("Bytes that are no tile are refused", arguments: [0, 1, 31, 33, 8_191, 8_193, 8_224, 1 << 20])
    func refused(count: Int) {
        #expect(throws: TileFault.byteCount(count)) { try Tile(decoding: [UInt8](repeating: 0, count: count)) }
    }
}
