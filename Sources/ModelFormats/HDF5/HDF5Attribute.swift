/// An attribute message, as it stands in a header or in a heap (IV.A.2.m).
struct HDF5Attribute {
    let name: String
    /// Where the text stands, if the attribute is one.
    let text: (offset: UInt64, sizeBytes: UInt64)?
    /// Whether its value is described elsewhere, and so not known.
    let isOpaque: Bool

    init(_ medium: HDF5Medium, _ message: HDF5Fields, _ heaps: HDF5GlobalHeaps) throws(FormatFault) {
        var fields = message
        let version = try fields.uint8()
        guard (1...3).contains(version) else { throw fields.malformed() }
        let flags = try fields.uint8()
        let nameBytes = try fields.uint16()
        let typeBytes = try fields.uint16()
        let spaceBytes = try fields.uint16()
        if version == 3 { try fields.skip(1) }
        var name = try Self.part(&fields, nameBytes, isPadded: version == 1)
        self.name = name.text()
        let type = try Self.part(&fields, typeBytes, isPadded: version == 1)
        let space = try Self.part(&fields, spaceBytes, isPadded: version == 1)
        // The space may be that of another object, and the type too, which then has a name of its own.
        let shared = version > 1 ? flags & 3 : 0
        let element = shared & 1 == 0 ? try HDF5Types.element(type) : try HDF5Types.namedElement(medium, type)
        isOpaque = shared & 2 != 0 || element == nil
        guard let element, !isOpaque else {
            text = nil
            return
        }
        let count = try HDF5Types.space(medium, space).count
        text = try Self.text(medium, element, count, fields, heaps)
    }

    private static func part(
        _ fields: inout HDF5Fields, _ count: Int, isPadded: Bool
    ) throws(FormatFault) -> HDF5Fields {
        let part = try fields.block(count)
        if isPadded { try fields.skip((8 - count % 8) % 8) }
        return part
    }

    private static func text(
        _ medium: HDF5Medium, _ element: HDF5Types.Element, _ count: UInt64?, _ value: HDF5Fields,
        _ heaps: HDF5GlobalHeaps
    ) throws(FormatFault) -> (offset: UInt64, sizeBytes: UInt64)? {
        guard count == 1 else { return nil }
        var value = value
        switch element.kind {
        case .other: return nil
        case .text:
            guard element.sizeBytes <= UInt64(value.remaining) else { throw value.malformed(.hdf5BlockEnd) }
            let offset = value.offset
            let bytes = try value.take(Int(element.sizeBytes))
            let used = bytes.lastIndex { $0 != 0 }.map { $0 - bytes.startIndex + 1 } ?? 0
            return (offset, UInt64(used))
        case .variableText:
            let length = try value.uint32()
            guard let heap = try medium.address(&value) else { return nil }
            let index = try value.uint32()
            guard length > 0 else { return nil }
            guard let object = try heaps.object(heap, index) else { throw value.malformed(.hdf5Outside) }
            return (object.offset, min(length, object.sizeBytes))
        }
    }
}

/// Heaps of values of any length, which attributes of all objects share (III.E).
final class HDF5GlobalHeaps {
    struct Object {
        /// In the file.
        let offset: UInt64
        let sizeBytes: UInt64
    }

    private let medium: HDF5Medium
    /// What was found in the heaps that were read last.
    private var known: [UInt64: [UInt64: Object]] = [:]
    private var knownCount = 0

    private static let knownMax = 50_000

    init(_ medium: HDF5Medium) {
        self.medium = medium
    }

    func object(_ heap: UInt64, _ index: UInt64) throws(FormatFault) -> Object? {
        if let objects = known[heap] { return objects[index] }
        let objects = try read(heap)
        if knownCount + objects.count > Self.knownMax {
            known = [:]
            knownCount = 0
        }
        known[heap] = objects
        knownCount += objects.count
        return objects[index]
    }

    private func read(_ address: UInt64) throws(FormatFault) -> [UInt64: Object] {
        let headBytes = UInt64(8 + medium.lengthBytes)
        var head = try medium.block(address, count: headBytes)
        try head.expect("GCOL")
        try head.skip(4)
        let size = try medium.length(&head)
        let start = try medium.offset(address, count: size)
        let end = start + size
        var cursor = start + headBytes
        // Objects begin at multiples of eight.
        cursor = (cursor - start + 7) / 8 * 8 + start
        var objects: [UInt64: Object] = [:]
        let objectHead = UInt64(8 + medium.lengthBytes)
        while cursor < end, end - cursor >= objectHead {
            var fields = try medium.block(cursor - medium.base, count: objectHead)
            let index = try fields.number(2)
            try fields.skip(6)
            let count = try medium.length(&fields)
            // The rest is free.
            if index == 0 { break }
            guard count <= end - cursor - objectHead else { throw fields.malformed(.hdf5BlockEnd) }
            guard objects.count < medium.limits.namesMax else {
                throw .limitExceeded(.hdf5Names, offset: cursor)
            }
            objects[index] = Object(offset: cursor + objectHead, sizeBytes: count)
            cursor += objectHead + (count + 7) / 8 * 8
        }
        return objects
    }
}
