/// Numbers and texts in the order in which they stand in a block of the file.
struct HDF5Fields {
    private let bytes: [UInt8]
    /// Where the first byte of the block stands in the file.
    private let origin: UInt64
    private var index: Int
    private let end: Int

    init(_ bytes: [UInt8], at origin: UInt64) {
        self.bytes = bytes
        self.origin = origin
        index = 0
        end = bytes.count
    }

    private init(_ whole: HDF5Fields, index: Int, end: Int) {
        bytes = whole.bytes
        origin = whole.origin
        self.index = index
        self.end = end
    }

    var remaining: Int { end - index }
    /// Where the next byte stands in the file.
    var offset: UInt64 { origin + UInt64(index) }

    /// The first byte that cannot be right.
    func malformed(_ defect: FormatDefect = .hdf5Structure) -> FormatFault { .invalid(defect, offset: offset) }

    private func require(_ count: Int) throws(FormatFault) {
        guard count >= 0, count <= remaining else { throw .invalid(.hdf5BlockEnd, offset: offset) }
    }

    /// A little-endian number of up to eight bytes.
    mutating func number(_ count: Int) throws(FormatFault) -> UInt64 {
        try require(count)
        guard count <= 8 else { throw malformed() }
        var value: UInt64 = 0
        for position in stride(from: index + count - 1, through: index, by: -1) {
            value = value << 8 | UInt64(bytes[position])
        }
        index += count
        return value
    }

    mutating func uint8() throws(FormatFault) -> UInt8 { UInt8(truncatingIfNeeded: try number(1)) }
    mutating func uint16() throws(FormatFault) -> Int { Int(try number(2)) }
    mutating func uint32() throws(FormatFault) -> UInt64 { try number(4) }

    mutating func skip(_ count: Int) throws(FormatFault) {
        try require(count)
        index += count
    }

    mutating func take(_ count: Int) throws(FormatFault) -> ArraySlice<UInt8> {
        try require(count)
        index += count
        return bytes[index - count..<index]
    }

    /// The next `count` bytes as a block of their own.
    mutating func block(_ count: Int) throws(FormatFault) -> HDF5Fields {
        try require(count)
        index += count
        return HDF5Fields(self, index: index - count, end: index)
    }

    /// A text that ends with a zero byte, or where the block ends.
    mutating func text() -> String {
        let text = bytes[index..<end].prefix { $0 != 0 }
        index = min(end, index + text.count + 1)
        return String(decoding: text, as: UTF8.self)
    }

    mutating func expect(_ signature: String) throws(FormatFault) {
        guard try take(signature.utf8.count).elementsEqual(signature.utf8) else {
            throw .invalid(.hdf5Signature, offset: offset - UInt64(signature.utf8.count))
        }
    }

    /// Whether the last four bytes of the block are the checksum of those before them.
    var hasChecksum: Bool {
        guard end >= 4 else { return false }
        let stored = bytes[end - 4..<end].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return HDF5Checksum.of(bytes[..<(end - 4)]) == stored
    }
}

/// The checksum of structures: `lookup3` by Bob Jenkins, with an initial value of zero.
enum HDF5Checksum {
    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let start = UInt32(0xDEAD_BEEF) &+ UInt32(truncatingIfNeeded: bytes.count)
        var (a, b, c) = (start, start, start)
        var rest = bytes
        while rest.count > 12 {
            a &+= word(rest, 0)
            b &+= word(rest, 4)
            c &+= word(rest, 8)
            mix(&a, &b, &c)
            rest = rest.dropFirst(12)
        }
        guard !rest.isEmpty else { return c }
        a &+= word(rest, 0)
        b &+= word(rest, 4)
        c &+= word(rest, 8)
        finish(&a, &b, &c)
        return c
    }

    private static func word(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for step in 0..<4 where offset + step < bytes.count {
            value |= UInt32(bytes[bytes.startIndex + offset + step]) << UInt32(8 * step)
        }
        return value
    }

    private static func turn(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }

    private static func mix(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
        a = (a &- c) ^ turn(c, 4)
        c = c &+ b
        b = (b &- a) ^ turn(a, 6)
        a = a &+ c
        c = (c &- b) ^ turn(b, 8)
        b = b &+ a
        a = (a &- c) ^ turn(c, 16)
        c = c &+ b
        b = (b &- a) ^ turn(a, 19)
        a = a &+ c
        c = (c &- b) ^ turn(b, 4)
        b = b &+ a
    }

    private static func finish(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
        c = (c ^ b) &- turn(b, 14)
        a = (a ^ c) &- turn(c, 11)
        b = (b ^ a) &- turn(a, 25)
        c = (c ^ b) &- turn(b, 16)
        a = (a ^ c) &- turn(c, 4)
        b = (b ^ a) &- turn(a, 14)
        c = (c ^ b) &- turn(b, 24)
    }
}
