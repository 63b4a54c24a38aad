/// What object headers say of datasets and attributes, message by message (IV.A.2).
enum HDF5Types {
    struct Space {
        /// Elements; `nil` if there is no room in 64 bits for the number.
        let count: UInt64?
        let rank: Int
    }

    static func space(_ medium: HDF5Medium, _ fields: HDF5Fields) throws(FormatFault) -> Space {
        var fields = fields
        let version = try fields.uint8()
        guard version == 1 || version == 2 else { throw fields.malformed() }
        let rank = Int(try fields.uint8())
        let flags = try fields.uint8()
        guard rank <= 32 else { throw fields.malformed() }
        let kind = try fields.uint8()
        if version == 1 { try fields.skip(4) }
        // A null dataspace has no elements, a scalar one has one.
        if version == 2, kind == 2 { return Space(count: 0, rank: 0) }
        var shape: [UInt64] = []
        for _ in 0..<rank { shape.append(try medium.length(&fields)) }
        if flags & 1 != 0 { try fields.skip(rank * medium.lengthBytes) }
        return Space(count: TensorShape.elementCount(shape), rank: rank)
    }

    struct Element {
        enum Kind {
            case text
            /// A text of any length: the element says where it is.
            case variableText
            case other
        }

        let kind: Kind
        let sizeBytes: UInt64
    }

    static func element(_ fields: HDF5Fields) throws(FormatFault) -> Element {
        var fields = fields
        let head = try fields.uint8()
        let bits = try fields.uint8()
        try fields.skip(2)
        let size = try fields.uint32()
        guard (1...5).contains(head >> 4), head & 0x0F <= 11 else { throw fields.malformed() }
        let kind: Element.Kind =
            switch head & 0x0F {
            case 3: .text
            case 9 where bits & 0x0F == 1: .variableText
            default: .other
            }
        return Element(kind: kind, sizeBytes: size)
    }

    /// The type that an object is which a shared message leads to (IV.A.2, shared messages).
    ///
    /// - Returns: `nil` if it is in a table for all objects, which is not followed.
    static func namedElement(_ medium: HDF5Medium, _ fields: HDF5Fields) throws(FormatFault) -> Element? {
        var fields = fields
        let version = try fields.uint8()
        guard (1...3).contains(version) else { throw fields.malformed() }
        let kind = try fields.uint8()
        if version == 1 { try fields.skip(6) }
        guard version < 3 || kind == 2 else { return nil }
        let header = try HDF5ObjectHeader(medium, at: try medium.requiredAddress(&fields))
        let type = header.messages.first { $0.kind == HDF5Message.Kind.datatype && !$0.isShared }
        return try type.map { (message) throws(FormatFault) in try element(message.fields) }
    }

    enum Layout {
        case compact
        case contiguous(address: UInt64?, sizeBytes: UInt64?)
        /// `tree` is the address of a tree of version 1.
        case chunked(tree: UInt64?, rank: Int)
        case virtual(heap: UInt64?, index: UInt64)
        case unknown
    }

    static func layout(_ medium: HDF5Medium, _ fields: HDF5Fields) throws(FormatFault) -> Layout {
        var fields = fields
        let version = try fields.uint8()
        switch version {
        case 1, 2:
            let rank = Int(try fields.uint8())
            let kind = try fields.uint8()
            try fields.skip(5)
            switch kind {
            case 0: return .compact
            case 1: return .contiguous(address: try medium.address(&fields), sizeBytes: nil)
            case 2: return .chunked(tree: try medium.address(&fields), rank: rank)
            default: throw fields.malformed()
            }
        case 3, 4, 5: return try newLayout(medium, &fields, version)
        default: return .unknown
        }
    }

    private static func newLayout(
        _ medium: HDF5Medium, _ fields: inout HDF5Fields, _ version: UInt8
    ) throws(FormatFault) -> Layout {
        switch try fields.uint8() {
        case 0:
            try fields.skip(try fields.uint16())
            return .compact
        case 1:
            let address = try medium.address(&fields)
            return .contiguous(address: address, sizeBytes: try medium.length(&fields))
        case 2 where version == 3:
            let rank = Int(try fields.uint8())
            return .chunked(tree: try medium.address(&fields), rank: rank)
        case 2: return .chunked(tree: nil, rank: 0)
        case 3:
            let heap = try medium.address(&fields)
            return .virtual(heap: heap, index: try fields.uint32())
        default: return .unknown
        }
    }

    /// The filters that elements go through when they are read (IV.A.2.l).
    static func filters(_ fields: HDF5Fields) throws(FormatFault) -> [(id: Int, name: String)] {
        var fields = fields
        let version = try fields.uint8()
        guard version == 1 || version == 2 else { throw fields.malformed() }
        let count = Int(try fields.uint8())
        guard count <= 32 else { throw fields.malformed() }
        if version == 1 { try fields.skip(6) }
        var filters: [(id: Int, name: String)] = []
        for _ in 0..<count {
            let id = try fields.uint16()
            let nameBytes = version == 1 || id >= 256 ? try fields.uint16() : 0
            try fields.skip(2)
            let values = try fields.uint16()
            var name = try fields.block(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes)
            try fields.skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0))
            filters.append((id, name.text()))
        }
        return filters
    }

    /// The first of the files that hold the elements of a dataset (IV.A.2.h).
    static func firstExternalFile(_ medium: HDF5Medium, _ fields: HDF5Fields) throws(FormatFault) -> String? {
        var fields = fields
        try fields.skip(6)
        let used = try fields.uint16()
        let heap = try medium.requiredAddress(&fields)
        guard used > 0 else { return nil }
        let name = try medium.length(&fields)
        var head = try medium.block(heap, count: UInt64(8 + 2 * medium.lengthBytes + medium.offsetBytes))
        try head.expect("HEAP")
        try head.skip(4)
        let count = try medium.length(&head)
        try head.skip(medium.lengthBytes)
        var data = try medium.block(try medium.requiredAddress(&head), count: count)
        guard name <= UInt64(data.remaining) else { throw data.malformed(.hdf5Outside) }
        try data.skip(Int(name))
        return data.text()
    }
}

/// A link message, as it stands in a header or in a heap (IV.A.2.g).
extension HDF5Link {
    init(_ medium: HDF5Medium, _ message: HDF5Fields) throws(FormatFault) {
        var fields = message
        offset = fields.offset
        guard try fields.uint8() == 1 else { throw fields.malformed() }
        let flags = try fields.uint8()
        let kind = flags & 8 != 0 ? try fields.uint8() : 0
        if flags & 4 != 0 { try fields.skip(8) }
        if flags & 16 != 0 { try fields.skip(1) }
        let length = try fields.number(1 << Int(flags & 3))
        guard length <= UInt64(HDF5Limits.nameBytesMax) else { throw .limitExceeded(.hdf5Names, offset: offset) }
        name = String(decoding: try fields.take(Int(length)), as: UTF8.self)
        switch kind {
        case 0: target = .object(try medium.requiredAddress(&fields))
        case 1:
            try fields.skip(try fields.uint16())
            target = .soft
        case 64:
            var value = try fields.block(try fields.uint16())
            try value.skip(1)
            let file = value.text()
            target = .external(file: file, path: value.text())
        case 65...: target = .userDefined(kind)
        default: throw fields.malformed()
        }
    }
}
