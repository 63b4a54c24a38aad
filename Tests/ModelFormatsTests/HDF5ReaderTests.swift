import ModelFormats
import Testing

@Suite("HDF5 files")
struct HDF5ReaderTests {
    private typealias Builder = HDF5Builder

    private func read(_ bytes: [UInt8], _ limits: HDF5Limits = .standard) throws -> HDF5File {
        try HDF5Reader.read(MemoryByteSource(bytes), limits: limits)
    }

    private func kinds(_ bytes: [UInt8]) throws -> [HDF5File.Kind] { try read(bytes).issues.map(\.kind) }

    private func text(_ file: HDF5File, _ name: String, _ bytes: [UInt8]) throws -> String {
        let text = try #require(file.texts.first { $0.name == name })
        return String(decoding: bytes[Int(text.offset)..<Int(text.offset + text.sizeBytes)], as: UTF8.self)
    }

    @Test("Groups, datasets and texts are found where they stand")
    func ordinary() throws {
        let bytes = Builder.ordinary([.text("a", "hello"), .number("n")])
        let file = try read(bytes)
        #expect(file.issues == [])
        #expect(file.groupCount == 2)
        #expect(file.datasetCount == 1)
        #expect(file.attributeCount == 3)
        #expect(file.texts.map(\.path) == ["/"])
        #expect(try text(file, "a", bytes) == "hello")
    }

    @Test(
        "Files that the library wrote, in the old way and in the new",
        arguments: [
            ("old.h5", UInt8(0), 2, 2), ("new.h5", 3, 2, 2), ("dense.h5", 3, 11, 0), ("user-block.h5", 3, 1, 0),
            ("named-type.h5", 3, 2, 0),
        ])
    func library(name: String, version: UInt8, groups: Int, datasets: Int) throws {
        let bytes = try Vectors.bytes("hdf5/\(name)")
        let file = try read(bytes)
        #expect(file.superblockVersion == version)
        #expect(file.groupCount == groups)
        #expect(file.datasetCount == datasets)
        #expect(file.userBlockBytes == (name == "user-block.h5" ? 512 : 0))
        #expect(file.issues.map(\.kind) == (name == "dense.h5" ? [.externalLink] : []))
        #expect(try text(file, "model_config", bytes).hasPrefix(#"{"class_name": "Sequential""#))
    }

    @Test("Elements in other files, by the library's own hand")
    func elsewhere() throws {
        let virtual = try read(try Vectors.bytes("hdf5/virtual.h5"))
        #expect(virtual.issues.map(\.kind) == [.virtualDataset])
        #expect(virtual.issues.first?.detail == "other.h5")
        let external = try read(try Vectors.bytes("hdf5/external.h5"))
        #expect(external.issues.map(\.kind) == [.externalStorage])
        #expect(external.issues.first?.detail == "/etc/hostname")
        let dense = try read(try Vectors.bytes("hdf5/dense.h5"))
        #expect(dense.issues.first?.detail == "/etc/hostname: /x")
        #expect(dense.issues.first?.subject == "/away")
    }

    @Test("A checksum that is wrong is an issue, wherever in the new structures it is")
    func checksums() throws {
        let bytes = try Vectors.bytes("hdf5/new.h5")
        let name = Array("kernel".utf8)
        let index = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        var changed = bytes
        changed[index] ^= 1
        #expect(try kinds(changed) == [.malformed])
        #expect(try read(changed).issues.first?.detail.contains("checksum") == true)
        changed = bytes
        // The flags of the superblock.
        changed[11] ^= 4
        #expect(try kinds(changed) == [.malformed])
    }

    @Test("What is outside, of another kind or not known is told")
    func issues() throws {
        #expect(try kinds(Builder.ordinary([.externalLink("x", "/etc/passwd", "/")])) == [.externalLink])
        #expect(try kinds(Builder.ordinary([.userLink("x")])) == [.userDefinedLink])
        #expect(try kinds(Builder.ordinary([.init(30, [])])) == [.unread])
        #expect(try kinds(Builder.ordinary([.init(12, [3, 2, 0, 0, 0, 0, 0, 0], flags: 2)])) == [.unread])
        #expect(try kinds(Builder.dataset { $0.external("/etc/passwd") }) == [.externalStorage])
        #expect(try kinds(Builder.dataset { $0.virtual("other.h5") }) == [.virtualDataset])
        let plain: [Builder.Message] = [.space([6]), .floats, .contiguous(96, 24)]
        #expect(try kinds(Builder.dataset { _ in plain + [.filter(1), .filter(32_000)] }) == [])
        #expect(try kinds(Builder.dataset { _ in plain + [.filter(32_001)] }) == [.filterPlugin])
        #expect(try kinds(Builder.dataset { _ in [.space([6]), .floats, .init(8, [9, 0])] }) == [.unread])
    }

    @Test("A file is as long as it says")
    func length() throws {
        let bytes = Builder.ordinary()
        #expect(try kinds(bytes + [0, 0, 0]) == [])
        #expect(try kinds(bytes + [0, 1, 0]) == [.trailingBytes])
        var builder = Builder()
        builder.endShift = 1
        #expect(try kinds(builder.build([])) == [.truncated])
        builder.endShift = 0
        builder.driver = 96
        #expect(try kinds(builder.build([])) == [.unread])
    }

    @Test("The file may begin at 512 and its doubles, behind zeros or something else")
    func userBlock() throws {
        let bytes = Builder.ordinary([.text("a", "x")])
        for count in [512, 1024, 4096] {
            var builder = Builder()
            builder.endShift = Int64(count)
            let moved = builder.build([.text("a", "x")])
            let zeros = [UInt8](repeating: 0, count: count)
            let file = try read(zeros + moved)
            #expect(file.issues == [])
            #expect(file.userBlockBytes == UInt64(count))
            #expect(try text(file, "a", zeros + moved) == "x")
            #expect(try kinds([1] + zeros.dropFirst() + moved) == [.userBlock])
        }
        #expect(throws: FormatFault.self) { try read([UInt8](repeating: 0, count: 600) + bytes) }
    }

    @Test("Addresses outside the file are malformed, and the rest is read all the same")
    func outside() throws {
        let addresses: [UInt64] = [1 << 20, UInt64.max - 1, UInt64.max / 2]
        for address in addresses {
            let bytes = Builder.ordinary([.link("x", address), .text("a", "b")])
            let file = try read(bytes)
            #expect(file.issues.map(\.kind) == [.malformed])
            #expect(file.texts.count == 1)
            #expect(file.datasetCount == 1)
        }
        #expect(try kinds(Builder.dataset { _ in [.space([6]), .floats, .contiguous(1 << 20, 24)] }) == [.malformed])
        #expect(try kinds(Builder.dataset { _ in [.space([6]), .floats, .contiguous(96, .max)] }) == [.malformed])
    }

    @Test("Chunks and datasets do not share bytes")
    func overlap() throws {
        var builder = Builder()
        let data = builder.append([UInt8](repeating: 0, count: 64))
        let first = builder.object([.space([6]), .floats, .contiguous(data, 24)])
        let beside = builder.object([.space([6]), .floats, .contiguous(data + 24, 24)])
        let over = builder.object([.space([6]), .floats, .contiguous(data + 23, 24)])
        #expect(try kinds(builder.build([.link("a", first), .link("b", beside)])) == [])
        #expect(try kinds(builder.build([.link("a", first), .link("b", over)])) == [.overlap])
        #expect(try kinds(Builder.dataset { $0.chunks([6], [(96, 8), (104, 8)]) }) == [])
        #expect(try kinds(Builder.dataset { $0.chunks([6], [(96, 9), (104, 8)]) }) == [.overlap])
        #expect(try kinds(Builder.dataset { $0.chunks([6], [(1 << 30, 8)]) }) == [.malformed])
    }

    @Test("A dataset that claims a thousand times what is there is a bomb")
    func bomb() throws {
        let side = UInt64(1) << 20
        #expect(try kinds(Builder.dataset { $0.chunks([side, side], [(96, 8)]) }) == [.shapeBomb])
        #expect(try kinds(Builder.dataset { $0.chunks([side, 256], [(96, 8)]) }) == [])
        #expect(
            try kinds(Builder.dataset { _ in [.space([.max, 2]), .floats, .contiguous(Builder.undefined, 0)] })
                == [.shapeBomb])
    }

    @Test("Structures that lead back to themselves end")
    func cycles() throws {
        var builder = Builder()
        let here = UInt64(builder.bytes.count)
        let group = builder.object([.link("itself", here), .link("again", here)])
        #expect(try read(builder.build(root: group)).groupCount == 1)
        var continued = Builder()
        let start = UInt64(continued.bytes.count)
        let header = continued.object([.continuation(start + 16, 24)])
        #expect(try kinds(continued.build(root: header)) == [.malformed])
        var tree = Builder()
        let place = UInt64(tree.bytes.count)
        let node =
            Array("TREE".utf8) + [1, 1, 1, 0] + [UInt8](repeating: 0xFF, count: 16) + [UInt8](repeating: 0, count: 24)
            + Builder.little(place) + [UInt8](repeating: 0, count: 24)
        let address = tree.append(node)
        let dataset = tree.object([.space([6]), .floats, .chunked(address, [6])])
        #expect(try kinds(tree.build([.link("d", dataset)])) == [.malformed])
    }

    @Test("Limits end the walk")
    func limits() throws {
        let bytes = Builder.ordinary([.text("a", "x"), .text("b", "y")])
        var limits = HDF5Limits.standard
        limits.textsMax = 1
        #expect(try read(bytes, limits).textsDropped == 1)
        limits.objectsMax = 2
        #expect(throws: FormatFault.self) { try read(bytes, limits) }
        limits = .standard
        limits.namesMax = 3
        #expect(throws: FormatFault.self) { try read(bytes, limits) }
        limits = .standard
        limits.metadataBytesMax = 400
        #expect(throws: FormatFault.self) { try read(bytes, limits) }
        limits = .standard
        limits.blockBytesMax = 64
        #expect(throws: FormatFault.self) { try read(bytes, limits) }
    }

    @Test(
        "No change of a byte or two makes it trap",
        arguments: ["old.h5", "new.h5", "dense.h5", "virtual.h5", "external.h5"])
    func mutations(name: String) throws {
        let bytes = try Vectors.bytes("hdf5/\(name)")
        var random = SeededRandom(seed: UInt64(bytes.count))
        let used = bytes.indices.filter { bytes[$0] != 0 }
        var outcomes: Set<String> = []
        for _ in 0..<4000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = used.randomElement(using: &random) ?? 0
                changed[index] = Bool.random(using: &random) ? .random(in: 0...255, using: &random) : 0xFF
            }
            if Bool.random(using: &random) { changed.removeLast(Int.random(in: 0..<changed.count, using: &random)) }
            guard let file = try? read(changed) else {
                outcomes.insert("refused")
                continue
            }
            outcomes.insert(file.issues.isEmpty ? "unchanged" : "issues")
            for text in file.texts {
                #expect(text.offset <= UInt64(changed.count) && text.sizeBytes <= UInt64(changed.count) - text.offset)
            }
        }
        #expect(outcomes.count > 1)
    }
}
