/// Why bytes are not the tile that was asked for.
public enum TileFault: Error, Sendable, Hashable {
    /// Not a whole number of hashes between 1 and 256.
    case byteCount(Int)

    /// The tile holds fewer hashes than its path says.
    case tooNarrow(TilePath, actual: Int)

    /// The tree head claims more leaves than `TreeHead.sizeMax`.
    case sizeOutOfRange(UInt64)

    /// Needed to check the tree, and not given.
    case missing(TilePath)

    /// Given, but no tree of this size has such a tile.
    case unexpected(TilePath)

    /// The tile's hashes do not fold into the hash that its parent tile holds.
    case parentMismatch(TilePath)

    /// The tiles of the right edge do not fold into the tree head's root.
    case rootMismatch(computed: LogHash)
}

/// Up to 256 consecutive hashes of one level: the unit in which a log is stored and fetched.
public struct Tile: Sendable, Hashable {
    /// Hashes in a full tile.
    public static let widthMax = 256

    /// Levels of the binary tree that one tile level spans.
    public static let height = 8

    /// Bytes of a full tile.
    public static let bytesMax = widthMax * LogHash.byteCount

    /// 1 to 256 hashes, in order.
    public let hashes: [LogHash]

    /// Takes 1 to 256 hashes.
    public init(_ hashes: [LogHash]) throws(TileFault) {
        guard (1...Self.widthMax).contains(hashes.count) else {
            throw .byteCount(hashes.count * LogHash.byteCount)
        }
        self.hashes = hashes
    }

    /// Reads the concatenated hashes as a log serves them.
    public init(decoding bytes: [UInt8]) throws(TileFault) {
        guard !bytes.isEmpty, bytes.count <= Self.bytesMax, bytes.count.isMultiple(of: LogHash.byteCount) else {
            throw .byteCount(bytes.count)
        }
        let raw = bytes.span.bytes
        var hashes: [LogHash] = []
        hashes.reserveCapacity(bytes.count / LogHash.byteCount)
        for start in stride(from: 0, to: bytes.count, by: LogHash.byteCount) {
            guard let hash = LogHash(raw.extracting(start..<start + LogHash.byteCount)) else {
                throw .byteCount(bytes.count)
            }
            hashes.append(hash)
        }
        self.hashes = hashes
    }

    /// The concatenated hashes, 32 to 8,192 bytes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * LogHash.byteCount)
        for hash in hashes { bytes.append(contentsOf: hash.bytes) }
        return bytes
    }

    /// The tree hash over the tile's hashes: for a full tile, the hash that the level above holds for it.
    public var root: LogHash {
        MerkleHashing.root(of: hashes)
    }

    /// Exactly the tile that `path` names; a tile that has grown meanwhile is cut back to that width.
    func fitted(to path: TilePath) throws(TileFault) -> Tile {
        guard hashes.count >= path.width else { throw .tooNarrow(path, actual: hashes.count) }
        return hashes.count == path.width ? self : try Tile(Array(hashes.prefix(path.width)))
    }
}
