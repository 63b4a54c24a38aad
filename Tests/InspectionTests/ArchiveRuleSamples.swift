import Inspection
import ModelFormats

extension Sample {
    static func zip(_ title: String, _ members: [ZipBuilder.Member], name: String = "a.zip") -> Sample {
        Sample(title, name: name, ZipBuilder(members).build())
    }

    /// The ordinary ZIP archive with a change.
    static func zip(_ title: String, _ change: (inout ZipBuilder) -> Void) -> Sample {
        Sample(title, name: "a.zip", ZipBuilder.ordinary.with(change).build())
    }

    /// The ordinary ZIP archive with other bytes from `index` on in its last directory entry.
    static func zip(_ title: String, entryAt index: Int, _ replacement: [UInt8]) -> Sample {
        var bytes = ZipBuilder.ordinary.build()
        let start = (bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) } ?? 0) + index
        bytes.replaceSubrange(start..<(start + replacement.count), with: replacement)
        return Sample(title, name: "a.zip", bytes)
    }

    /// A layer of a container image.
    static func layer(_ title: String, _ members: [TarBuilder.Member]) -> Sample {
        var sample = tar(title, members)
        sample.claim = .imageLayer
        return sample
    }

    static func tar(_ title: String, _ members: [TarBuilder.Member]) -> Sample {
        Sample(title, name: "a.tar", TarBuilder(members).build())
    }

    static func numpy(_ title: String, descr: String, shape: String = "(2,)", _ data: [UInt8]) -> Sample {
        Sample(title, name: "a.npy", NumPyBuilder(descr: descr, shape: shape, data: data).build())
    }
}

extension RuleSample {
    static let archives = names + links + contents + zip + tar + compressed + pictures + numpy

    private static let text = Array("hello\n".utf8)

    private static let names: [RuleSample] = [
        .init(
            .archiveUnsafeName, .zip("a slip", [.init("../a.txt", text)]),
            butNot: .zip("dots", [.init("..a/b...txt", text)])),
        .init(
            .archiveUnsafeName, .tar("a slip", [.init("/a.txt", text)]),
            butNot: .tar("inside", [.init("a.txt", text)])),
        .init(
            .archiveBackslashName, .zip("backslash", [.init("a\\b.txt", text)]),
            butNot: .zip("slash", [.init("a/b.txt", text)])),
        .init(
            .archiveDuplicateName, .zip("twice", [.init("a.txt", text), .init("a.txt", text)]),
            butNot: .zip("apart", [.init("a.txt", text), .init("b/a.txt", text)])),
        .init(
            .archiveSimilarNames, .zip("case", [.init("a.txt", text), .init("A.txt", text)]),
            butNot: .zip("apart", [.init("a.txt", text), .init("b.txt", text)])),
    ]

    private static func link(_ target: String) -> ZipBuilder.Member {
        ZipBuilder.Member("d/link", Array(target.utf8)).with { $0.mode = 0o120777 }
    }

    private static let links: [RuleSample] = [
        .init(
            .archiveOutsideLink, .zip("out", [link("../../x")]), butNot: .zip("inside", [link("../x")])),
        .init(
            .archiveOutsideLink, .tar("out", [.init("a", linkTo: "/x")]),
            butNot: .tar("inside", [.init("a", linkTo: "x")])),
        .init(
            .archiveLink, .zip("a link", [link("../x")]),
            butNot: .zip("a file", [.init("d/link", Array("../x".utf8))])),
        .init(
            .imageSpecialFile, .layer("a device", [.init("a", type: "3")]),
            butNot: .layer("a white-out", [.init("d/.wh.a")])),
        .init(
            .archiveOutsideLink, .layer("above the root", [.init("d/a", linkTo: "../../x")]),
            butNot: .layer("from the root", [.init("d/a", linkTo: "/x")])),
        .init(
            .archiveSpecialFile, .tar("a device", [.init("a", type: "3")]),
            butNot: .tar("a folder", [.init("a/", type: "5")])),
    ]

    private static let zeros = Compressor.compress([UInt8](repeating: 0, count: 12 << 20), .gzip)

    private static let contents: [RuleSample] = [
        .init(
            .archiveEncrypted,
            .zip("encrypted", [ZipBuilder.Member("a.txt", text).with { ($0.flags, $0.crc) = (1, 7) }]),
            butNot: .zip("open", [.init("a.txt", text)])),
        .init(
            .archiveRatio, Sample("zeros", name: "a.gz", zeros),
            butNot: Sample(
                "fewer zeros", name: "a.gz", Compressor.compress([UInt8](repeating: 0, count: 1 << 20), .gzip))),
        .init(
            .archiveUnsupportedMember, .zip("LZMA", [ZipBuilder.Member("a", text).with { $0.method = 14 }]),
            butNot: .zip("deflate", [.deflated("a.txt", text)])),
        .init(
            .archiveDamagedMember,
            .zip("damaged", [ZipBuilder.Member.deflated("a", text).with { $0.stored[0] = 0xFF }]),
            butNot: .zip("whole", [.deflated("a.txt", text)])),
        .init(
            .archiveDamagedMember,
            .zip("more than the content", [ZipBuilder.Member.deflated("a", text).with { $0.stored += [0, 0] }])),
        .init(
            .archiveChecksum, .zip("another sum", [ZipBuilder.Member("a.txt", text).with { $0.crc ^= 1 }]),
            butNot: .zip("its sum", [.init("a.txt", text)])),
        .init(
            .archiveTrailingBytes, .zip("appended", { $0.trailing = [1] }),
            butNot: .zip("comment", { $0.comment = [1] })),
        .init(
            .archiveTrailingBytes, Sample("appended", name: "a.gz", Compressor.compress(text, .gzip) + [1]),
            butNot: Sample("padded", name: "a.gz", Compressor.compress(text, .gzip) + [0])),
        .init(.archiveNoMembers, .zip("empty", []), butNot: .zip("one", [.init("a.txt", text)])),
    ]

    private static let hidden = Array(ZipBuilder([.init("x", [1])]).build().prefix(32))

    private static let zip: [RuleSample] = [
        .init(
            .zipMalformed, .zip("an entry without its mark", entryAt: 0, [0, 0]),
            butNot: .zip("an entry with it", entryAt: 0, [0x50, 0x4B])),
        .init(
            .zipTruncated, Sample("cut", name: "a.zip", Array(ZipBuilder.ordinary.build().dropLast())),
            butNot: Sample("whole", name: "a.zip", ZipBuilder.ordinary.build())),
        .init(.zipTruncated, Sample("four letters", name: "a.zip", [0x50, 0x4B, 3, 4])),
        .init(
            .zipDirectoriesDiffer,
            .zip("two names", { $0.members[0].local = { $0.name = Array("b.pkl".utf8) } }),
            butNot: .zip("an extra field", { $0.members[0].local = { $0.extra = [0x46, 0x42, 1, 0, 0] } })),
        .init(
            .zipHiddenBytes, .zip("a hidden member", { $0.members[1].before = hidden }),
            butNot: .zip("a descriptor", { $0.members[0].hasDescriptor = true })),
        .init(
            .zipHiddenBytes, .zip("a comment that is no text", { $0.comment = [0x80, 4, 0x4E, 0x2E] }),
            butNot: .zip("a comment", { $0.comment = Array("made by hand\n".utf8) })),
        .init(
            .zipOverlap, .zip("two members at one place", entryAt: 42, [0, 0, 0, 0]),
            butNot: .zip("two members", { $0.comment = [1] })),
        .init(
            .zipAmbiguousEnd, .zip("two counts", { $0.count64 = 3 }), butNot: .zip("one count", { $0.count64 = 2 })),
        .init(.zipMultiDisk, .zip("second disk", { $0.disk = 1 }), butNot: .zip("one disk", { $0.disk = 0 })),
        .init(
            .zipFalseEncryption,
            .zip("not encrypted", [ZipBuilder.Member("a.pkl", [0x80, 4, 0x4E, 0x2E]).with { $0.flags = 1 }]),
            butNot: .zip("encrypted", [ZipBuilder.Member("a.pkl", text).with { ($0.flags, $0.crc) = (1, 7) }])),
        .init(
            .zipNameEncoding, .zip("unmarked", [.init("é.txt", text)]),
            butNot: .zip("marked", [ZipBuilder.Member("é.txt", text).with { $0.flags = 0x800 }])),
        .init(
            .torchScript, .zip("a program", [.init("m/data.pkl", [0x80, 2, 0x4E, 0x2E]), .init("m/code/a.py", text)]),
            butNot: .zip("weights", [.init("m/data.pkl", [0x80, 2, 0x4E, 0x2E]), .init("m/data/0", [1, 0, 2, 0xFF])])),
    ]

    private static let tar: [RuleSample] = [
        .init(
            .tarMalformed, .tar("sum", [TarBuilder.Member("a.txt", text).with { $0.checksum = 1 }]),
            butNot: .tar("right sum", [.init("a.txt", text)])),
        .init(
            .tarTruncated, .tar("cut", [TarBuilder.Member("a", text).with { $0.size = 1 << 20 }]),
            butNot: .tar("whole", [TarBuilder.Member("a", text)])),
        .init(
            .tarAmbiguous, .tar("two sizes", [.records([("size", "1")]), .init("a.txt", text)]),
            butNot: .tar("one size", [.records([("size", "6")]), .init("a.txt", text)])),
    ]

    private static let gzip = Compressor.compress(text, .gzip)

    private static let compressed: [RuleSample] = [
        .init(
            .compressedMalformed, Sample("sum", name: "a.gz", Array(gzip.dropLast(5)) + [1] + gzip.suffix(4)),
            butNot: Sample("right sum", name: "a.gz", gzip)),
        .init(
            .compressedTruncated, Sample("cut", name: "a.gz", Array(gzip.dropLast())),
            butNot: Sample("whole", name: "a.gz", gzip)),
    ]

    private static let pictures: [RuleSample] = [
        .init(
            .pictureMalformed, Sample("cut", name: "a.png", Array(PictureBytes.png.dropLast(2))),
            butNot: Sample("whole", name: "a.png", PictureBytes.png)),
        .init(
            .pictureTrailingBytes, Sample("more", name: "a.jpg", PictureBytes.jpeg + Array("more".utf8)),
            butNot: Sample("two pictures", name: "a.jpg", PictureBytes.jpeg + PictureBytes.jpeg + [0, 0])),
    ]

    private static let numpy: [RuleSample] = [
        .init(
            .numpyMalformed, Sample("a call", name: "a.npy", NumPyBuilder("{'descr': f()}", data: []).build()),
            butNot: Sample("a literal", name: "a.npy", NumPyBuilder.ordinary.build())),
        .init(
            .numpyTruncated, .numpy("short", descr: "'<f4'", [0, 0, 0, 0, 0, 0, 0]),
            butNot: .numpy("whole", descr: "'<f4'", [0, 0, 0, 0, 0, 0, 0, 0])),
        .init(
            .numpyTrailingBytes, .numpy("more", descr: "'|u1'", [1, 2, 3]),
            butNot: .numpy("two arrays", descr: "'|u1'", [1, 2] + NumPyBuilder.ordinary.build())),
        .init(
            .numpyUnknownType, .numpy("unknown", descr: "'<x4'", [0, 0]),
            butNot: .numpy("known", descr: "'|u1'", [0, 0])),
        .init(
            .numpyObjects, .numpy("objects", descr: "[('a', '<f4'), ('b', '|O')]", [0x80, 4, 0x4E, 0x2E]),
            butNot: .numpy("bytes", descr: "'|V3'", [0x80, 4, 0x4E, 0x2E, 0, 0])),
    ]
}
