import FileTestSupport
import LinuxFiles
import StorageFilesystem
import Testing

@Suite("Room that is kept for revocations", .serialized)
struct FilesystemReserveTests {
    private func held(_ scratch: ScratchDirectory) -> Int64? {
        try? scratch.directory.identity(of: "store/reserve").size
    }

    @Test("The reserve is there after a restore, gone after a release, and there again")
    func holds() async throws {
        let fixture = try StoreFixture()
        let reserve = FilesystemReserve(fixture.store)
        #expect(await !reserve.release())
        for _ in 0..<2 {
            await reserve.restore()
            await reserve.restore()
            #expect(held(fixture.scratch) == FilesystemReserve.bytes)
            #expect(await reserve.release())
            #expect(held(fixture.scratch) == nil)
        }
    }

    @Test(
        "It really frees room on a full disk, and is not what fills one",
        .enabled(if: ScratchDirectory.canMount, "only root may mount"))
    func freesRoom() async throws {
        let scratch = try ScratchDirectory(mountingBytes: 40 << 20)
        let fixture = try StoreFixture(scratch)
        let reserve = FilesystemReserve(fixture.store)
        await reserve.restore()
        #expect(held(scratch) == FilesystemReserve.bytes)
        let filler = try scratch.directory.createFile("filler", permissions: 0o600)
        #expect(throws: FileFault(.write, code: 28)) {
            try filler.write([UInt8](repeating: 1, count: 64 << 20), at: 0)
        }
        #expect(try scratch.directory.freeSpace().bytes == 0)
        #expect(await reserve.release())
        #expect(try scratch.directory.freeSpace().bytes >= UInt64(FilesystemReserve.bytes))
        await reserve.restore()
        #expect(held(scratch) == nil, "there is no room for it")
    }
}
