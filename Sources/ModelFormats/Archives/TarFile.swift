/// A member of a tar archive.
public struct TarMember: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case file
        case directory
        case hardLink
        case symbolicLink
        /// A device or a pipe.
        case special
        /// Sparse files, parts of archives, and what no standard knows.
        case unsupported(UInt8)
    }

    public let kind: Kind
    public let nameBytes: [UInt8]
    /// Where a link leads.
    public let target: [UInt8]
    public let sizeBytes: UInt64
    public let headerOffset: UInt64
    public let dataOffset: UInt64

    public var name: String { String(decoding: nameBytes, as: UTF8.self) }
}

/// Something in a tar archive that is wrong and yet leaves its members readable for some programs.
public struct TarIssue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case name(MemberNameDefect)
        case duplicateName
        case similarName
        /// A link that leads out of the archive.
        case outsideLink
        case link
        case specialFile
        /// The same where the top of the archive becomes the root of a file system.
        case specialFileBeneathRoot
        case unsupportedType
        /// A header and its extended header name different sizes, or something has a size that has no content.
        case sizeDiffers
        /// There are several extended headers that name the member, or one for all members.
        case ambiguousName
        /// There are bytes behind the end.
        case trailingBytes
    }

    public let kind: Kind
    /// The member it is about.
    public let subject: String?
    public let offset: UInt64
}

/// The header of a member (POSIX.1-2017 pax, ustar Interchange Format).
struct TarHeader {
    static let blockBytes = 512

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
    var type: UInt8 { bytes[156] }
    var isPOSIX: Bool { bytes[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0]) }
    var target: [UInt8] { text(157, 100) }

    var name: [UInt8] {
        let name = text(0, 100)
        let prefix = isPOSIX ? text(345, 155) : []
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    /// The checksum counts its own field as spaces. Some programs added signed bytes.
    var hasChecksum: Bool {
        guard let told = number(148, 8) else { return false }
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in bytes.enumerated() {
            let counted = 148..<156 ~= index ? 0x20 : byte
            unsigned += Int64(counted)
            signed += Int64(Int8(bitPattern: counted))
        }
        return Int64(exactly: told) == unsigned || Int64(exactly: told) == signed
    }

    /// Octal digits between spaces and NUL, or a number of base 256 marked by its first bit.
    func number(_ start: Int, _ count: Int) -> UInt64? {
        let field = bytes[start..<(start + count)]
        if bytes[start] & 0x80 != 0 {
            guard bytes[start] == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            return field.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        let digits = field.drop { $0 == 0x20 || $0 == 0 }.prefix { $0 != 0x20 && $0 != 0 }
        var value: UInt64 = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "7") ~= digit else { return nil }
            value = value << 3 | UInt64(digit & 7)
        }
        return value
    }

    private func text(_ start: Int, _ count: Int) -> [UInt8] {
        Array(bytes[start..<(start + count)].prefix { $0 != 0 })
    }
}

/// The records of an extended header (POSIX.1-2017 pax, Extended Header).
struct TarRecords {
    var path: [UInt8]?
    var target: [UInt8]?
    var size: UInt64?
    var isSparse = false

    /// - Returns: `nil` if they are no records.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let first = rest.first, first != 0 {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            guard let length = Int(String(decoding: digits.prefix(9), as: UTF8.self)), digits.count < 9,
                length > digits.count + 1, length <= rest.count, rest[rest.startIndex + digits.count] == 0x20,
                rest[rest.startIndex + length - 1] == 0x0A
            else { return nil }
            let record = rest[(rest.startIndex + digits.count + 1)..<(rest.startIndex + length - 1)]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = String(decoding: record[..<equals], as: UTF8.self)
            guard take(key, Array(record[(equals + 1)...])) else { return nil }
            rest = rest.dropFirst(length)
        }
    }

    private mutating func take(_ key: String, _ value: [UInt8]) -> Bool {
        switch key {
        case "path": path = value
        case "linkpath": target = value
        case "size":
            size = UInt64(String(decoding: value, as: UTF8.self))
            return size != nil
        default:
            if key.hasPrefix("GNU.sparse.") || key == "SCHILY.realsize" { isSparse = true }
        }
        return true
    }

    /// Whether they say which member it is and how long.
    var isSpecific: Bool { path != nil || target != nil || size != nil || isSparse }
}
