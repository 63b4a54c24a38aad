import FileTestSupport
import Glibc
import LinuxFiles
import StorageFilesystem
import Testing

@Suite("The registry's directory", .serialized)
struct FilesystemStoreTests {
    private func open(_ path: String) -> StoreFault? {
        do throws(StoreFault) {
            _ = try FilesystemStore(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test("A first start makes the store, a second finds it")
    func lays() throws {
        let scratch = try ScratchDirectory()
        let first = try FilesystemStore(path: scratch.path)
        #expect(first.isNew)
        first.close()
        let second = try FilesystemStore(path: scratch.path + "/../" + (scratch.path.split(separator: "/").last ?? ""))
        #expect(!second.isNew)
        #expect(second.path == scratch.path)
        #expect(try scratch.directory.identity(of: "store").permissions == 0o700)
        #expect(try scratch.directory.identity(of: "trusted").permissions == 0o755)
    }

    @Test("A second process is refused and told which is the first")
    func locks() throws {
        let scratch = try ScratchDirectory()
        let first = try FilesystemStore(path: scratch.path)
        guard case .inUse(let process) = open(scratch.path) else {
            Issue.record("two stores in one directory")
            return
        }
        #expect(process == getpid())
        first.close()
        #expect(open(scratch.path) == nil)
    }

    @Test(
        "A directory that others may write is refused",
        arguments: [("store", 0o770), ("store", 0o704), ("trusted", 0o775)])
    func refusesOpenDirectories(name: String, permissions: UInt32) throws {
        let scratch = try ScratchDirectory()
        try FilesystemStore(path: scratch.path).close()
        try scratch.directory.subdirectory(name).setPermissions(permissions)
        guard case .openToOthers(let found) = open(scratch.path) else {
            Issue.record("opened a store that others may write")
            return
        }
        #expect(found == name)
    }

    @Test(
        "A directory of another user is refused", .enabled(if: geteuid() == 0, "only root can give a directory away"),
        arguments: ["store", "trusted"])
    func refusesForeignDirectories(name: String) throws {
        let scratch = try ScratchDirectory()
        try FilesystemStore(path: scratch.path).close()
        #expect(chown("\(scratch.path)/\(name)", 65_534, 65_534) == 0)
        guard case .ownedByAnother(let found) = open(scratch.path) else {
            Issue.record("opened a store of another user")
            return
        }
        #expect(found == name)
    }

    @Test("A store that is a link is refused")
    func refusesLinks() throws {
        let scratch = try ScratchDirectory()
        let elsewhere = try ScratchDirectory()
        #expect(symlink(elsewhere.path, "\(scratch.path)/store") == 0)
        #expect(open(scratch.path) != nil)
        #expect(try elsewhere.directory.entries(entriesMax: 1).isEmpty)
    }

    @Test("A directory that is not there is not made")
    func refusesMissing() throws {
        let scratch = try ScratchDirectory()
        guard case .noDirectory = open(scratch.path + "/absent") else {
            Issue.record("opened what is not there")
            return
        }
    }
}
