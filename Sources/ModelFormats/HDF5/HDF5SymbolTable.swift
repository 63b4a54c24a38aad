/// The links of a group in the old way: a tree of nodes whose names stand in a heap (III.A, III.B, III.D).
struct HDF5SymbolTable {
    private let medium: HDF5Medium
    private let heap: LocalHeap

    /// - Parameter fields: a symbol table message.
    static func links(
        _ medium: HDF5Medium, _ fields: HDF5Fields, _ body: (HDF5Link) throws(FormatFault) -> Void
    ) throws(FormatFault) {
        var fields = fields
        let tree = try medium.requiredAddress(&fields)
        let table = HDF5SymbolTable(
            medium: medium, heap: try LocalHeap(medium, at: try medium.requiredAddress(&fields)))
        try HDF5Tree(medium, keyBytes: medium.lengthBytes, kind: 0).leaves(tree) { (leaf) throws(FormatFault) in
            try table.read(leaf.child, body)
        }
    }

    private func read(
        _ address: UInt64, _ body: (HDF5Link) throws(FormatFault) -> Void
    ) throws(FormatFault) {
        var head = try medium.block(address, count: 8)
        try head.expect("SNOD")
        try head.skip(2)
        let count = try head.uint16()
        let entryBytes = 2 * medium.offsetBytes + 24
        var node = try medium.block(
            try HDF5ObjectHeader.sum(address, 8, head), count: UInt64(count) * UInt64(entryBytes))
        for _ in 0..<count {
            let offset = node.offset
            let nameOffset = try node.number(medium.offsetBytes)
            let header = try node.number(medium.offsetBytes)
            let cacheType = try node.uint32()
            try node.skip(4)
            let scratch = try node.uint32()
            try node.skip(12)
            let name = heap.text(nameOffset)
            guard let name else { throw .invalid(.hdf5Outside, offset: offset) }
            // A symbolic link has its path in the heap, and no header.
            if cacheType == 2 {
                guard heap.text(scratch) != nil else { throw .invalid(.hdf5Outside, offset: offset) }
                try body(HDF5Link(name: name, target: .soft, offset: offset))
            } else {
                try body(HDF5Link(name: name, target: .object(header), offset: offset))
            }
        }
    }

    /// The names of one group.
    private struct LocalHeap {
        private let bytes: [UInt8]

        init(_ medium: HDF5Medium, at address: UInt64) throws(FormatFault) {
            var head = try medium.block(address, count: UInt64(8 + 2 * medium.lengthBytes + medium.offsetBytes))
            try head.expect("HEAP")
            try head.skip(4)
            let count = try medium.length(&head)
            try head.skip(medium.lengthBytes)
            var data = try medium.block(try medium.requiredAddress(&head), count: count)
            bytes = Array(try data.take(data.remaining))
        }

        /// - Returns: `nil` if it does not begin and end inside the heap.
        func text(_ offset: UInt64) -> String? {
            guard let start = Int(exactly: offset), start < bytes.count,
                let end = bytes[start...].prefix(HDF5Limits.nameBytesMax).firstIndex(of: 0)
            else { return nil }
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
    }
}

/// A tree of version 1: of symbol table nodes, or of chunks (III.A.1).
struct HDF5Tree {
    struct Leaf {
        let key: HDF5Fields
        let child: UInt64
    }

    private let medium: HDF5Medium
    private let keyBytes: Int
    private let kind: UInt8

    private static let levelsMax: UInt8 = 32

    init(_ medium: HDF5Medium, keyBytes: Int, kind: UInt8) {
        self.medium = medium
        self.keyBytes = keyBytes
        self.kind = kind
    }

    /// Visits what the lowest nodes point at.
    func leaves(_ root: UInt64, _ body: (Leaf) throws(FormatFault) -> Void) throws(FormatFault) {
        var pending: [(address: UInt64, level: UInt8?)] = [(root, nil)]
        var seen: Set<UInt64> = [root]
        while let next = pending.popLast() {
            var head = try medium.block(next.address, count: UInt64(8 + 2 * medium.offsetBytes))
            try head.expect("TREE")
            guard try head.uint8() == kind else { throw head.malformed() }
            let level = try head.uint8()
            // Levels count down to zero: a tree that does not end is none.
            guard level < Self.levelsMax, level == next.level ?? level else { throw head.malformed(.hdf5Cycle) }
            let count = try head.uint16()
            let bytes = count * (keyBytes + medium.offsetBytes) + keyBytes
            var node = try medium.block(
                try HDF5ObjectHeader.sum(next.address, UInt64(8 + 2 * medium.offsetBytes), head), count: UInt64(bytes))
            for _ in 0..<count {
                let key = try node.block(keyBytes)
                let child = try medium.requiredAddress(&node)
                guard level > 0 else {
                    try body(Leaf(key: key, child: child))
                    continue
                }
                guard seen.insert(child).inserted else { throw node.malformed(.hdf5Cycle) }
                guard seen.count < medium.limits.namesMax else { throw .limitExceeded(.hdf5Names, offset: node.offset) }
                pending.append((child, level - 1))
            }
        }
    }
}
