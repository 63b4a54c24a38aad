/// A subtree whose number of leaves is a power of two: leaves `index` · 2^`height` ..< (`index` + 1) · 2^`height`.
struct PerfectSubtree: Hashable {
    let height: Int
    let index: UInt64

    /// The tile level whose hashes are the subtree's nearest stored descendants, or its own stored hash.
    var tileLevel: Int { height / Tile.height }

    /// Which hashes of `tileLevel` fold into this subtree: 1 to 128, all inside one tile.
    var storedIndexes: Range<UInt64> {
        let shift = UInt64(height % Tile.height)
        return (index << shift)..<((index + 1) << shift)
    }
}

/// A node of the tree as RFC 6962 cuts it: a run of leaves that is perfect, or touches the tree's right edge.
struct SubtreeRange: Hashable {
    let start: UInt64
    let end: UInt64

    /// The perfect subtrees from left to right, each smaller than the one before.
    var perfectSubtrees: [PerfectSubtree] {
        var subtrees: [PerfectSubtree] = []
        var next = start
        while next < end {
            let height = UInt64.bitWidth - 1 - (end - next).leadingZeroBitCount
            subtrees.append(PerfectSubtree(height: height, index: next >> UInt64(height)))
            next += 1 << UInt64(height)
        }
        return subtrees
    }

    /// Where the definition of the tree splits this range: the largest power of two smaller than its length.
    var split: UInt64 {
        let length = end - start
        return start + (1 << UInt64(UInt64.bitWidth - 1 - (length - 1).leadingZeroBitCount))
    }

    /// The siblings on the way from a leaf to the root of a tree of `size`, the leaf's own first.
    /// RFC 9162 section 2.1.3.1.
    static func inclusionPath(leafIndex: UInt64, size: UInt64) -> [SubtreeRange] {
        var path: [SubtreeRange] = []
        var range = SubtreeRange(start: 0, end: size)
        while range.end - range.start > 1 {
            let split = range.split
            let left = SubtreeRange(start: range.start, end: split)
            let right = SubtreeRange(start: split, end: range.end)
            path.append(leafIndex < split ? right : left)
            range = leafIndex < split ? left : right
        }
        return path.reversed()
    }

    /// The nodes that show the first `oldSize` leaves to be a prefix of `newSize` leaves, deepest first.
    /// RFC 9162 section 2.1.4.1; empty when there is nothing to prove.
    static func consistencyPath(from oldSize: UInt64, to newSize: UInt64) -> [SubtreeRange] {
        guard oldSize > 0, oldSize < newSize else { return [] }
        var path: [SubtreeRange] = []
        var range = SubtreeRange(start: 0, end: newSize)
        while oldSize != range.end {
            let split = range.split
            let left = SubtreeRange(start: range.start, end: split)
            let right = SubtreeRange(start: split, end: range.end)
            path.append(oldSize <= split ? right : left)
            range = oldSize <= split ? left : right
        }
        // The verifier already knows this node when it is the whole old tree.
        if range.start > 0 { path.append(range) }
        return path.reversed()
    }
}
