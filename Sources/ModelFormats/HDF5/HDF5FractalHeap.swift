/// A heap of links or attributes of which there are many (III.G).
struct HDF5FractalHeap {
    private let medium: HDF5Medium
    private let headerAddress: UInt64
    private let idBytes: Int
    private let offsetBytes: Int
    private let lengthBytes: Int
    private let isFiltered: Bool
    private let hasBlockChecksums: Bool
    private let width: UInt64
    private let startBytes: UInt64
    private let directBytesMax: UInt64
    private let managedBytesMax: UInt64
    private let root: UInt64?
    private let rootRows: Int
    private let hugeTree: UInt64?
    /// Objects too large for a block, by their numbers; `nil` until one is asked for.
    private var huge: [UInt64: (address: UInt64, count: UInt64)]?

    private static let prefixBytes = 5

    init(_ medium: HDF5Medium, at address: UInt64) throws(FormatFault) {
        self.medium = medium
        headerAddress = address
        let (offsets, lengths) = (medium.offsetBytes, medium.lengthBytes)
        var head = try medium.block(address, count: UInt64(22 + 12 * lengths + 3 * offsets))
        try head.expect("FRHP")
        guard try head.uint8() == 0 else { throw head.malformed() }
        idBytes = try head.uint16()
        isFiltered = try head.uint16() > 0
        hasBlockChecksums = try head.uint8() & 2 != 0
        managedBytesMax = try head.uint32()
        try head.skip(lengths)
        hugeTree = try medium.address(&head)
        // Free space, where it is managed, and how much of each kind of object there is.
        try head.skip(lengths + offsets + 8 * lengths)
        width = try head.number(2)
        startBytes = try medium.length(&head)
        directBytesMax = try medium.length(&head)
        let bits = try head.uint16()
        try head.skip(2)
        root = try medium.address(&head)
        rootRows = try head.uint16()
        guard bits <= 64, width > 0, width <= 1024, startBytes.nonzeroBitCount == 1,
            directBytesMax.nonzeroBitCount == 1, startBytes <= directBytesMax, directBytesMax <= 1 << 32,
            rootRows <= 64
        else { throw head.malformed() }
        offsetBytes = (bits + 7) / 8
        lengthBytes = min((Self.log2(directBytesMax) + 7) / 8, Self.log2(max(1, managedBytesMax)) / 8 + 1)
    }

    private static func log2(_ value: UInt64) -> Int { 63 - value.leadingZeroBitCount }

    /// The object with the identifier that the next bytes are.
    ///
    /// - Returns: `nil` if it is stored in a way that is not followed.
    mutating func object(_ record: inout HDF5Fields, idBytes count: Int) throws(FormatFault) -> HDF5Fields? {
        var id = try record.block(count)
        let start = id.offset
        let first = try id.uint8()
        guard first & 0xC0 == 0, !isFiltered else { return nil }
        switch first >> 4 & 3 {
        case 0:
            let offset = try id.number(offsetBytes)
            let length = try id.number(lengthBytes)
            return try managed(offset, length, at: start)
        case 2: return idBytes <= 17 ? try id.block(Int(first & 0x0F) + 1) : nil
        case 1: return try hugeObject(&id)
        default: return nil
        }
    }

    private mutating func hugeObject(_ id: inout HDF5Fields) throws(FormatFault) -> HDF5Fields? {
        let place = id.offset
        // An identifier with enough room says itself where the object is.
        if id.remaining >= medium.offsetBytes + medium.lengthBytes {
            let address = try medium.requiredAddress(&id)
            return try medium.block(address, count: try medium.length(&id))
        }
        let number = try id.number(min(id.remaining, 8))
        if huge == nil { huge = try readHuge() }
        guard let found = huge?[number] else { throw .invalid(.hdf5Outside, offset: place) }
        return try medium.block(found.address, count: found.count)
    }

    private func readHuge() throws(FormatFault) -> [UInt64: (address: UInt64, count: UInt64)] {
        guard let hugeTree else { return [:] }
        var objects: [UInt64: (address: UInt64, count: UInt64)] = [:]
        let tree = try HDF5RecordTree(medium, at: hugeTree, kind: HDF5RecordTree.hugeObjects)
        try tree.records { (record) throws(FormatFault) in
            guard objects.count < medium.limits.namesMax else {
                throw .limitExceeded(.hdf5Names, offset: record.offset)
            }
            let address = try medium.requiredAddress(&record)
            let count = try medium.length(&record)
            objects[try medium.length(&record)] = (address, count)
        }
        return objects
    }

    /// An object among the blocks that hold several, each twice as large as those of the row before.
    private func managed(_ offset: UInt64, _ length: UInt64, at place: UInt64) throws(FormatFault) -> HDF5Fields {
        guard let root else { throw .invalid(.hdf5Structure, offset: place) }
        guard rootRows > 0 else { return try object(inBlock: root, startBytes, offset, length, at: place) }
        var (address, offset) = (root, offset)
        var rows = rootRows
        for _ in 0..<64 {
            let (row, column, within, blockBytes) = try position(offset, at: place)
            guard row < rows else { throw .invalid(.hdf5Outside, offset: place) }
            let child = try child(of: address, UInt64(row) * width + column)
            if blockBytes <= directBytesMax { return try object(inBlock: child, blockBytes, within, length, at: place) }
            rows = Self.log2(blockBytes) - Self.log2(startBytes * width) + 1
            guard rows > 0, rows <= 64 else { throw .invalid(.hdf5Structure, offset: place) }
            (address, offset) = (child, within)
        }
        throw .invalid(.hdf5Cycle, offset: place)
    }

    private func position(
        _ offset: UInt64, at place: UInt64
    ) throws(FormatFault) -> (row: Int, column: UInt64, within: UInt64, blockBytes: UInt64) {
        let firstRow = startBytes * width
        guard offset >= firstRow else { return (0, offset / startBytes, offset % startBytes, startBytes) }
        // Row r, from 1 on, begins where as many bytes lie before it as it has itself.
        let row = Self.log2(offset / firstRow) + 1
        guard row < 40 else { throw .invalid(.hdf5Outside, offset: place) }
        let (rowStart, overflow) = firstRow.multipliedReportingOverflow(by: 1 << UInt64(row - 1))
        guard !overflow, offset >= rowStart else { throw .invalid(.hdf5Outside, offset: place) }
        let blockBytes = startBytes << UInt64(row - 1)
        return (row, (offset - rowStart) / blockBytes, (offset - rowStart) % blockBytes, blockBytes)
    }

    private func child(of address: UInt64, _ index: UInt64) throws(FormatFault) -> UInt64 {
        let prefix = Self.prefixBytes + medium.offsetBytes + offsetBytes
        var head = try medium.block(address, count: UInt64(prefix))
        try head.expect("FHIB")
        let place = UInt64(prefix) + index * UInt64(medium.offsetBytes)
        var entry = try medium.block(
            try HDF5ObjectHeader.sum(address, place, head), count: UInt64(medium.offsetBytes))
        return try medium.requiredAddress(&entry)
    }

    private func object(
        inBlock address: UInt64, _ blockBytes: UInt64, _ offset: UInt64, _ length: UInt64, at place: UInt64
    ) throws(FormatFault) -> HDF5Fields {
        let prefix = UInt64(Self.prefixBytes + medium.offsetBytes + offsetBytes + (hasBlockChecksums ? 4 : 0))
        guard offset >= prefix, length <= blockBytes, offset <= blockBytes - length else {
            throw .invalid(.hdf5Outside, offset: place)
        }
        var head = try medium.block(address, count: 4)
        try head.expect("FHDB")
        return try medium.block(try HDF5ObjectHeader.sum(address, offset, head), count: length)
    }
}

/// A tree of version 2, of which all records are visited (III.A.2).
struct HDF5RecordTree {
    /// Objects of a heap that are too large for its blocks, by their numbers.
    static let hugeObjects: UInt8 = 1
    /// Links by the checksum of their names.
    static let links: UInt8 = 5
    /// Attributes by the checksum of their names.
    static let attributes: UInt8 = 8

    private let medium: HDF5Medium
    private let kind: UInt8
    private let nodeBytes: Int
    private let recordBytes: Int
    private let depth: Int
    private let root: UInt64?
    private let rootCount: Int

    private static let prefixBytes = 6
    private static let depthMax = 32

    private struct Node {
        let address: UInt64
        let count: Int
        let depth: Int
    }

    init(_ medium: HDF5Medium, at address: UInt64, kind: UInt8) throws(FormatFault) {
        self.medium = medium
        self.kind = kind
        var head = try medium.block(address, count: UInt64(22 + medium.offsetBytes + medium.lengthBytes))
        guard head.hasChecksum else { throw head.malformed(.hdf5Checksum) }
        try head.expect("BTHD")
        let version = try head.uint8()
        let found = try head.uint8()
        nodeBytes = Int(try head.uint32())
        recordBytes = try head.uint16()
        depth = try head.uint16()
        try head.skip(2)
        root = try medium.address(&head)
        rootCount = try head.uint16()
        guard version == 0, found == kind, recordBytes > 0, nodeBytes > Self.prefixBytes + 4 + recordBytes,
            nodeBytes <= 1 << 22, depth < Self.depthMax
        else { throw head.malformed() }
    }

    func records(_ body: (inout HDF5Fields) throws(FormatFault) -> Void) throws(FormatFault) {
        guard let root, rootCount > 0 else { return }
        let sizes = pointerSizes()
        var pending = [Node(address: root, count: rootCount, depth: depth)]
        var seen: Set<UInt64> = [root]
        while let node = pending.popLast() {
            var block = try medium.block(node.address, count: UInt64(nodeBytes))
            try block.expect(node.depth > 0 ? "BTIN" : "BTLF")
            guard try block.uint8() == 0, try block.uint8() == kind else { throw block.malformed() }
            for _ in 0..<node.count {
                var record = try block.block(recordBytes)
                try body(&record)
            }
            guard node.depth > 0 else { continue }
            for _ in 0...node.count {
                let address = try medium.requiredAddress(&block)
                let count = Int(try block.number(sizes.count))
                if node.depth > 1 { try block.skip(sizes.total[node.depth - 1]) }
                guard seen.insert(address).inserted else { throw block.malformed(.hdf5Cycle) }
                guard seen.count < medium.limits.namesMax else {
                    throw .limitExceeded(.hdf5Names, offset: block.offset)
                }
                pending.append(Node(address: address, count: count, depth: node.depth - 1))
            }
        }
    }

    /// How many bytes a node gives to the number of records of a child, and of all nodes beneath one.
    private func pointerSizes() -> (count: Int, total: [Int]) {
        func bytes(_ limit: UInt64) -> Int { (63 - max(1, limit).leadingZeroBitCount) / 8 + 1 }
        let room = nodeBytes - Self.prefixBytes - 4
        let leafMax = UInt64(room / recordBytes)
        let count = bytes(leafMax)
        var total = [0]
        var below = leafMax
        for level in 1..<max(2, depth + 1) {
            let pointer = medium.offsetBytes + count + total[level - 1]
            let most = UInt64(max(0, (room - pointer) / (recordBytes + pointer)))
            let (product, overflow) = (most + 1).multipliedReportingOverflow(by: below)
            let (sum, excess) = product.addingReportingOverflow(most)
            below = overflow || excess ? .max : sum
            total.append(bytes(below))
        }
        return (count, total)
    }
}
