import FileTestSupport
import Glibc
import LinuxFiles
import Testing

/// The kind of fault that `body` throws, or nil when it throws none.
func faultKind(_ body: () throws(FileFault) -> Void) -> FileFault.Kind? {
    do throws(FileFault) {
        try body()
        return nil
    } catch {
        return error.kind
    }
}

@Suite("A directory opens and changes only what is beneath it")
struct DirectoryTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    @Test(
        "A path that could mean something else is refused before the kernel sees it",
        arguments: [
            "", ".", "..", "/", "/etc/passwd", "a/", "/a", "a//b", "a/../b", "a/./b", "../a", "a\0b",
            String(repeating: "n", count: 256), String(repeating: "d/", count: 256) + "f",
        ])
    func refusesBadPaths(path: String) {
        #expect(faultKind { () throws(FileFault) in _ = try scratch.directory.openFile(path) } == .invalidName)
        #expect(faultKind { () throws(FileFault) in _ = try scratch.directory.subdirectory(path) } == .invalidName)
        #expect(faultKind { () throws(FileFault) in _ = try scratch.directory.identity(of: path) } == .invalidName)
    }

    @Test("Calls that change names take one name and no path", arguments: ["a/b", "..", ".", "", "a\0"])
    func refusesPathsAsNames(name: String) throws {
        let directory = scratch.directory
        try scratch.write([1], as: "file")
        #expect(
            faultKind { () throws(FileFault) in _ = try directory.createFile(name, permissions: 0o600) } == .invalidName
        )
        #expect(
            faultKind { () throws(FileFault) in _ = try directory.makeDirectory(name, permissions: 0o700) }
                == .invalidName)
        #expect(faultKind { () throws(FileFault) in try directory.removeFile(name) } == .invalidName)
        #expect(faultKind { () throws(FileFault) in try directory.removeDirectory(name) } == .invalidName)
        #expect(faultKind { () throws(FileFault) in try directory.removeTree(name) } == .invalidName)
        #expect(
            faultKind { () throws(FileFault) in try directory.rename("file", to: directory, as: name) } == .invalidName)
        #expect(
            faultKind { () throws(FileFault) in try directory.link("file", in: directory, as: name) } == .invalidName)
    }

    @Test("A file beneath is read through any depth of directories")
    func opensNested() throws {
        let inner = try scratch.directory.makeDirectory("a", permissions: 0o755).makeDirectory("b", permissions: 0o750)
        try inner.createFile("c", permissions: 0o640).write([1, 2, 3], at: 0)
        #expect(try scratch.directory.openFile("a/b/c").readAll(bytesMax: 3) == [1, 2, 3])
        #expect(try scratch.directory.identity(of: "a/b").permissions == 0o750)
        #expect(try scratch.directory.identity(of: "a/b/c").permissions == 0o640)
    }

    @Test("A symbolic link is never followed, neither as a file nor on the way, not even to a file beneath")
    func refusesLinks() throws {
        let directory = scratch.directory
        _ = try directory.makeDirectory("real", permissions: 0o755).createFile("file", permissions: 0o644)
        for (target, name) in [
            ("real/file", "toFile"), ("real", "toDirectory"), ("/etc", "outside"), ("/proc/self/root", "magic"),
        ] {
            #expect(symlink(target, "\(scratch.path)/\(name)") == 0)
        }
        for path in ["toFile", "toDirectory/file", "outside/passwd", "magic/etc/passwd"] {
            #expect(faultKind { () throws(FileFault) in _ = try directory.openFile(path) } == .escapes)
        }
        #expect(faultKind { () throws(FileFault) in _ = try directory.subdirectory("toDirectory") } != nil)
        #expect(try directory.identity(of: "toFile").kind == .symbolicLink)
    }

    @Test("Only regular files open, and a pipe without a writer does not hang")
    func refusesOtherKinds() throws {
        #expect(mkfifo("\(scratch.path)/pipe", 0o600) == 0)
        _ = try scratch.directory.makeDirectory("folder", permissions: 0o700)
        for name in ["pipe", "folder"] {
            #expect(faultKind { () throws(FileFault) in _ = try scratch.directory.openFile(name) } == .notRegular)
        }
        #expect(faultKind { () throws(FileFault) in _ = try scratch.directory.openFile("absent") } == .notFound)
    }

    @Test("A name is made once")
    func createsExclusively() throws {
        try scratch.write([1], as: "file")
        #expect(
            faultKind { () throws(FileFault) in _ = try scratch.directory.createFile("file", permissions: 0o600) }
                == .exists)
        #expect(
            faultKind { () throws(FileFault) in _ = try scratch.directory.makeDirectory("file", permissions: 0o700) }
                == .exists)
        #expect(
            faultKind { () throws(FileFault) in
                _ = try scratch.directory.subdirectory(making: "file", permissions: 0o700)
            } == .notDirectory)
        _ = try scratch.directory.subdirectory(making: "folder", permissions: 0o701)
        #expect(
            try scratch.directory.subdirectory(making: "folder", permissions: 0o700).identity().permissions == 0o701)
    }

    @Test("A nameless file appears whole under its name and replaces nothing")
    func linksTemporaryFile() throws {
        let file = try scratch.directory.temporaryFile(permissions: 0o444)
        try file.write(Array("content".utf8), at: 0)
        #expect(try scratch.directory.entries(entriesMax: 10).isEmpty)
        try scratch.directory.link(file, as: "named")
        #expect(try scratch.directory.openFile("named").readAll(bytesMax: 7) == Array("content".utf8))
        #expect(try scratch.directory.identity(of: "named").permissions == 0o444)
        let other = try scratch.directory.temporaryFile(permissions: 0o444)
        #expect(faultKind { () throws(FileFault) in try scratch.directory.link(other, as: "named") } == .exists)
    }

    @Test("Renaming replaces, refuses or exchanges, as asked")
    func renames() throws {
        let directory = scratch.directory
        let target = try directory.makeDirectory("target", permissions: 0o700)
        try scratch.write([1], as: "one")
        try scratch.write([2], as: "two")
        try directory.rename("one", to: target, as: "x", mode: .noReplace)
        #expect(
            faultKind { () throws(FileFault) in try directory.rename("two", to: target, as: "x", mode: .noReplace) }
                == .exists)
        try directory.rename("two", to: target, as: "x", mode: .exchange)
        #expect(try directory.openFile("two").readAll(bytesMax: 1) == [1])
        #expect(try target.openFile("x").readAll(bytesMax: 1) == [2])
        try directory.rename("two", to: target, as: "x")
        #expect(try target.openFile("x").readAll(bytesMax: 1) == [1])
        #expect(faultKind { () throws(FileFault) in _ = try directory.openFile("two") } == .notFound)
    }

    @Test("A second name is the same file")
    func linksNames() throws {
        try scratch.write([7], as: "first")
        let view = try scratch.directory.makeDirectory("view", permissions: 0o755)
        try scratch.directory.link("first", in: view, as: "second")
        let first = try scratch.directory.identity(of: "first")
        #expect(first.links == 2)
        #expect(first.isSameFile(as: try view.identity(of: "second")))
    }

    @Test("Reading more than allowed fails before memory is reserved")
    func boundsReads() throws {
        let file = try scratch.directory.createFile("big", permissions: 0o600)
        try file.truncate(to: 1 << 40)
        #expect(faultKind { () throws(FileFault) in _ = try file.readAll(bytesMax: 1 << 20) } == .limitExceeded)
        try file.truncate(to: 4)
        #expect(faultKind { () throws(FileFault) in _ = try file.read(2..<5) } == .changed)
        #expect(try file.read(2..<4) == [0, 0])
    }

    @Test("A closed file answers closed and not with somebody else's bytes")
    func closedFile() throws {
        let file = try scratch.directory.createFile("file", permissions: 0o600)
        file.close()
        file.close()
        #expect(faultKind { () throws(FileFault) in _ = try file.identity() } == .closed)
        #expect(faultKind { () throws(FileFault) in try file.sync() } == .closed)
    }

    @Test("What is opened anew for reading is the same file and cannot be written")
    func reopens() throws {
        let file = try scratch.directory.temporaryFile(permissions: 0o444)
        try file.write([1, 2], at: 0)
        let reader = try file.reopenedForReading()
        #expect(reader.isReadOnly)
        #expect(try reader.readAll(bytesMax: 2) == [1, 2])
        #expect(throws: FileFault.self) { try reader.write([3], at: 0) }
    }

    @Test("Only a file opened for reading counts as read-only")
    func readOnly() throws {
        let writable = try scratch.directory.createFile("file", permissions: 0o600)
        #expect(!writable.isReadOnly)
        #expect(try scratch.directory.openFile("file").isReadOnly)
    }
}
