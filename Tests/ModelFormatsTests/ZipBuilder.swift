import ModelFormats

/// Writes ZIP archives for tests, and lies where it is told to.
struct ZipBuilder {
    struct Member {
        var name: [UInt8]
        /// What is stored, as it is.
        var stored: [UInt8]
        var size: UInt64
        var crc: UInt32
        var method: UInt16 = 0
        var flags: UInt16 = 0
        var mode: UInt32 = 0
        var extra: [UInt8] = []
        var hasDescriptor = false
        /// Bytes in front of the local header.
        var before: [UInt8] = []
        /// Changes what the local header says.
        var local: (@Sendable (inout Header) -> Void)?

        init(_ name: String, _ content: [UInt8]) {
            self.name = Array(name.utf8)
            stored = content
            size = UInt64(content.count)
            crc = Compressor.crc32(content)
        }

        static func deflated(_ name: String, _ content: [UInt8]) -> Member {
            var member = Member(name, content)
            member.stored = Compressor.compress(content, .deflate)
            member.method = 8
            return member
        }

        func with(_ change: (inout Member) -> Void) -> Member {
            var member = self
            change(&member)
            return member
        }
    }

    struct Header {
        var name: [UInt8]
        var method: UInt16
        var flags: UInt16
        var crc: UInt32
        var storedSize: UInt32
        var size: UInt32
        var extra: [UInt8] = []
    }

    var members: [Member]
    /// Bytes between the last member and the directory.
    var beforeDirectory: [UInt8] = []
    var comment: [UInt8] = []
    var trailing: [UInt8] = []
    var count: UInt16?
    var disk: UInt16 = 0
    /// Writes the records of 64 bits, with this number of members.
    var count64: UInt64?

    init(_ members: [Member]) {
        self.members = members
    }

    static let ordinary = ZipBuilder([
        Member("a.txt", Array("hello\n".utf8)), .deflated("b/c.txt", Array("hello, hello, hello\n".utf8)),
    ])

    func with(_ change: (inout ZipBuilder) -> Void) -> ZipBuilder {
        var builder = self
        change(&builder)
        return builder
    }

    func build() -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            bytes += member.before
            directory += Self.central(member, at: bytes.count)
            bytes += Self.local(member)
        }
        bytes += beforeDirectory
        let start = bytes.count
        bytes += directory
        if let count64 { bytes += Self.end64(count64, start: start, directory.count) }
        let count = count ?? UInt16(members.count)
        bytes += Bytes.little(UInt32(0x0605_4B50)) + Bytes.little(disk) + Bytes.little(disk)
        bytes += Bytes.little(count) + Bytes.little(count) + Bytes.little(UInt32(directory.count))
        bytes += Bytes.little(UInt32(start)) + Bytes.little(UInt16(comment.count)) + comment
        return bytes + trailing
    }

    private static func end64(_ count: UInt64, start: Int, _ directoryBytes: Int) -> [UInt8] {
        var bytes = Bytes.little(UInt32(0x0606_4B50)) + Bytes.little(UInt64(44)) + Bytes.little(UInt16(45))
        bytes += Bytes.little(UInt16(45)) + Bytes.little(UInt64(0)) + Bytes.little(count) + Bytes.little(count)
        bytes += Bytes.little(UInt64(directoryBytes)) + Bytes.little(UInt64(start))
        bytes += Bytes.little(UInt32(0x0706_4B50)) + Bytes.little(UInt32(0))
        return bytes + Bytes.little(UInt64(start + directoryBytes)) + Bytes.little(UInt32(1))
    }

    private static func flags(_ member: Member) -> UInt16 { member.flags | (member.hasDescriptor ? 8 : 0) }

    private static func central(_ member: Member, at offset: Int) -> [UInt8] {
        var bytes = Bytes.little(UInt32(0x0201_4B50)) + Bytes.little(UInt16(0x0314)) + Bytes.little(UInt16(20))
        bytes += Bytes.little(flags(member)) + Bytes.little(member.method) + Bytes.little(UInt32(0x5821_0000))
        bytes += Bytes.little(member.crc) + Bytes.little(UInt32(member.stored.count))
        bytes += Bytes.little(UInt32(member.size)) + Bytes.little(UInt16(member.name.count))
        bytes += Bytes.little(UInt16(member.extra.count)) + Bytes.little(UInt16(0)) + Bytes.little(UInt16(0))
        bytes += Bytes.little(UInt16(0)) + Bytes.little(member.mode << 16) + Bytes.little(UInt32(offset))
        return bytes + member.name + member.extra
    }

    private static func local(_ member: Member) -> [UInt8] {
        let isOpen = member.hasDescriptor
        var header = Header(
            name: member.name, method: member.method, flags: flags(member), crc: isOpen ? 0 : member.crc,
            storedSize: isOpen ? 0 : UInt32(member.stored.count), size: isOpen ? 0 : UInt32(member.size))
        member.local?(&header)
        var bytes = Bytes.little(UInt32(0x0403_4B50)) + Bytes.little(UInt16(20)) + Bytes.little(header.flags)
        bytes += Bytes.little(header.method) + Bytes.little(UInt32(0x5821_0000)) + Bytes.little(header.crc)
        bytes += Bytes.little(header.storedSize) + Bytes.little(header.size)
        bytes += Bytes.little(UInt16(header.name.count)) + Bytes.little(UInt16(header.extra.count)) + header.name
        bytes += header.extra + member.stored
        guard isOpen else { return bytes }
        bytes += Bytes.little(UInt32(0x0807_4B50)) + Bytes.little(member.crc)
        return bytes + Bytes.little(UInt32(member.stored.count)) + Bytes.little(UInt32(member.size))
    }
}
