import FileTestSupport
import LinuxFiles
import Testing

@Suite("Attributes of files, and how their names become durable")
struct FileAttributeTests {
    @Test("An attribute is read as it was put, and not where it is longer than asked for")
    func attributes() throws {
        let scratch = try ScratchDirectory()
        let directory = try Directory(path: scratch.path)
        let file = try directory.createFile("a", permissions: 0o600)
        #expect(file.attribute("pratique.test", bytesMax: 8) == nil)
        // Some file systems keep none: tmpfs before Linux 6.6.
        guard try file.setAttribute("pratique.test", to: [1, 2, 3]) else { return }
        #expect(file.attribute("pratique.test", bytesMax: 8) == [1, 2, 3])
        #expect(file.attribute("pratique.test", bytesMax: 3) == [1, 2, 3])
        #expect(file.attribute("pratique.test", bytesMax: 2) == nil)
        #expect(try file.setAttribute("pratique.test", to: []))
        #expect(file.attribute("pratique.test", bytesMax: 0) == [])
        #expect(file.attribute("pratique.other", bytesMax: 8) == nil)
        #expect(file.attribute("pratique.\u{0}test", bytesMax: 8) == nil)
        // More than any file system has room for in one file is refused and ends nothing.
        #expect(try !file.setAttribute("pratique.large", to: [UInt8](repeating: 1, count: 60_000)))
    }

    @Test("A nameless file takes its attribute along when it gets a name")
    func nameless() throws {
        let scratch = try ScratchDirectory()
        let directory = try Directory(path: scratch.path)
        let staged = try StagedFile(in: directory, permissions: 0o600)
        let isKept = try staged.descriptor.setAttribute("pratique.test", to: [7])
        try staged.publish(in: directory, as: "named")
        #expect(try directory.openFile("named").attribute("pratique.test", bytesMax: 1) == (isKept ? [7] : nil))
    }

    @Test("Names are not known to be durable with their files on file systems of memory")
    func unknownNames() throws {
        #expect(NameDurability(of: try Directory(path: "/proc")) == .withDirectory)
    }

    @Test(
        "Names are durable with their files on ext4 with a journal and on XFS, and not on ext4 without",
        .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4 and a loop device, may mount disks"),
        arguments: DiskKind.allCases)
    func names(kind: DiskKind) async throws {
        let scratch = try ScratchDirectory()
        try await withCuttableDisk(at: scratch.path, bytes: 320 << 20, kind) { disk in
            let durability = NameDurability(of: try Directory(path: disk.path))
            #expect(durability == (kind == .ext4WithoutJournal ? .withDirectory : .withFile))
        }
    }
}
