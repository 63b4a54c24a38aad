/// Why entries cannot be bundled, or bytes are not the bundle that was asked for.
public enum EntryBundleFault: Error, Sendable, Hashable {
    /// Bundles hold 1 to 256 entries.
    case entryCount(Int)

    /// An entry is longer than its 16-bit length prefix can say.
    case entryTooLong(byteCount: Int)

    /// The bytes end inside an entry or its length.
    case truncated(offset: Int)

    /// Bytes follow the last entry.
    case trailingBytes(offset: Int)
}

/// The entries of one level-0 tile, each behind its length as a big-endian 16-bit number (C2SP tlog-tiles).
public enum EntryBundle {
    /// Longest entry in bytes.
    public static let entryBytesMax = Int(UInt16.max)

    /// Longest bundle in bytes.
    public static let bytesMax = Tile.widthMax * (2 + entryBytesMax)

    /// Joins 1 to 256 entries.
    public static func encode(_ entries: [[UInt8]]) throws(EntryBundleFault) -> [UInt8] {
        guard (1...Tile.widthMax).contains(entries.count) else { throw .entryCount(entries.count) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(0) { $0 + 2 + $1.count })
        for entry in entries {
            guard let length = UInt16(exactly: entry.count) else { throw .entryTooLong(byteCount: entry.count) }
            bytes.append(UInt8(length >> 8))
            bytes.append(UInt8(length & 0xFF))
            bytes.append(contentsOf: entry)
        }
        return bytes
    }

    /// Splits a bundle into its entries.
    ///
    /// - Parameter width: how many entries the tile path promises. A bundle that has grown meanwhile is read up to
    ///   that number only when `allowingMore` is set.
    public static func decode(
        _ bytes: [UInt8], width: Int, allowingMore: Bool = false
    ) throws(EntryBundleFault) -> [ArraySlice<UInt8>] {
        guard (1...Tile.widthMax).contains(width) else { throw .entryCount(width) }
        var entries: [ArraySlice<UInt8>] = []
        entries.reserveCapacity(width)
        var offset = 0
        while entries.count < width {
            guard bytes.count - offset >= 2 else { throw .truncated(offset: offset) }
            let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            guard bytes.count - offset - 2 >= length else { throw .truncated(offset: offset) }
            entries.append(bytes[(offset + 2)..<(offset + 2 + length)])
            offset += 2 + length
        }
        guard allowingMore || offset == bytes.count else { throw .trailingBytes(offset: offset) }
        return entries
    }
}
