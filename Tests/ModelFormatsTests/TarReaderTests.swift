import ModelFormats
import Testing

@Suite("tar archives")
struct TarReaderTests {
    private func read(_ builder: TarBuilder) throws -> (members: [TarMember], issues: [TarIssue.Kind]) {
        var reader = TarReader(MemoryByteSource(builder.build()))
        var members: [TarMember] = []
        while let member = try reader.next() { members.append(member) }
        return (members, reader.issues.map(\.kind))
    }

    private func issues(_ members: TarBuilder.Member...) throws -> [TarIssue.Kind] {
        try read(TarBuilder(members)).issues
    }

    @Test("Members are found with their data")
    func ordinary() throws {
        let (members, issues) = try read(.ordinary)
        #expect(issues == [])
        #expect(members.map(\.name) == ["d/", "d/a.txt", "empty"])
        #expect(members.map(\.kind) == [.directory, .file, .file])
        #expect(members[1].dataOffset == 1024)
        #expect(members[1].sizeBytes == 6)
    }

    @Test("Extended headers name members")
    func extensions() throws {
        let pax = try read(
            TarBuilder([.records([("path", "é/long"), ("mtime", "1.5")]), .init("short", [1]), .init("next", [2])]))
        #expect(pax.members.map(\.name) == ["é/long", "next"])
        #expect(pax.issues == [])
        let gnu = try read(TarBuilder([.init("././@LongLink", Array("long".utf8) + [0], type: "L"), .init("s", [1])]))
        #expect(gnu.members.map(\.name) == ["long"])
        #expect(gnu.issues == [])
    }

    @Test("What is told twice is an issue")
    func ambiguous() throws {
        #expect(try issues(.records([("size", "1")]), .init("a", [1, 2])) == [.sizeDiffers])
        #expect(try issues(.records([("size", "2")]), .init("a", [1, 2])) == [])
        #expect(try issues(.records([("path", "b")]), .records([("path", "c")]), .init("a")) == [.ambiguousName])
        #expect(try issues(.records([("path", "b")], type: "g"), .init("a")) == [.ambiguousName])
        #expect(try issues(.records([("comment", "b")], type: "g"), .init("a")) == [])
        #expect(try issues(TarBuilder.Member("a", type: "5").with { $0.size = 512 }) == [.sizeDiffers])
    }

    @Test("Links lead to members, or out")
    func links() throws {
        #expect(try issues(.init("a/b", linkTo: "../c")) == [.link])
        #expect(try issues(.init("a/b", linkTo: "../../c")) == [.outsideLink])
        #expect(try issues(.init("a", linkTo: "/etc/passwd")) == [.outsideLink])
        #expect(try issues(.init("a/b", linkTo: "c", type: "1")) == [.link])
        #expect(try issues(.init("a/b", linkTo: "../c", type: "1")) == [.outsideLink])
    }

    @Test("Devices, sparse files, bad names and names that are alike are issues")
    func members() throws {
        #expect(try issues(.init("a", type: "3")) == [.specialFile])
        #expect(try issues(.init("a", type: "6")) == [.specialFile])
        #expect(try issues(.init("a", type: "S")) == [.unsupportedType])
        #expect(try issues(.records([("GNU.sparse.major", "1")]), .init("a")) == [.unsupportedType])
        #expect(try issues(.init("../a")) == [.name(.parent)])
        #expect(try issues(.init("a"), .init("a")) == [.duplicateName])
        #expect(try issues(.init("a"), .init("A")) == [.similarName])
    }

    @Test("Bytes behind the end are an issue, zeros are not")
    func trailing() throws {
        #expect(try read(TarBuilder([.init("a")], trailing: [0, 0, 1])).issues == [.trailingBytes])
        #expect(try read(TarBuilder([.init("a")], trailing: [0, 0, 0])).issues == [])
        #expect(try read(TarBuilder([.init("a")], trailing: TarBuilder.ordinary.build())).issues == [.trailingBytes])
    }

    @Test("Wrong checksums and numbers are refused")
    func malformed() throws {
        #expect(throws: FormatFault.invalid(.tarHeader, offset: 0)) {
            try read(TarBuilder([TarBuilder.Member("a").with { $0.checksum = 1 }]))
        }
        #expect(throws: FormatFault.self) { try read(TarBuilder([TarBuilder.Member("a").with { $0.size = 1 << 30 }])) }
        #expect(throws: FormatFault.self) {
            try read(TarBuilder([.init("x", Array("3 a\n".utf8), type: "x"), .init("a")]))
        }
    }
}
