/// Reads what an HDF5 file is made of: groups, links, attributes and how datasets are stored (HDF5 file format 3.0).
///
/// Elements of datasets are never read. Where a structure is broken, the rest is followed all the same.
public enum HDF5Reader {
    /// - Throws: only if there is no superblock, the source fails, or a limit is reached.
    public static func read(_ source: any ByteSource, limits: HDF5Limits = .standard) throws(FormatFault) -> HDF5File {
        guard let base = try HDF5Superblock.find(source) else { throw .invalid(.hdf5Signature, offset: 0) }
        let superblock = try HDF5Superblock(source, at: base)
        var walk = HDF5Walk(source, superblock, limits)
        try walk.checkEdges(superblock)
        try walk.run(from: superblock.root)
        return walk.file
    }

    /// Whether there is a superblock at one of the places that programs look at, but for the beginning.
    ///
    /// - Parameter countMax: bytes from the beginning that are looked at.
    static func hiddenSuperblock(_ source: any ByteSource, within countMax: UInt64) throws(FormatFault) -> UInt64? {
        for place in HDF5Superblock.places(min(source.sizeBytes, countMax)).dropFirst()
        where try HDF5Superblock.isSuperblock(source, at: place) {
            return place
        }
        return nil
    }
}

/// The walk from the root through everything that hard links lead to, each object once.
struct HDF5Walk {
    private struct Pending {
        let address: UInt64
        let path: String
    }

    private let medium: HDF5Medium
    private let limits: HDF5Limits
    private let heaps: HDF5GlobalHeaps
    private(set) var file = HDF5File()
    private var pending: [Pending] = []
    private var seen: Set<UInt64> = []
    private var namesLeft: Int
    private var ranges: [Range<UInt64>] = []

    init(_ source: any ByteSource, _ superblock: HDF5Superblock, _ limits: HDF5Limits) {
        self.limits = limits
        medium = HDF5Medium(source, superblock, limits)
        heaps = HDF5GlobalHeaps(medium)
        namesLeft = limits.namesMax
        file.superblockVersion = superblock.version
        file.userBlockBytes = superblock.base
    }

    /// What stands before the file and behind it, and what the superblock says of the whole.
    mutating func checkEdges(_ superblock: HDF5Superblock) throws(FormatFault) {
        let size = medium.source.sizeBytes
        if !superblock.hasChecksum {
            file.add(.malformed, at: superblock.base, FormatDefect.hdf5Checksum.rawValue)
        }
        if superblock.endOffset > size {
            file.add(.truncated, at: size, "\(superblock.endOffset - size) bytes are missing")
        } else if try !medium.source.isZero(from: superblock.endOffset) {
            file.add(.trailingBytes, at: superblock.endOffset, "\(size - superblock.endOffset) bytes")
        }
        if superblock.base > 0, try !ByteRange(medium.source, from: 0, count: superblock.base).isZero(from: 0) {
            file.add(.userBlock, at: 0, "\(superblock.base) bytes")
        }
        guard let more = superblock.driverOrExtension else { return }
        guard superblock.version >= 2 else {
            file.add(.unread, at: superblock.base, "the file is one of several that belong together")
            return
        }
        do throws(FormatFault) {
            let header = try HDF5ObjectHeader(medium, at: more)
            // Driver information is written for files that are spread over several.
            if header.messages.contains(where: { $0.kind == 0x14 }) {
                file.add(.unread, at: superblock.base, "the file is one of several that belong together")
            }
        } catch {
            try note(error, nil)
        }
    }

    mutating func run(from root: UInt64) throws(FormatFault) {
        seen.insert(root)
        pending.append(Pending(address: root, path: ""))
        while let next = pending.popLast() {
            do throws(FormatFault) {
                try visit(next)
            } catch {
                try note(error, next.path)
            }
        }
        compareRanges()
    }

    /// What is broken is an issue, and the walk goes on. Limits and failing disks end it.
    private mutating func note(_ fault: FormatFault, _ path: String?) throws(FormatFault) {
        switch fault {
        case .invalid(let defect, let offset): file.add(.malformed, path, at: offset, defect.rawValue)
        case .truncated(let offset): file.add(.truncated, path, at: offset)
        case .limitExceeded, .invalidJSON, .unsupported, .unreadable: throw fault
        }
    }

    private mutating func visit(_ object: Pending) throws(FormatFault) {
        let header = try HDF5ObjectHeader(medium, at: object.address)
        if let offset = header.badChecksum {
            file.add(.malformed, object.path, at: offset, FormatDefect.hdf5Checksum.rawValue)
        }
        var dataset = HDF5DatasetDescription()
        for message in header.messages {
            do throws(FormatFault) {
                try take(message, of: object, &dataset)
            } catch {
                try note(error, object.path)
            }
        }
        if dataset.layout != nil {
            file.datasetCount += 1
            do throws(FormatFault) {
                try check(dataset, object)
            } catch {
                try note(error, object.path)
            }
        } else {
            file.groupCount += 1
        }
    }

    private mutating func take(
        _ message: HDF5Message, of object: Pending, _ dataset: inout HDF5DatasetDescription
    ) throws(FormatFault) {
        typealias Kind = HDF5Message.Kind
        guard message.kind <= Kind.last, message.kind != Kind.bogus else {
            file.add(.unread, object.path, at: message.fields.offset, "a message of type \(message.kind)")
            return
        }
        guard !message.isShared else { return noteShared(message, object, &dataset) }
        switch message.kind {
        case Kind.attribute: try add(try HDF5Attribute(medium, message.fields, heaps), message.fields.offset, object)
        case Kind.attributeInfo: try readAttributes(message.fields, object)
        case Kind.link: try follow(try HDF5Link(medium, message.fields), from: object)
        case Kind.linkInfo: try readLinks(message.fields, object)
        case Kind.symbolTable:
            var links: [HDF5Link] = []
            let limit = namesLeft
            try HDF5SymbolTable.links(medium, message.fields) { (link) throws(FormatFault) in
                guard links.count < limit else { throw .limitExceeded(.hdf5Names, offset: link.offset) }
                links.append(link)
            }
            for link in links { try follow(link, from: object) }
        case Kind.dataspace: dataset.elementCount = try HDF5Types.space(medium, message.fields).count ?? .max
        case Kind.datatype: dataset.elementBytes = try HDF5Types.element(message.fields).sizeBytes
        case Kind.layout: dataset.layout = message.fields
        case Kind.filters: try noteFilters(message.fields, object)
        case Kind.externalFiles:
            dataset.isExternal = true
            let name = try HDF5Types.firstExternalFile(medium, message.fields)
            file.add(.externalStorage, object.path, at: message.fields.offset, name ?? "")
        default: break
        }
    }

    /// Messages that stand somewhere else: types that have a name of their own, and a table for all objects.
    private mutating func noteShared(
        _ message: HDF5Message, _ object: Pending, _ dataset: inout HDF5DatasetDescription
    ) {
        switch message.kind {
        case HDF5Message.Kind.datatype:
            let named = try? HDF5Types.namedElement(medium, message.fields)
            dataset.elementBytes = named?.sizeBytes
        case HDF5Message.Kind.attribute, HDF5Message.Kind.filters, HDF5Message.Kind.dataspace,
            HDF5Message.Kind.layout, HDF5Message.Kind.externalFiles, HDF5Message.Kind.link:
            file.add(.unread, object.path, at: message.fields.offset, "a shared message of type \(message.kind)")
        default: break
        }
    }

    private mutating func noteFilters(_ fields: HDF5Fields, _ object: Pending) throws(FormatFault) {
        for filter in try HDF5Types.filters(fields) where !HDF5DatasetDescription.knownFilters.contains(filter.id) {
            let name = filter.name.isEmpty ? "" : " (\(filter.name))"
            file.add(.filterPlugin, object.path, at: fields.offset, "filter \(filter.id)\(name)")
        }
    }
}

// Links and attributes.
extension HDF5Walk {
    private mutating func takeName(at offset: UInt64) throws(FormatFault) {
        guard namesLeft > 0 else { throw .limitExceeded(.hdf5Names, offset: offset) }
        namesLeft -= 1
    }

    private mutating func follow(_ link: HDF5Link, from object: Pending) throws(FormatFault) {
        try takeName(at: link.offset)
        let path = Self.path(object.path, link.name)
        switch link.target {
        case .soft: break
        case .external(let name, let target): file.add(.externalLink, path, at: link.offset, "\(name): \(target)")
        case .userDefined(let kind): file.add(.userDefinedLink, path, at: link.offset, "kind \(kind)")
        case .object(let address):
            guard seen.insert(address).inserted else { return }
            guard seen.count <= limits.objectsMax else { throw .limitExceeded(.hdf5Objects, offset: link.offset) }
            pending.append(Pending(address: address, path: path))
        }
    }

    /// Paths get no longer than what is worth telling.
    private static func path(_ folder: String, _ name: String) -> String {
        let path = folder + "/" + name
        guard path.utf8.count > HDF5Limits.pathBytesMax else { return path }
        return String(decoding: path.utf8.prefix(HDF5Limits.pathBytesMax), as: UTF8.self)
    }

    private mutating func readLinks(_ message: HDF5Fields, _ object: Pending) throws(FormatFault) {
        var fields = message
        guard try fields.uint8() == 0 else { throw fields.malformed() }
        if try fields.uint8() & 1 != 0 { try fields.skip(8) }
        guard let heap = try medium.address(&fields), let tree = try medium.address(&fields) else { return }
        for record in try records(heap, tree, HDF5RecordTree.links, before: 4, idBytes: 7, object) {
            try follow(try HDF5Link(medium, record), from: object)
        }
    }

    private mutating func readAttributes(_ message: HDF5Fields, _ object: Pending) throws(FormatFault) {
        var fields = message
        guard try fields.uint8() == 0 else { throw fields.malformed() }
        if try fields.uint8() & 1 != 0 { try fields.skip(2) }
        guard let heap = try medium.address(&fields), let tree = try medium.address(&fields) else { return }
        for record in try records(heap, tree, HDF5RecordTree.attributes, before: 0, idBytes: 8, object) {
            try add(try HDF5Attribute(medium, record, heaps), record.offset, object)
        }
    }

    /// The objects of a heap that a tree lists.
    private mutating func records(
        _ heapAddress: UInt64, _ treeAddress: UInt64, _ kind: UInt8, before: Int, idBytes: Int, _ object: Pending
    ) throws(FormatFault) -> [HDF5Fields] {
        var heap = try HDF5FractalHeap(medium, at: heapAddress)
        var found: [HDF5Fields] = []
        var unread: UInt64?
        let limit = namesLeft
        try HDF5RecordTree(medium, at: treeAddress, kind: kind).records { (record) throws(FormatFault) in
            let offset = record.offset
            try record.skip(before)
            guard found.count < limit else { throw .limitExceeded(.hdf5Names, offset: offset) }
            if let object = try heap.object(&record, idBytes: idBytes) {
                found.append(object)
            } else {
                unread = unread ?? offset
            }
        }
        if let unread {
            file.add(.unread, object.path, at: unread, "a heap whose objects are filtered")
        }
        return found
    }

    private mutating func add(
        _ attribute: HDF5Attribute, _ offset: UInt64, _ object: Pending
    ) throws(FormatFault) {
        try takeName(at: offset)
        file.attributeCount += 1
        if attribute.isOpaque {
            file.add(.unread, object.path, at: offset, "an attribute whose type is shared")
        }
        guard let text = attribute.text, text.sizeBytes > 0 else { return }
        guard file.texts.count < limits.textsMax else {
            file.textsDropped += 1
            return
        }
        let path = object.path.isEmpty ? "/" : object.path
        file.texts.append(.init(path: path, name: attribute.name, offset: text.offset, sizeBytes: text.sizeBytes))
    }
}

/// What the messages of one dataset say.
struct HDF5DatasetDescription {
    var layout: HDF5Fields?
    var elementCount: UInt64?
    var elementBytes: UInt64?
    var isExternal = false

    /// Filters of the library itself, and LZF, which h5py brings with it.
    static let knownFilters: Set<Int> = [1, 2, 3, 4, 5, 6, 32_000]

    /// Bytes of all elements; `nil` if that is not known.
    var claimedBytes: UInt64? {
        guard let elementCount, let elementBytes else { return nil }
        let (product, overflow) = elementCount.multipliedReportingOverflow(by: elementBytes)
        return overflow ? .max : product
    }
}

// How the elements of datasets are stored.
extension HDF5Walk {
    /// Four gigabytes, of which less than a thousandth is there.
    private static let claimedBytesMax: UInt64 = 4 << 30
    private static let claimedRatioMax: UInt64 = 1000

    private mutating func check(_ dataset: HDF5DatasetDescription, _ object: Pending) throws(FormatFault) {
        guard let message = dataset.layout else { return }
        var storedBytes = medium.source.sizeBytes
        switch try HDF5Types.layout(medium, message) {
        case .compact: break
        case .contiguous(let address, let size):
            if dataset.isExternal { break }
            storedBytes = address == nil ? 0 : size ?? dataset.claimedBytes ?? 0
            if let address { try addRange(address, storedBytes) }
        case .chunked(let tree?, let rank): storedBytes = try chunkedBytes(tree, rank)
        case .chunked: break
        case .virtual(let heap, let index):
            file.add(.virtualDataset, object.path, at: message.offset, try virtualSource(heap, index))
        case .unknown: file.add(.unread, object.path, at: message.offset, "a layout of elements")
        }
        let claimed = dataset.claimedBytes ?? 0
        if claimed > Self.claimedBytesMax, claimed / Self.claimedRatioMax > storedBytes {
            file.add(.shapeBomb, object.path, at: message.offset, "\(claimed) bytes, of which \(storedBytes) are there")
        }
    }

    private mutating func addRange(_ address: UInt64, _ count: UInt64) throws(FormatFault) {
        let start = try medium.offset(address, count: count)
        guard count > 0 else { return }
        guard ranges.count < limits.rangesMax else { throw .limitExceeded(.hdf5Names, offset: start) }
        ranges.append(start..<(start + count))
    }

    /// Bytes of all chunks together, each of which lies inside the file.
    private mutating func chunkedBytes(_ tree: UInt64, _ rank: Int) throws(FormatFault) -> UInt64 {
        var chunks: [Range<UInt64>] = []
        var total: UInt64 = 0
        let room = limits.rangesMax - ranges.count
        try HDF5Tree(medium, keyBytes: 8 + 8 * rank, kind: 1).leaves(tree) { (leaf) throws(FormatFault) in
            var key = leaf.key
            let count = try key.uint32()
            let start = try medium.offset(leaf.child, count: count)
            guard chunks.count < room else { throw .limitExceeded(.hdf5Names, offset: start) }
            if count > 0 { chunks.append(start..<(start + count)) }
            total = total.addingReportingOverflow(count).partialValue
        }
        ranges += chunks
        return total
    }

    /// The file that the first of a virtual dataset's sources is in (IV.A.2.i, III.E).
    private func virtualSource(_ heap: UInt64?, _ index: UInt64) throws(FormatFault) -> String {
        guard let heap, let object = try heaps.object(heap, index) else { return "" }
        var fields = HDF5Fields(
            try medium.source.bytes(at: object.offset, count: Int(min(object.sizeBytes, 1024))), at: object.offset)
        try fields.skip(1 + medium.lengthBytes)
        return fields.text()
    }

    /// Two datasets that share bytes are not what any program writes.
    private mutating func compareRanges() {
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var end: UInt64 = 0
        for range in ranges {
            if range.lowerBound < end { file.add(.overlap, at: range.lowerBound) }
            end = max(end, range.upperBound)
        }
    }
}
