internal import Crypto

/// The hash functions of the Merkle tree (RFC 6962 section 2.1).
///
/// Leaves and nodes are hashed with different prefixes, so that no node can be presented as a leaf.
public enum MerkleHashing {
    /// Root of the tree without leaves: SHA-256 of no bytes.
    public static let emptyRoot = LogHash(SHA256().finalize())

    /// SHA-256(0x00 ‖ entry).
    public static func leaf(_ entry: RawSpan) -> LogHash {
        var hasher = SHA256()
        withUnsafeBytes(of: leafPrefix) { hasher.update(bufferPointer: $0) }
        entry.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return LogHash(hasher.finalize())
    }

    /// SHA-256(0x00 ‖ entry).
    public static func leaf(_ entry: [UInt8]) -> LogHash {
        leaf(entry.span.bytes)
    }

    /// SHA-256(0x01 ‖ left ‖ right).
    public static func node(_ left: LogHash, _ right: LogHash) -> LogHash {
        // One update over one buffer: this runs once per append and 255 times per tile.
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * LogHash.byteCount, alignment: 1) { input in
            input[0] = nodePrefix
            input.storeBytes(of: left, toByteOffset: 1, as: LogHash.self)
            input.storeBytes(of: right, toByteOffset: 1 + LogHash.byteCount, as: LogHash.self)
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(input))
            return LogHash(hasher.finalize())
        }
    }

    /// The tree hash over consecutive subtrees of equal size, of which only the last may be smaller.
    ///
    /// Pairing neighbours and carrying an odd last one upwards gives the same tree as the recursive definition of
    /// RFC 6962 section 2.1, where the left part is always the largest power of two.
    public static func root(of subtrees: [LogHash]) -> LogHash {
        guard !subtrees.isEmpty else { return emptyRoot }
        var row = subtrees
        var width = row.count
        while width > 1 {
            let pairs = width / 2
            for pair in 0..<pairs { row[pair] = node(row[2 * pair], row[2 * pair + 1]) }
            if !width.isMultiple(of: 2) { row[pairs] = row[width - 1] }
            width = pairs + width % 2
        }
        return row[0]
    }

    private static let leafPrefix: UInt8 = 0
    private static let nodePrefix: UInt8 = 1
}

extension LogHash {
    fileprivate init(_ digest: SHA256Digest) {
        self = digest.withUnsafeBytes { $0.loadUnaligned(as: LogHash.self) }
    }
}
