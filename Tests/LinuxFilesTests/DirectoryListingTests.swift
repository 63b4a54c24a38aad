import FileTestSupport
import Glibc
import LinuxFiles
import Testing

@Suite("Listing and removing trees")
struct DirectoryListingTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    @Test("Every name is listed once with its kind, at each call from the start")
    func lists() throws {
        try scratch.write([1], as: "file")
        _ = try scratch.directory.makeDirectory("folder", permissions: 0o700)
        #expect(symlink("nowhere", "\(scratch.path)/link") == 0)
        for _ in 0..<2 {
            let entries = try scratch.directory.entries(entriesMax: 3).sorted { ($0.name ?? "") < ($1.name ?? "") }
            #expect(entries.map(\.name) == ["file", "folder", "link"])
            #expect(entries.map(\.kind) == [.regular, .directory, .symbolicLink])
        }
    }

    @Test("A directory with more names than allowed is refused")
    func boundsListing() throws {
        for index in 0..<4 { try scratch.write([], as: "\(index)") }
        #expect(
            faultKind { () throws(FileFault) in _ = try scratch.directory.entries(entriesMax: 3) } == .limitExceeded)
        #expect(try scratch.directory.entries(entriesMax: 4).count == 4)
    }

    @Test("A name that is not UTF-8 is listed as bytes and can be removed")
    func listsForeignNames() throws {
        let foreign: [UInt8] = [0x66, 0xFF, 0xFE]
        let folder = try scratch.directory.makeDirectory("folder", permissions: 0o700)
        #expect(
            mkdir((Array("\(scratch.path)/folder/".utf8) + foreign + [0]).map { CChar(bitPattern: $0) }, 0o700) == 0)
        let entries = try folder.entries(entriesMax: 2)
        #expect(entries.map(\.nameBytes) == [foreign])
        #expect(entries.map(\.name) == [nil])
        try scratch.directory.removeTree("folder")
        #expect(try scratch.directory.entries(entriesMax: 2).isEmpty)
    }

    @Test("Removing a tree takes everything in it and nothing that its links point at")
    func removesTree() throws {
        try scratch.write([1], as: "kept")
        var inner = try scratch.directory.makeDirectory("tree", permissions: 0o700)
        #expect(symlink("../kept", "\(scratch.path)/tree/link") == 0)
        #expect(symlink("..", "\(scratch.path)/tree/up") == 0)
        for depth in 0..<20 {
            _ = try inner.createFile("file", permissions: 0o600)
            inner = try inner.makeDirectory("level\(depth)", permissions: 0o700)
        }
        try scratch.directory.removeTree("tree")
        #expect(try scratch.directory.entries(entriesMax: 5).map(\.name) == ["kept"])
        try scratch.directory.removeTree("kept")
        #expect(faultKind { () throws(FileFault) in try scratch.directory.removeTree("kept") } == .notFound)
    }

    @Test("A tree deeper or larger than the limits is not removed whole")
    func boundsRemoval() throws {
        let tree = try scratch.directory.makeDirectory("tree", permissions: 0o700)
        for index in 0..<3 { _ = try tree.createFile("\(index)", permissions: 0o600) }
        _ = try tree.makeDirectory("d", permissions: 0o700).makeDirectory("e", permissions: 0o700)
        let few = TreeRemovalLimits(depthMax: 64, entriesMax: 3)
        #expect(
            faultKind { () throws(FileFault) in try scratch.directory.removeTree("tree", limits: few) }
                == .limitExceeded)
        let flat = TreeRemovalLimits(depthMax: 2, entriesMax: 100)
        #expect(
            faultKind { () throws(FileFault) in try scratch.directory.removeTree("tree", limits: flat) }
                == .limitExceeded)
        try scratch.directory.removeTree("tree", limits: TreeRemovalLimits(depthMax: 3, entriesMax: 100))
    }
}
