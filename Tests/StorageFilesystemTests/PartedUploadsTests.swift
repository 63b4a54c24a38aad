import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

@Suite("Uploads whose parts come in any order", .serialized)
struct PartedUploadsTests {
    let fixture: StoreFixture
    private static let bytes = patternedBytes(5 << 20 + 77)
    private let id: UploadID

    init() async throws {
        fixture = try StoreFixture()
        id = UploadID(name: "model", filename: "model.gguf", sha256: try sha256(Self.bytes))
        try await fixture.uploads.create(id)
    }

    private var total: UInt64 { UInt64(Self.bytes.count) }

    private func open(
        _ range: Range<Int>, _ uploads: FilesystemUploads? = nil, total: UInt64? = nil
    ) async throws(StorageFault) -> any UploadPartWriter {
        try await (uploads ?? fixture.uploads).openPart(
            UInt64(range.lowerBound)..<UInt64(range.upperBound), of: id, total: total ?? self.total, hashing: .sha256)
    }

    private func send(_ range: Range<Int>, _ uploads: FilesystemUploads? = nil) async throws(StorageFault) {
        let writer = try await open(range, uploads)
        try await writer.append(Self.bytes[range])
        try await writer.suspend()
    }

    private func present(_ uploads: FilesystemUploads? = nil) async throws -> String? {
        try await (uploads ?? fixture.uploads).parts(of: id)?.present.description
    }

    /// Ends the upload, which has to have the bytes that were meant.
    private func finish(
        _ uploads: FilesystemUploads? = nil, by algorithm: Digest.Algorithm = .sha256
    ) async throws {
        let writer = try await (uploads ?? fixture.uploads).join(id, hashing: algorithm)
        #expect(await writer.offset == total)
        let staged = try await writer.finish()
        #expect(staged.digestWhileReceiving == (try Digest(algorithm, hashing: Self.bytes)))
        #expect(try content(of: staged) == Self.bytes)
        #expect(try await present(uploads) == nil)
        _ = consume staged
        #expect(try fixture.scratch.directory.subdirectory("store/uploads").entries(entriesMax: 10).isEmpty)
    }

    private static let cut = [0, 1 << 20, 1 << 20 + 5, 3 << 20, bytes.count]

    @Test("Parts in any order become the bytes that were sent", arguments: Digest.Algorithm.allCases)
    func anyOrder(algorithm: Digest.Algorithm) async throws {
        for index in [2, 0, 3, 1] { try await send(Self.cut[index]..<Self.cut[index + 1]) }
        #expect(try await present() == "0-\(total - 1)")
        try await finish(by: algorithm)
    }

    @Test("Parts that are sent at the same time become the bytes that were sent")
    func atOnce() async throws {
        let writers = try await open(0..<1 << 20)
        let other = try await open(1 << 20..<3 << 20)
        try await other.append(Self.bytes[1 << 20..<2 << 20])
        try await writers.append(Self.bytes[..<(1 << 20)])
        try await other.append(Self.bytes[2 << 20..<3 << 20])
        try await writers.suspend()
        #expect(try await present() == "0-\((1 << 20) - 1)")
        try await other.suspend()
        try await send(3 << 20..<Self.bytes.count)
        try await finish()
    }

    @Test("Of first parts that come at the same time none is refused")
    func firstAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<4 { group.addTask { try await send(Self.cut[index]..<Self.cut[index + 1]) } }
            try await group.waitForAll()
        }
        try await finish()
    }

    @Test("Nobody writes bytes that another is writing, and who ends the upload is alone")
    func exclusive() async throws {
        let writer = try await open(100..<200)
        for range in [0..<101, 199..<300, 120..<130, 0..<1_000] {
            await #expect(throws: StorageFault.changed) { _ = try await open(range) }
        }
        _ = try await open(0..<100)
        await #expect(throws: StorageFault.changed) { try await fixture.uploads.discard(id) }
        await #expect(throws: StorageFault.changed) { _ = try await fixture.uploads.join(id, hashing: .sha256) }
        try await writer.suspend()
        try await send(0..<Self.bytes.count)
        let end = try await fixture.uploads.join(id, hashing: .sha256)
        await #expect(throws: StorageFault.changed) { _ = try await fixture.uploads.join(id, hashing: .sha256) }
        await #expect(throws: StorageFault.changed) { _ = try await open(0..<1) }
        await #expect(throws: StorageFault.changed) { try await fixture.uploads.discard(id) }
        // Who gave the end up leaves everything as it was.
        try await end.suspend()
        try await finish()
    }

    @Test("A writer that is gone without a word holds nothing")
    func dropped() async throws {
        do { _ = try await open(0..<100) }
        try await send(0..<Self.bytes.count)
        do { _ = try await fixture.uploads.join(id, hashing: .sha256) }
        try await finish()
    }

    @Test("What is there is never written again, whoever sends other bytes for it")
    func repeated() async throws {
        try await send(1_000..<2_000)
        for range in [1_000..<2_000, 500..<1_500, 1_900..<2_100, 0..<3_000] {
            let writer = try await open(range)
            var bytes = Array(Self.bytes[range])
            for offset in range where (1_000..<2_000).contains(offset) { bytes[offset - range.lowerBound] ^= 0xFF }
            try await writer.append(bytes)
            try await writer.suspend()
        }
        try await send(3_000..<Self.bytes.count)
        try await finish()
    }

    @Test("Of a part that broke off what arrived is kept, and its end is not there before it comes")
    func brokenOff() async throws {
        let writer = try await open(0..<Self.bytes.count)
        try await writer.append(Self.bytes[..<(2 << 20 + 123)])
        try await writer.suspend()
        #expect(try await present() == "0-\((2 << 20) + 122)")
        await #expect(throws: StorageFault.notFound) { _ = try await fixture.uploads.join(id, hashing: .sha256) }
        try await send(4 << 20..<Self.bytes.count)
        await #expect(throws: StorageFault.notFound) { _ = try await fixture.uploads.join(id, hashing: .sha256) }
        try await send(0..<4 << 20)
        try await finish()
    }

    @Test("Parts outlive the process, and are hashed again by the next one")
    func restart() async throws {
        for index in [3, 0] { try await send(Self.cut[index]..<Self.cut[index + 1]) }
        let later = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
        #expect(try await later.offset(of: id) == nil)
        #expect(try await present(later) == "0-\((1 << 20) - 1),\(3 << 20)-\(total - 1)")
        await #expect(throws: StorageFault.changed) { _ = try await open(0..<5, later, total: total + 1) }
        for index in [1, 2] { try await send(Self.cut[index]..<Self.cut[index + 1], later) }
        try await finish(later)
    }

    /// Where the second place of a list begins.
    private static let secondPlace = 16 << 10

    @Test("A list that was torn while it was written leaves the one before it")
    func tornList() async throws {
        try await send(0..<100)
        try await send(200..<300)
        let folder = try fixture.scratch.directory.subdirectory("store/uploads")
        let list = try folder.openFileForWriting("\(id.hex).ranges")
        let whole = try list.readAll(bytesMax: 64 << 10)
        // The list of no parts was the first in the first place, that of both parts is the second there.
        for offset in [0, 30, 60, 100] {
            var torn = whole
            torn[offset] ^= 1
            try list.write(torn, at: 0)
            let later = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
            #expect(try await present(later) == "0-99")
            try await send(200..<300, later)
            try await send(400..<500, later)
            let last = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
            #expect(try await present(last) == "0-99,200-299,400-499")
        }
        try await send(0..<Self.bytes.count, FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock))
        try await finish(FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock))
    }

    @Test("A list that is nowhere whole, foreign, or says more than there is counts as nothing there")
    func damagedList() async throws {
        try await send(0..<1 << 20)
        let folder = try fixture.scratch.directory.subdirectory("store/uploads")
        let list = try folder.openFileForWriting("\(id.hex).ranges")
        let whole = try list.readAll(bytesMax: 64 << 10)
        var changed = whole
        for place in [0, Self.secondPlace] { changed[place + 30] ^= 1 }
        for bytes in [[], Array(whole.prefix(50)), changed, patternedBytes(whole.count)] {
            try list.truncate(to: 0)
            try list.write(bytes, at: 0)
            let later = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
            #expect(try await present(later) == nil)
        }
        try list.write(whole, at: 0)
        try folder.openFileForWriting("\(id.hex).parts").truncate(to: 1 << 20 - 1)
        let later = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
        #expect(try await present(later) == "")
        try await send(0..<Self.bytes.count, later)
        try await finish(later)
    }

    @Test("An upload has one length, and takes its bytes in order or in parts, not both")
    func oneWay() async throws {
        await #expect(throws: StorageFault.changed) { _ = try await open(0..<10, total: 9) }
        await #expect(throws: StorageFault.changed) { _ = try await open(5..<5) }
        await #expect(throws: StorageFault.changed) { _ = try await open(0..<5, total: .max) }
        try await send(0..<10)
        await #expect(throws: StorageFault.changed) { _ = try await open(20..<30, total: total - 1) }
        await #expect(throws: StorageFault.changed) { _ = try await fixture.uploads.resume(id, at: 0) }
        try await fixture.uploads.discard(id)
        #expect(try await present() == nil)
        let inOrder = try await fixture.uploads.resume(id, at: 0)
        await #expect(throws: StorageFault.changed) { _ = try await open(0..<10) }
        try await inOrder.append([1])
        try await inOrder.suspend()
        await #expect(throws: StorageFault.changed) { _ = try await open(0..<10) }
        #expect(try await fixture.uploads.offset(of: id) == 1)
    }

    @Test("More parts than there may be are not open at a time")
    func tooMany() async throws {
        var open: [any UploadPartWriter] = []
        for number in 0..<UploadParts.openMax { open.append(try await self.open(number * 10..<number * 10 + 5)) }
        await #expect(throws: StorageFault.overloaded) { _ = try await self.open(1_000..<1_001) }
        try await open[3].suspend()
        _ = try await self.open(1_000..<1_001)
        withExtendedLifetime(open) {}
    }

    @Test("A part that does not fit on the disk is refused before anything of it is taken")
    func full() async throws {
        let whole = try fixture.scratch.directory.freeSpace().bytes
        await #expect(throws: StorageFault.keptFree(bytes: FilesystemBlobStore.reserveBytes)) {
            _ = try await open(0..<10, total: whole)
        }
        #expect(try await present() == nil)
    }

    @Test("An end that could not read everything can be tried again, under either algorithm")
    func endFails() async throws {
        try await send(0..<Self.bytes.count)
        let later = FilesystemUploads(fixture.store, writers: 1, clock: fixture.clock)
        let content = try fixture.scratch.directory.subdirectory("store/uploads").openFileForWriting("\(id.hex).parts")
        for algorithm in [Digest.Algorithm.sha512, .sha256] {
            let end = try await later.join(id, hashing: algorithm)
            try content.truncate(to: 3 << 20)
            await #expect(throws: StorageFault.changed) { _ = try await end.finish() }
            try content.write(Array(Self.bytes[(3 << 20)...]), at: 3 << 20)
        }
        try await finish(later, by: .sha512)
    }

    @Test("An end that failed goes on hashing where it stopped")
    func manySteps() async throws {
        let bytes = patternedBytes(33 << 20 + 5)
        let id = UploadID(name: "large", filename: "model.gguf", sha256: try sha256(bytes))
        try await fixture.uploads.create(id)
        let total = UInt64(bytes.count)
        let writer = try await fixture.uploads.openPart(0..<total, of: id, total: total, hashing: .sha256)
        try await writer.append(bytes)
        try await writer.suspend()
        let later = FilesystemUploads(fixture.store, writers: 1, clock: fixture.clock)
        let end = try await later.join(id, hashing: .sha512)
        let content = try fixture.scratch.directory.subdirectory("store/uploads").openFileForWriting("\(id.hex).parts")
        try content.truncate(to: 20 << 20)
        await #expect(throws: StorageFault.changed) { _ = try await end.finish() }
        try content.write(Array(bytes[(20 << 20)...]), at: 20 << 20)
        // Nobody reads the first 16 MiB again.
        try content.write([bytes[0] ^ 1], at: 0)
        let staged = try await later.join(id, hashing: .sha512).finish()
        #expect(staged.digestWhileReceiving == (try Digest(.sha512, hashing: bytes)))
    }

    @Test("A part that comes late revives no upload that ended, was given up, or never began")
    func late() async throws {
        try await send(0..<Self.bytes.count)
        try await finish()
        await #expect(throws: StorageFault.notFound) { _ = try await open(0..<10) }
        try await fixture.uploads.create(id)
        try await send(0..<10)
        try await fixture.uploads.discard(id)
        await #expect(throws: StorageFault.notFound) { _ = try await open(10..<20) }
        let later = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
        await #expect(throws: StorageFault.notFound) { _ = try await open(0..<10, later) }
        #expect(try fixture.scratch.directory.subdirectory("store/uploads").entries(entriesMax: 10).isEmpty)
        // A file without bytes is an upload that was begun, by an earlier process too.
        try await fixture.uploads.resume(id, at: 0).suspend()
        try await send(0..<Self.bytes.count, later)
        try await finish(later)
    }

    @Test("Who looks for an upload while it is given up does not bring it back")
    func lookedFor() async throws {
        for _ in 0..<50 {
            try await send(0..<10)
            let later = FilesystemUploads(fixture.store, writers: 4, clock: fixture.clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await later.parts(of: id) } }
                group.addTask { try await later.discard(id) }
                try await group.waitForAll()
            }
            #expect(try await present(later) == nil)
            try await fixture.uploads.discard(id)
            try await fixture.uploads.create(id)
        }
    }

    @Test("An upload that somebody goes on with after it was found idle is not cleared away, in parts or in order")
    func idleNoMore() async throws {
        try await send(0..<10)
        let inOrder = UploadID(name: "other", filename: "model.gguf", sha256: try sha256(Self.bytes))
        try await fixture.uploads.create(inOrder)
        try await fixture.uploads.resume(inOrder, at: 0).suspend()
        let names = ["\(id.hex).parts", "\(id.hex).ranges", inOrder.hex]
        let limit = try setBack(names)
        var idle = try fixture.uploads.idle(since: limit)
        #expect(idle.count == 2)
        try await send(10..<20)
        let writer = try await fixture.uploads.resume(inOrder, at: 0)
        try await writer.append(Self.bytes[..<5])
        try await writer.suspend()
        #expect(try fixture.uploads.discard(idle, idleSince: limit) == 0)
        #expect(try await present() == "0-19")
        #expect(try await fixture.uploads.offset(of: inOrder) == 5)
        try await send(20..<Self.bytes.count)
        try setBack(names)
        idle = try fixture.uploads.idle(since: limit)
        #expect(try fixture.uploads.discard(idle, idleSince: limit) == 2)
        #expect(try fixture.scratch.directory.subdirectory("store/uploads").entries(entriesMax: 10).isEmpty)
    }

    /// Has files say that nobody wrote to them for an hour.
    ///
    /// - Returns: half an hour ago.
    @discardableResult
    private func setBack(_ names: [String]) throws -> Timestamp {
        let folder = try fixture.scratch.directory.subdirectory("store/uploads")
        let now = try names.map { try folder.identity(of: $0).modified.seconds }.max() ?? 0
        for name in names {
            let time = timespec(tv_sec: Int(now) - 3_600, tv_nsec: 0)
            let path = "\(fixture.scratch.path)/store/uploads/\(name)"
            #expect(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
        }
        return Timestamp(clamping: (now - 1_800) * 1_000)
    }

    @Test("Uploads that take parts are counted once, and a list that is left is cleared away alone")
    func counted() async throws {
        let folder = try fixture.scratch.directory.subdirectory("store/uploads")
        for number in 0..<FilesystemUploads.uploadsMax - 1 {
            for end in ["parts", "ranges"] { _ = try folder.createFile("\(number).\(end)", permissions: 0o600) }
        }
        let later = FilesystemUploads(fixture.store, writers: 2, clock: fixture.clock)
        try await later.create(id)
        let other = UploadID(name: "other", filename: "model.gguf", sha256: try sha256(Self.bytes))
        await #expect(throws: StorageFault.full) { try await later.create(other) }
        try folder.removeFile("0.parts")
        let late = Timestamp(clamping: 4_000_000_000_000)
        #expect(try await later.discard(idleSince: late) == FilesystemUploads.uploadsMax)
        #expect(try folder.entries(entriesMax: 10).isEmpty)
    }

    @Test("Uploads that nobody continues go with their lists, and those that are at work stay")
    func idle() async throws {
        try await send(0..<10)
        let late = Timestamp(clamping: 4_000_000_000_000)
        let writer = try await open(20..<30)
        #expect(try await fixture.uploads.discard(idleSince: late) == 0)
        try await writer.suspend()
        #expect(try await fixture.uploads.discard(idleSince: .earliest) == 0)
        #expect(try await present() == "0-9")
        #expect(try await fixture.uploads.discard(idleSince: late) == 1)
        #expect(try await present() == nil)
        #expect(try fixture.scratch.directory.subdirectory("store/uploads").entries(entriesMax: 10).isEmpty)
    }
}
