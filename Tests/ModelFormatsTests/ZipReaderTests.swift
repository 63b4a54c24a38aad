import ModelFormats
import Testing

@Suite("ZIP archives")
struct ZipReaderTests {
    private func read(_ builder: ZipBuilder) throws -> ZipFile { try ZipReader.read(MemoryByteSource(builder.build())) }

    private func kinds(_ builder: ZipBuilder) throws -> [ZipIssue.Kind] { try read(builder).issues.map(\.kind) }

    private static func one(_ change: (inout ZipBuilder.Member) -> Void) -> ZipBuilder {
        ZipBuilder.ordinary.with { change(&$0.members[1]) }
    }

    @Test("Members are found with their data, and an ordinary archive has no issues")
    func ordinary() throws {
        let bytes = ZipBuilder.ordinary.build()
        let file = try ZipReader.read(MemoryByteSource(bytes))
        #expect(file.issues == [])
        #expect(file.members.map(\.name) == ["a.txt", "b/c.txt"])
        #expect(file.members.map(\.method) == [0, 8])
        let offset = try #require(file.members[0].dataOffset)
        #expect(bytes[Int(offset)..<Int(offset) + 6].elementsEqual("hello\n".utf8))
    }

    @Test("Descriptors, 64-bit end records, comments and other extra fields are ordinary")
    func variants() throws {
        #expect(try kinds(Self.one { $0.hasDescriptor = true }) == [])
        #expect(try kinds(.ordinary.with { $0.count64 = 2 }) == [])
        #expect(try kinds(.ordinary.with { ($0.count64, $0.count) = (2, 0xFFFF) }) == [])
        #expect(try kinds(.ordinary.with { $0.comment = Array("made by hand".utf8) }) == [])
        #expect(try kinds(Self.one { $0.local = { $0.extra = [0x46, 0x42, 2, 0, 0, 0] } }) == [])
        #expect(try kinds(ZipBuilder([])) == [])
    }

    @Test("What the local header says differently is an issue")
    func differences() throws {
        #expect(try kinds(Self.one { $0.local = { $0.name[0] = 0x78 } }) == [.nameDiffers])
        #expect(try kinds(Self.one { $0.local = { $0.method = 0 } }) == [.methodDiffers])
        #expect(try kinds(Self.one { $0.local = { $0.flags |= 1 } }) == [.flagsDiffer])
        #expect(try kinds(Self.one { $0.local = { $0.crc ^= 1 } }) == [.checksumDiffers])
        #expect(try kinds(Self.one { $0.local = { $0.size += 1 } }) == [.sizeDiffers])
        #expect(try kinds(Self.one { $0.local = { $0.storedSize -= 1 } }) == [.sizeDiffers])
        #expect(try kinds(Self.one { $0.local = { $0.storedSize = 0 } }) == [.sizeDiffers])
        let otherName: [UInt8] = [0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, 0x78]
        #expect(try kinds(Self.one { $0.extra = otherName }) == [.otherNameInExtra])
        #expect(try kinds(Self.one { $0.local = { $0.extra = otherName } }) == [.otherNameInExtra])
    }

    @Test("A descriptor has to say what the directory says")
    func descriptor() throws {
        var bytes = Self.one { $0.hasDescriptor = true }.build()
        let index = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, 7, 8]) })
        bytes[index + 4] ^= 1
        #expect(try ZipReader.read(MemoryByteSource(bytes)).issues.map(\.kind) == [.descriptorDiffers])
    }

    @Test("Bytes that belong to no member are an issue")
    func hidden() throws {
        let hidden = Array(ZipBuilder([.init("x", [1])]).build().prefix(32))
        #expect(try kinds(.ordinary.with { $0.members[0].before = [1, 2, 3] }) == [.prefix])
        #expect(try kinds(.ordinary.with { $0.members[0].before = hidden }) == [.prefix, .hiddenMember])
        #expect(try kinds(Self.one { $0.before = [0] }) == [.gap])
        #expect(try kinds(Self.one { $0.before = hidden }) == [.hiddenMember])
        #expect(try kinds(.ordinary.with { $0.beforeDirectory = hidden }) == [.hiddenMember])
        #expect(try kinds(.ordinary.with { $0.trailing = [0] }) == [.trailingBytes])
        #expect(try kinds(ZipBuilder([]).with { $0.beforeDirectory = hidden }) == [.prefix])
    }

    @Test("Two ends that disagree are an issue")
    func ends() throws {
        let end = ZipBuilder([]).build()
        #expect(try kinds(.ordinary.with { $0.count = 1 }) == [.countDiffers])
        #expect(try kinds(.ordinary.with { $0.count64 = 3 }).contains(.endsDiffer))
        #expect(try kinds(.ordinary.with { $0.disk = 1 }) == [.multiDisk])
        #expect(try kinds(.ordinary.with { $0.comment = end + [1] }).contains(.trailingBytes))
        let inComment = ZipBuilder([]).with { $0.comment = end }
        #expect(try kinds(inComment).contains(.secondEnd))
    }

    @Test("Members that share bytes are an issue, and are not followed")
    func overlap() throws {
        var bytes = ZipBuilder.ordinary.build()
        let second = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        bytes.replaceSubrange(second + 42..<second + 46, with: [0, 0, 0, 0])
        let file = try ZipReader.read(MemoryByteSource(bytes))
        #expect(file.isOverlapping)
        #expect(file.issues.contains { $0.kind == .overlap })
    }

    @Test(
        "Names that lead elsewhere are an issue",
        arguments: [
            ("/etc/x", .absolute), ("\\x", .absolute), ("C:x", .drive), ("a/../x", .parent), ("a\\..\\x", .parent),
            ("a\u{0}b", .control), ("a\\b", .backslash), ("", .empty),
        ] as [(String, MemberNameDefect)])
    func names(name: String, defect: MemberNameDefect) throws {
        #expect(try kinds(ZipBuilder([.init(name, [1])])) == [.name(defect)])
    }

    @Test("Names that are alike are an issue")
    func alike() throws {
        #expect(try kinds(ZipBuilder([.init("a", [1]), .init("a", [2])])) == [.duplicateName])
        #expect(try kinds(ZipBuilder([.init("a", [1]), .init("A", [2])])) == [.similarName])
        #expect(try kinds(ZipBuilder([.init("é", [1])])) == [.nameEncoding])
        #expect(try kinds(ZipBuilder([ZipBuilder.Member("é", [1]).with { $0.flags = 0x800 }])) == [])
        #expect(try kinds(ZipBuilder([.init("..a/b..c/...", [1])])) == [])
    }

    @Test("An archive that is cut anywhere is refused or an issue")
    func cut() throws {
        let bytes = ZipBuilder.ordinary.build()
        for count in 0..<bytes.count {
            let file = try? ZipReader.read(MemoryByteSource(Array(bytes[..<count])))
            #expect(file == nil, "\(count) bytes")
        }
    }

    @Test("Limits on members and names hold")
    func limits() throws {
        var limits = ZipLimits.standard
        limits.membersMax = 1
        #expect(throws: FormatFault.self) {
            try ZipReader.read(MemoryByteSource(ZipBuilder.ordinary.build()), limits: limits)
        }
        #expect(throws: FormatFault.self) { try read(ZipBuilder([.init(String(repeating: "a", count: 4097), [])])) }
        #expect(try read(ZipBuilder([.init(String(repeating: "a", count: 4096), [])])).issues == [])
    }
}
