import FileTestSupport
import Glibc
import LinuxFiles
import Testing

@Suite("Files that are replaced or published whole")
struct DurableFileTests {
    @Test("Replacing gives the new content with the asked permissions and leaves nothing else")
    func replaces() throws {
        let scratch = try ScratchDirectory()
        try DurableFile.replace("state", in: scratch.directory, with: [1, 2, 3])
        try DurableFile.replace("state", in: scratch.directory, with: [4], permissions: 0o644)
        #expect(try scratch.directory.openFile("state").readAll(bytesMax: 9) == [4])
        #expect(try scratch.directory.identity(of: "state").permissions == 0o644)
        #expect(try scratch.directory.entries(entriesMax: 9).map(\.name) == ["state"])
    }

    @Test(
        "A full disk leaves the old content and no unfinished file",
        .enabled(if: ScratchDirectory.canMount, "only root may mount"))
    func keepsOldContentWhenFull() throws {
        let scratch = try ScratchDirectory(mountingBytes: 1 << 20)
        try DurableFile.replace("state", in: scratch.directory, with: [1])
        let big = [UInt8](repeating: 7, count: 2 << 20)
        #expect(
            faultKind { () throws(FileFault) in try DurableFile.replace("state", in: scratch.directory, with: big) }
                == .noSpace)
        #expect(try scratch.directory.openFile("state").readAll(bytesMax: 9) == [1])
        #expect(try scratch.directory.entries(entriesMax: 9).map(\.name) == ["state"])
        #expect(try scratch.directory.freeSpace().bytes > 900_000)
    }

    @Test(
        "A staged file is found by nobody until it is published, and then replaces nothing", arguments: [true, false])
    func stages(nameless: Bool) throws {
        let scratch = try ScratchDirectory()
        let staging = try scratch.directory.makeDirectory("staging", permissions: 0o700)
        let blobs = try scratch.directory.makeDirectory("blobs", permissions: 0o755)
        do {
            let file =
                nameless
                ? try StagedFile(namelessIn: staging, permissions: 0o444)
                : try StagedFile(namedIn: staging, permissions: 0o444)
            try file.descriptor.write([9], at: 0)
            #expect(try staging.entries(entriesMax: 9).count == (nameless ? 0 : 1))
            try file.publish(in: blobs, as: "blob")
            let second =
                nameless
                ? try StagedFile(namelessIn: staging, permissions: 0o444)
                : try StagedFile(namedIn: staging, permissions: 0o444)
            #expect(faultKind { () throws(FileFault) in try second.publish(in: blobs, as: "blob") } == .exists)
        }
        #expect(try staging.entries(entriesMax: 9).isEmpty)
        #expect(try blobs.openFile("blob").readAll(bytesMax: 1) == [9])
        #expect(try blobs.identity(of: "blob").permissions == 0o444)
        #expect(try blobs.identity(of: "blob").links == 1)
    }

    @Test("A staged file that is dropped leaves nothing", arguments: [true, false])
    func drops(nameless: Bool) throws {
        let scratch = try ScratchDirectory()
        _ =
            nameless
            ? try StagedFile(namelessIn: scratch.directory, permissions: 0o444)
            : try StagedFile(namedIn: scratch.directory, permissions: 0o444)
        #expect(try scratch.directory.entries(entriesMax: 9).isEmpty)
    }

    @Test("Two owners never hold one directory, and the refusal names the first")
    func locks() throws {
        let scratch = try ScratchDirectory()
        let first = try DirectoryLock.acquire("lock", in: scratch.directory)
        #expect(throws: DirectoryLock.Refusal.held(process: getpid())) {
            try DirectoryLock.acquire("lock", in: scratch.directory)
        }
        first.release()
        _ = try DirectoryLock.acquire("lock", in: scratch.directory)
    }

    @Test("A lock that is a link is refused rather than followed")
    func lockIsNoLink() throws {
        let scratch = try ScratchDirectory()
        #expect(symlink("/tmp/elsewhere", "\(scratch.path)/lock") == 0)
        #expect(throws: DirectoryLock.Refusal.self) { try DirectoryLock.acquire("lock", in: scratch.directory) }
    }
}
