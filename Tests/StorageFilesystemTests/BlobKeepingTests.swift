import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

@Suite("Taking bytes in and keeping them under their digest", .serialized)
struct BlobKeepingTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func source(_ bytes: [UInt8], _ name: String = "source") async throws -> any LocalFile {
        try fixture.scratch.write(bytes, as: name)
        guard case .file(let file) = try await fixture.sources.open(RelativePath(parsing: name)) else {
            throw FileFault(.open, .notRegular)
        }
        return file
    }

    @Test("The store keeps the contract")
    func contract() async throws {
        // One after another: each store has some hundred files open.
        for clause in BlobStoreContract.clauses {
            let own = try StoreFixture()
            try await clause.check(own.blobs)
            // Its directory goes with it.
            _ = consume own
        }
    }

    @Test("Blobs of SHA-512 outlive the process that made their folder, and heal as others do")
    func longDigests() async throws {
        let bytes = patternedBytes(300_000)
        let digest = try Digest(.sha512, hashing: bytes)
        let kept = try await fixture.blobs.keep(
            fixture.blobs.stage(bytes), expecting: digest, hashing: [], progress: nil)
        let path = "store/blobs/sha512/\(digest.hex.prefix(2))/\(digest.hex)"
        #expect(try fixture.scratch.directory.identity(of: path).permissions == 0o444)
        fixture.store.close()
        let later = try StoreFixture(fixture.scratch)
        #expect(try await later.blobs.identity(of: digest) == kept.identity)
        #expect(try await later.blobs.blobs(after: nil, limit: 10).map(\.digest) == [digest])
        #expect(chmod("\(fixture.scratch.path)/\(path)", 0o644) == 0)
        try FileDescriptor(owning: open("\(fixture.scratch.path)/\(path)", O_WRONLY)).write([bytes[5] ^ 1], at: 5)
        let check = try await later.blobs.verify(
            digest, sizeBytes: 300_000, hashing: [], pace: .full, progress: nil)
        guard case .otherBytes(let found, _) = check else {
            Issue.record("\(check)")
            return
        }
        #expect(found.algorithm == .sha512 && found != digest)
        let healed = try await later.blobs.keep(
            later.blobs.stage(bytes), expecting: digest, hashing: [], progress: nil)
        #expect(try await later.blobs.identity(of: digest) == healed.identity)
        #expect(try await later.blobs.open(digest).map { try content(of: $0) } == bytes)
    }

    @Test("What is kept from memory is read-only and leaves nothing in staging")
    func keepsFromMemory() async throws {
        let bytes = patternedBytes(1_024)
        let kept = try await fixture.blobs.keep(bytes, as: sha256(bytes))
        #expect(kept.identity.links == 1)
        #expect(try fixture.scratch.directory.identity(of: fixture.blobPath(kept.digest)).permissions == 0o444)
        #expect(try await fixture.isStagingEmpty)
    }

    @Test("What was kept is found under its digest, read-only and with one name", arguments: [0, 1, 3 << 20])
    func keeps(size: Int) async throws {
        let bytes = patternedBytes(size)
        let kept = try await fixture.blobs.keep(
            fixture.blobs.stage(bytes), expecting: sha256(bytes), hashing: [], progress: nil)
        #expect(try kept.digest == sha256(bytes))
        #expect(kept.sizeBytes == UInt64(size))
        #expect(kept.identity.links == 1)
        #expect(try await fixture.blobs.identity(of: kept.digest) == kept.identity)
        let file = try #require(try await fixture.blobs.open(kept.digest))
        #expect(try content(of: file) == bytes)
        let identity = try fixture.scratch.directory.identity(of: fixture.blobPath(kept.digest))
        #expect(identity.permissions == 0o444)
        #expect(try await fixture.isStagingEmpty)
    }

    @Test("A source is copied, hashed on the way and left alone", arguments: [0, 5_000, 5 << 20])
    func stagesSource(size: Int) async throws {
        let bytes = patternedBytes(size)
        let staged = try await fixture.blobs.stage(source(bytes))
        if let digest = staged.digestWhileReceiving { #expect(try digest == sha256(bytes)) }
        #expect(try content(of: staged) == bytes)
        let kept = try await fixture.blobs.keep(staged, expecting: sha256(bytes), hashing: [], progress: nil)
        #expect(kept.sizeBytes == UInt64(size))
        #expect(try fixture.scratch.directory.openFile("source").readAll(bytesMax: size) == bytes)
        #expect(try fixture.scratch.directory.identity(of: "source").permissions == 0o644)
    }

    @Test(
        "Parts are hashed in the same read, whether the bytes were staged from a file or from memory",
        arguments: [true, false], [200_000, 4 << 20])
    func hashesRanges(fromFile: Bool, size: Int) async throws {
        let bytes = patternedBytes(size)
        let staged = fromFile ? try await fixture.blobs.stage(source(bytes)) : try await fixture.blobs.stage(bytes)
        let ranges: [Range<UInt64>] = [0..<1_000, 1_000..<150_000, 5..<5, 150_000..<UInt64(bytes.count)]
        let kept = try await fixture.blobs.keep(staged, expecting: nil, hashing: ranges, progress: nil)
        #expect(kept.rangeDigests == (try ranges.map { try sha256(bytes[Int($0.lowerBound)..<Int($0.upperBound)]) }))
    }

    @Test("Bytes that are others than announced are not kept", arguments: [3, 1 << 20])
    func refusesOtherBytes(size: Int) async throws {
        let bytes = patternedBytes(size)
        let announced = try sha256(bytes + [1])
        let actual = try sha256(bytes)
        let staged = try await fixture.blobs.stage(bytes)
        await #expect(throws: StorageFault.digestMismatch(actual: actual)) {
            try await fixture.blobs.keep(staged, expecting: announced, hashing: [], progress: nil)
        }
        #expect(try await fixture.blobs.open(announced) == nil)
        #expect(try await fixture.blobs.open(actual) == nil)
    }

    @Test("Keeping the same bytes again keeps the first file")
    func keepsOnce() async throws {
        let bytes = patternedBytes(10_000)
        let first = try await fixture.blobs.keep(fixture.blobs.stage(bytes), expecting: nil, hashing: [], progress: nil)
        let second = try await fixture.blobs.keep(
            fixture.blobs.stage(bytes), expecting: nil, hashing: [], progress: nil)
        #expect(first == second)
        #expect(try await fixture.isStagingEmpty)
    }

    @Test("Many at a time may keep the same bytes")
    func keepsConcurrently() async throws {
        let bytes = patternedBytes(50_000)
        let expected = try sha256(bytes)
        try await withThrowingTaskGroup { group in
            for _ in 0..<32 {
                group.addTask { [fixture] in
                    let staged = try await fixture.blobs.stage(bytes)
                    let kept = try await fixture.blobs.keep(staged, expecting: expected, hashing: [], progress: nil)
                    #expect(kept.digest == expected)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.blobs.blobs(after: nil, limit: 10).map(\.digest) == [expected])
    }

    @Test("A blob that rotted is replaced when its bytes come again")
    func heals() async throws {
        let bytes = patternedBytes(10_000)
        let digest = try await fixture.keep(bytes)
        let path = "\(fixture.scratch.path)/\(fixture.blobPath(digest))"
        #expect(chmod(path, 0o644) == 0)
        let number = open(path, O_WRONLY)
        try FileDescriptor(owning: number).write([bytes[5] ^ 1], at: 5)
        let kept = try await fixture.blobs.keep(fixture.blobs.stage(bytes), expecting: nil, hashing: [], progress: nil)
        let file = try #require(try await fixture.blobs.open(digest))
        #expect(try content(of: file) == bytes)
        #expect(try await fixture.blobs.identity(of: digest) == kept.identity)
        #expect(try await fixture.isStagingEmpty)
    }

    @Test("What is lent of staged bytes cannot be written")
    func lendsReadOnly() async throws {
        let staged = try await fixture.blobs.stage([1, 2, 3])
        staged.withDescriptor { number in
            #expect(write(number, "x", 1) == -1)
            #expect(ftruncate(number, 0) == -1)
        }
        #expect(try content(of: staged) == [1, 2, 3])
    }

    @Test("Bytes that nobody keeps are gone")
    func discards() async throws {
        let before = try await fixture.blobs.freeBytes()
        _ = try await fixture.blobs.stage(patternedBytes(1 << 20))
        #expect(try await fixture.isStagingEmpty)
        #expect(try await fixture.blobs.blobs(after: nil, limit: 1).isEmpty)
        #expect(before > 0)
    }

    @Test("A source that is rewritten while it is taken in is refused or kept as what it hashes to")
    func survivesWriters() async throws {
        let size = 3 << 19
        let file = try await source(patternedBytes(size))
        let writer = try fixture.scratch.directory.openFileForWriting("source")
        let flag = CancellationFlag()
        let pool = BlockingPool(threadsMax: 1, waitingMax: 1)
        async let writing: Void = pool.run { () throws(FileFault) in
            var round: UInt8 = 0
            while !flag.isCancelled {
                round &+= 1
                try writer.write([round], at: Int64(Int(round) * 7_919 % size))
                if round % 64 == 0 { try writer.truncate(to: Int64(size / 2)) }
                if round % 64 == 1 { try writer.truncate(to: Int64(size)) }
            }
        }
        var kept = 0
        var wrong = 0
        for _ in 0..<30 {
            do throws(StorageFault) {
                let staged = try await fixture.blobs.stage(file)
                let blob = try await fixture.blobs.keep(staged, expecting: nil, hashing: [], progress: nil)
                let stored = try await fixture.blobs.open(blob.digest)
                if let stored, let bytes = try? content(of: stored), let digest = try? sha256(bytes) {
                    wrong += digest == blob.digest ? 0 : 1
                    kept += 1
                }
            } catch {
                #expect(error == .changed)
            }
        }
        flag.cancel()
        try await writing
        #expect(wrong == 0, "of \(kept)")
    }

    @Test("Progress adds up, and a listener may stop the read")
    func reportsProgress() async throws {
        let bytes = patternedBytes(6 << 20)
        let listener = Listener(stopAt: .max)
        let staged = try await fixture.blobs.stage(bytes)
        _ = try await fixture.blobs.keep(staged, expecting: nil, hashing: [0..<1], progress: listener)
        #expect(listener.bytes.value == bytes.count)
        let impatient = Listener(stopAt: 1)
        let digest = try sha256(bytes)
        await #expect(throws: StorageFault.self) {
            try await fixture.blobs.verify(
                digest, sizeBytes: UInt64(bytes.count), hashing: [], pace: .full, progress: impatient)
        }
        #expect(impatient.bytes.value < bytes.count)
    }

    @Test(
        "A disk without room refuses before it is full, and nothing is left of the attempt",
        .enabled(if: ScratchDirectory.canMount, "only root may mount"))
    func refusesWhenFull() async throws {
        // Room for the folders and less than the reserve that the log keeps.
        let scratch = try ScratchDirectory(mountingBytes: 32 << 20)
        let full = try StoreFixture(scratch)
        await #expect(throws: StorageFault.keptFree(bytes: 64 << 20)) {
            try await full.blobs.stage(patternedBytes(1_000))
        }
        let upload = try await full.uploads.resume(
            UploadID(name: "a", filename: "b", sha256: sha256([])), at: 0)
        await #expect(throws: StorageFault.keptFree(bytes: 64 << 20)) {
            try await upload.append(patternedBytes(2 << 20))
            _ = try await upload.finish()
        }
        #expect(try await full.isStagingEmpty)
    }

    private final class Listener: ProgressSink {
        let bytes = SharedCount()
        let stopAt: Int
        init(stopAt: Int) { self.stopAt = stopAt }
        func advanced(byBytes count: Int) -> Bool { bytes.add(count) < stopAt }
    }
}
