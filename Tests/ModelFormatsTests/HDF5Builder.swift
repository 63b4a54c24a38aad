import ModelFormats

/// Writes HDF5 files for tests: a superblock of version 0 and object headers of version 1, whose links are messages.
struct HDF5Builder {
    struct Message {
        var kind: UInt16
        var flags: UInt8 = 0
        var data: [UInt8]

        init(_ kind: UInt16, _ data: [UInt8], flags: UInt8 = 0) {
            self.kind = kind
            self.flags = flags
            self.data = data
        }
    }

    private(set) var bytes = [UInt8](repeating: 0, count: 96)
    /// What the superblock says beyond the truth.
    var endShift: Int64 = 0
    var driver = UInt64.max
    var version: UInt8 = 0

    static let undefined = UInt64.max

    static func little(_ value: UInt64, _ count: Int = 8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    }

    /// - Returns: the address.
    mutating func append(_ more: [UInt8]) -> UInt64 {
        bytes = Self.padded(bytes)
        defer { bytes += more }
        return UInt64(bytes.count)
    }

    mutating func object(_ messages: [Message]) -> UInt64 { append(Self.header(messages)) }

    static func header(_ messages: [Message]) -> [UInt8] {
        var body: [UInt8] = []
        for message in messages {
            let data = padded(message.data)
            body += little(UInt64(message.kind), 2) + little(UInt64(data.count), 2) + [message.flags, 0, 0, 0] + data
        }
        return [1, 0] + little(UInt64(messages.count), 2) + little(1, 4) + little(UInt64(body.count), 4)
            + [0, 0, 0, 0] + body
    }

    /// The file, whose root group has these messages.
    func build(_ messages: [Message]) -> [UInt8] {
        var file = self
        let root = file.object(messages)
        return file.build(root: root)
    }

    func build(root: UInt64) -> [UInt8] {
        let head: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, version, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0]
        let end = UInt64(Int64(bytes.count) + endShift)
        let numbers = [0, Self.undefined, end, driver, 0, root].flatMap { Self.little($0) }
        let superblock = head + [0, 0, 0, 0] + numbers
        return superblock + bytes[superblock.count...]
    }
}

extension HDF5Builder.Message {
    private typealias Builder = HDF5Builder

    private static func named(_ name: String, _ kind: UInt8, _ rest: [UInt8]) -> Self {
        Self(6, [1, 8, kind, UInt8(name.utf8.count)] + Array(name.utf8) + rest)
    }

    static func link(_ name: String, _ address: UInt64) -> Self { named(name, 0, Builder.little(address)) }

    static func softLink(_ name: String, _ path: String) -> Self {
        named(name, 1, Builder.little(UInt64(path.utf8.count), 2) + Array(path.utf8))
    }

    static func externalLink(_ name: String, _ file: String, _ path: String) -> Self {
        let value = [0] + Array(file.utf8) + [0] + Array(path.utf8) + [0]
        return named(name, 64, Builder.little(UInt64(value.count), 2) + value)
    }

    static func userLink(_ name: String) -> Self { named(name, 70, [0, 0]) }

    /// An attribute that is a text of fixed length.
    static func text(_ name: String, _ text: String) -> Self { attribute(name, [0x13, 0, 0, 0], Array(text.utf8)) }

    /// An attribute that is one number.
    static func number(_ name: String) -> Self { attribute(name, [0x10, 0, 0, 0], [1, 0, 0, 0]) }

    private static func attribute(_ name: String, _ type: [UInt8], _ value: [UInt8]) -> Self {
        let type = type + Builder.little(UInt64(value.count), 4)
        let space: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
        let sizes = [name.utf8.count + 1, type.count, space.count].flatMap { Builder.little(UInt64($0), 2) }
        let data = Builder.padded(Array(name.utf8) + [0]) + Builder.padded(type) + space + value
        return Self(12, [1, 0] + sizes + data)
    }

    static func space(_ shape: [UInt64]) -> Self {
        Self(1, [1, UInt8(shape.count), 0, 0, 0, 0, 0, 0] + shape.flatMap { Builder.little($0) })
    }

    /// Numbers of four bytes.
    static let floats = Self(3, [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0])

    static func contiguous(_ address: UInt64, _ sizeBytes: UInt64) -> Self {
        Self(8, [3, 1] + Builder.little(address) + Builder.little(sizeBytes))
    }

    static func chunked(_ tree: UInt64, _ shape: [UInt64]) -> Self {
        Self(
            8, [3, 2, UInt8(shape.count + 1)] + Builder.little(tree) + (shape + [4]).flatMap { Builder.little($0, 4) })
    }

    static func virtual(_ heap: UInt64) -> Self { Self(8, [4, 3] + Builder.little(heap) + [1, 0, 0, 0]) }

    static func filter(_ id: UInt64) -> Self {
        Self(11, [2, 1] + Builder.little(id, 2) + (id >= 256 ? [0, 0] : []) + [0, 0, 0, 0])
    }

    static func continuation(_ address: UInt64, _ count: UInt64) -> Self {
        Self(16, Builder.little(address) + Builder.little(count))
    }
}

extension HDF5Builder {
    /// A group `w` with a dataset of six numbers, and the attributes of the root group.
    static func ordinary(_ attributes: [Message] = []) -> [UInt8] {
        var builder = HDF5Builder()
        let data = builder.append([UInt8](repeating: 7, count: 24))
        let dataset = builder.object([.space([2, 3]), .floats, .contiguous(data, 24)])
        let group = builder.object([.link("kernel", dataset), .number("n")])
        return builder.build([.link("w", group), .softLink("s", "/w")] + attributes)
    }

    /// A file of one dataset.
    static func dataset(_ messages: (inout HDF5Builder) -> [Message]) -> [UInt8] {
        var builder = HDF5Builder()
        let dataset = builder.object(messages(&builder))
        return builder.build([.link("d", dataset)])
    }

    /// The messages of a dataset whose elements are in another file.
    mutating func external(_ file: String) -> [Message] {
        let names = append(Self.padded([0] + Array(file.utf8) + [0]))
        let heap = append(
            Array("HEAP".utf8) + [0, 0, 0, 0] + Self.little(UInt64(file.utf8.count + 2)) + Self.little(1)
                + Self.little(names))
        let slot = Self.little(1) + Self.little(0) + Self.little(24)
        return [
            .space([6]), .floats, .contiguous(Self.undefined, 24),
            Message(7, [1, 0, 0, 0, 1, 0, 1, 0] + Self.little(heap) + slot),
        ]
    }

    /// The messages of a dataset that takes its elements from others.
    mutating func virtual(_ file: String) -> [Message] {
        let value = [0] + Self.little(1) + Array(file.utf8) + [0] + Array("d".utf8) + [0]
        let object = [1, 0, 1, 0, 0, 0, 0, 0] + Self.little(UInt64(value.count)) + Self.padded(value)
        let heap = append(Array("GCOL".utf8) + [1, 0, 0, 0] + Self.little(UInt64(16 + object.count)) + object)
        return [.space([6]), .floats, .virtual(heap)]
    }

    /// The messages of a dataset of chunks, each of which has its place.
    mutating func chunks(_ shape: [UInt64], _ chunks: [(address: UInt64, sizeBytes: UInt64)]) -> [Message] {
        let key = { (size: UInt64) in Self.little(size, 4) + [UInt8](repeating: 0, count: 4 + 8 * (shape.count + 1)) }
        let entries = chunks.flatMap { key($0.sizeBytes) + Self.little($0.address) } + key(0)
        let tree = append(
            Array("TREE".utf8) + [1, 0] + Self.little(UInt64(chunks.count), 2) + Self.little(Self.undefined)
                + Self.little(Self.undefined) + entries)
        return [.space(shape), .floats, .chunked(tree, shape)]
    }
}
