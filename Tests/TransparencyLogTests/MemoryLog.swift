import TransparencyLog

/// A log in memory: stored hashes as a frontier gave them out, readable only where they were stored.
struct MemoryLog: TileHashReader {
    struct NeverStored: Error, Hashable {
        let level: Int
        let index: UInt64
    }

    private(set) var frontier = TreeFrontier()
    private(set) var levels: [[LogHash]] = []

    init() {}

    init(size: Int) {
        for index in 0..<size { append(Array("\(index)".utf8)) }
    }

    mutating func append(_ entry: [UInt8]) {
        for stored in frontier.append(MerkleHashing.leaf(entry)) {
            if stored.level == levels.count { levels.append([]) }
            levels[stored.level].append(stored.hash)
        }
    }

    func hash(level: Int, index: UInt64) throws(NeverStored) -> LogHash {
        guard levels.indices.contains(level), let position = Int(exactly: index), position < levels[level].count else {
            throw NeverStored(level: level, index: index)
        }
        return levels[level][position]
    }

    /// What the log would serve under `path`.
    func tile(_ path: TilePath) throws -> Tile {
        guard case .hashes(let level) = path.content else { throw NeverStored(level: -1, index: path.index) }
        let first = Int(path.index) * Tile.widthMax
        guard levels.indices.contains(level), first + path.width <= levels[level].count else {
            throw NeverStored(level: level, index: path.index)
        }
        return try Tile(Array(levels[level][first..<first + path.width]))
    }

    func tiles(_ paths: Set<TilePath>) throws -> [TilePath: Tile] {
        try Dictionary(uniqueKeysWithValues: paths.map { ($0, try tile($0)) })
    }
}

/// Reads only from tiles that were planned for, as a client does that fetched them.
struct PlannedTiles: TileHashReader {
    struct NotPlanned: Error, Hashable {
        let level: Int
        let index: UInt64
    }

    let tiles: [TilePath: Tile]

    func hash(level: Int, index: UInt64) throws(NotPlanned) -> LogHash {
        let position = Int(index % 256)
        for (path, tile) in tiles where path.content == .hashes(level: level) && path.index == index / 256 {
            if position < tile.hashes.count { return tile.hashes[position] }
        }
        throw NotPlanned(level: level, index: index)
    }
}
