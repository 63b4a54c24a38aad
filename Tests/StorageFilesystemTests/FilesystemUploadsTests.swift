import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

// One after another: each store has some hundred files open.
@Suite("Uploads that arrive piece by piece", .serialized)
struct FilesystemUploadsTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func id(_ bytes: [UInt8]) throws -> UploadID {
        UploadID(name: "model", filename: "model.gguf", sha256: try sha256(bytes))
    }

    @Test("Pieces of any size become the bytes that were sent", arguments: [1, 1_000, 65_536, 1 << 20, 5 << 20])
    func receives(pieceBytes: Int) async throws {
        let bytes = patternedBytes(pieceBytes == 1 ? 3_000 : 4 << 20 + 5)
        let writer = try await fixture.uploads.resume(id(bytes), at: 0)
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            try await writer.append(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
        }
        #expect(await writer.offset == UInt64(bytes.count))
        let staged = try await writer.finish()
        #expect(try staged.digestWhileReceiving == sha256(bytes))
        #expect(staged.sizeBytes == UInt64(bytes.count))
        #expect(try content(of: staged) == bytes)
        let kept = try await fixture.blobs.keep(staged, expecting: sha256(bytes), hashing: [], progress: nil)
        #expect(kept.identity.links == 1)
        #expect(try await fixture.uploads.offset(of: id(bytes)) == nil)
        #expect(try fixture.scratch.directory.identity(of: fixture.blobPath(kept.digest)).permissions == 0o444)
    }

    @Test("An interrupted upload goes on where it stopped, over a restart, also from an earlier offset")
    func resumes() async throws {
        let bytes = patternedBytes(3 << 20)
        let half = 1 << 20 + 17
        do {
            let writer = try await fixture.uploads.resume(id(bytes), at: 0)
            try await writer.append(Array(bytes[..<half]))
            try await writer.suspend()
        }
        let later = FilesystemUploads(fixture.store, writers: 1, clock: fixture.clock)
        #expect(try await later.offset(of: id(bytes)) == UInt64(half))
        let writer = try await later.resume(id(bytes), at: UInt64(half - 1_000))
        #expect(await writer.offset == UInt64(half - 1_000))
        try await writer.append(Array(bytes[(half - 1_000)...]))
        #expect(try await writer.finish().digestWhileReceiving == sha256(bytes))
    }

    @Test("An upload cannot go on from where it never was")
    func refusesGaps() async throws {
        await #expect(throws: StorageFault.notFound) { try await fixture.uploads.resume(id([1]), at: 1) }
        let writer = try await fixture.uploads.resume(id([1, 2]), at: 0)
        try await writer.append([1])
        try await writer.suspend()
        _ = consume writer
        await #expect(throws: StorageFault.notFound) { try await fixture.uploads.resume(id([1, 2]), at: 2) }
        await #expect(throws: StorageFault.notFound) { try await fixture.uploads.resume(id([1, 2]), at: .max) }
        #expect(try await fixture.uploads.offset(of: id([1, 2])) == 1)
    }

    @Test("An upload that was begun has no bytes, and is there once")
    func begins() async throws {
        let uploads = fixture.uploads
        #expect(try await uploads.offset(of: id([1])) == nil)
        try await uploads.create(id([1]))
        #expect(try await uploads.offset(of: id([1])) == 0)
        await #expect(throws: StorageFault.changed) { try await uploads.create(id([1])) }
        await #expect(throws: StorageFault.notFound) { try await uploads.resume(id([1]), at: 1) }
        let writer = try await uploads.resume(id([1]), at: 0)
        #expect(try await uploads.offset(of: id([1])) == 0)
        await #expect(throws: StorageFault.changed) { try await uploads.create(id([1])) }
        await #expect(throws: StorageFault.changed) { try await uploads.discard(id([1])) }
        #expect(try await writer.finish().digestWhileReceiving == sha256([]))
        #expect(try await uploads.offset(of: id([1])) == nil)
        try await uploads.create(id([1]))
        try await uploads.discard(id([1]))
        #expect(try await uploads.offset(of: id([1])) == nil)
    }

    @Test("An upload outlives the process as soon as it has bytes")
    func outlives() async throws {
        for number in UInt8(0)..<2 { try await fixture.uploads.create(id([number])) }
        let writer = try await fixture.uploads.resume(id([1]), at: 0)
        try await writer.append([1])
        try await writer.suspend()
        let later = FilesystemUploads(fixture.store, writers: 1, clock: fixture.clock)
        #expect(try await later.offset(of: id([0])) == nil)
        #expect(try await later.offset(of: id([1])) == 1)
        await #expect(throws: StorageFault.changed) { try await later.create(id([1])) }
    }

    @Test("No more uploads than there may be are begun, with bytes or without, and each that ends makes room")
    func tooMany() async throws {
        let uploads = fixture.uploads
        func id(_ number: Int) throws -> UploadID {
            UploadID(name: "\(number)", filename: "model.gguf", sha256: try sha256([]))
        }
        let writer = try await uploads.resume(id(0), at: 0)
        try await writer.append([1])
        try await writer.suspend()
        for number in 1..<FilesystemUploads.uploadsMax { try await uploads.create(id(number)) }
        await #expect(throws: StorageFault.full) { try await uploads.create(id(-1)) }
        await #expect(throws: StorageFault.full) { try await uploads.resume(id(-1), at: 0) }
        // One that was begun has its place.
        let begun = try await uploads.resume(id(1), at: 0)
        try await begun.suspend()
        try await uploads.discard(id(2))
        try await uploads.create(id(-1))
        await #expect(throws: StorageFault.full) { try await uploads.create(id(2)) }
    }

    @Test("What was begun and got no bytes ends with the others that nobody goes on with")
    func begunAndLeft() async throws {
        try await fixture.uploads.create(id([0]))
        fixture.clock.advance(seconds: 60)
        try await fixture.uploads.create(id([1]))
        #expect(try await fixture.uploads.discard(idleSince: fixture.clock.now()) == 1)
        #expect(try await fixture.uploads.offset(of: id([0])) == nil)
        #expect(try await fixture.uploads.offset(of: id([1])) == 0)
    }

    @Test(
        "An upload that stops often has the digest of all its bytes, under either algorithm",
        arguments: Digest.Algorithm.allCases)
    func stopsOften(algorithm: Digest.Algorithm) async throws {
        for pieceBytes in [0, 1, 4_095, 4_096, 100_000, (1 << 20) + 1] {
            let bytes = patternedBytes(pieceBytes * 5)
            let expected = try Digest(algorithm, hashing: bytes)
            for start in stride(from: 0, to: bytes.count, by: max(1, pieceBytes)) {
                let writer = try await fixture.uploads.resume(
                    id([1]), at: UInt64(start), expecting: nil, hashing: algorithm)
                try await writer.append(bytes[start..<start + pieceBytes])
                try await writer.suspend()
            }
            let last = try await fixture.uploads.resume(
                id([1]), at: UInt64(bytes.count), expecting: nil, hashing: algorithm)
            let staged = try await last.finish()
            #expect(staged.digestWhileReceiving == expected)
            #expect(try content(of: staged) == bytes)
            let kept = try await fixture.blobs.keep(staged, expecting: expected, hashing: [], progress: nil)
            #expect(try await fixture.blobs.open(kept.digest).map { try content(of: $0) } == bytes)
        }
    }

    @Test("What was hashed with one algorithm is read again for the other, before or after its end")
    func changesAlgorithm() async throws {
        let bytes = patternedBytes(2_500_000)
        let long = try Digest(.sha512, hashing: bytes)
        for (first, second) in [(Digest.Algorithm.sha256, Digest.Algorithm.sha512), (.sha512, .sha256)] {
            let writer = try await fixture.uploads.resume(id([1]), at: 0, expecting: nil, hashing: first)
            try await writer.append(bytes)
            try await writer.suspend()
            let end = try await fixture.uploads.resume(
                id([1]), at: UInt64(bytes.count), expecting: nil, hashing: second)
            let staged = try await end.finish()
            #expect(try staged.digestWhileReceiving == Digest(second, hashing: bytes))
            let kept = try await fixture.blobs.keep(staged, expecting: long, hashing: [], progress: nil)
            #expect(kept.digest == long)
            try await fixture.blobs.remove(long)
        }
    }

    @Test("A hash is not believed of a file that was written to meanwhile, however long it is")
    func changedMeanwhile() async throws {
        let bytes = patternedBytes(1_200_000)
        let writer = try await fixture.uploads.resume(id([1]), at: 0)
        try await writer.append(bytes)
        try await writer.suspend()
        var others = bytes
        others[7] ^= 1
        let uploads = try fixture.scratch.directory.subdirectory("store/uploads")
        try uploads.openFileForWriting(id([1]).hex).write([others[7]], at: 7)
        let end = try await fixture.uploads.resume(id([1]), at: UInt64(bytes.count))
        #expect(try await end.finish().digestWhileReceiving == sha256(others))
    }

    @Test("An upload that is announced to be larger than the disk is refused before it begins")
    func tooLarge() async throws {
        let bytes = patternedBytes(3)
        for total in [UInt64(1) << 60, .max] {
            await #expect(throws: StorageFault.keptFree(bytes: 64 << 20)) {
                try await fixture.uploads.resume(id(bytes), at: 0, expecting: total)
            }
        }
        #expect(try await fixture.uploads.offset(of: id(bytes)) == nil)
        let writer = try await fixture.uploads.resume(id(bytes), at: 0, expecting: 3)
        try await writer.append(bytes)
        #expect(try await writer.finish().digestWhileReceiving == sha256(bytes))
    }

    @Test("An upload has one writer at a time")
    func oneWriter() async throws {
        var writer: (any UploadWriter)? = try await fixture.uploads.resume(id([1]), at: 0)
        await #expect(throws: StorageFault.changed) { try await fixture.uploads.resume(id([1]), at: 0) }
        await #expect(throws: StorageFault.changed) { try await fixture.uploads.discard(id([1])) }
        #expect(await writer?.offset == 0)
        writer = nil
        writer = try await fixture.uploads.resume(id([1]), at: 0)
        #expect(await writer?.offset == 0)
    }

    @Test("An upload is free for the next writer as soon as it is suspended or finished, whoever holds the last one")
    func freeAtOnce() async throws {
        let bytes = patternedBytes(2 << 20)
        let first = try await fixture.uploads.resume(id(bytes), at: 0)
        try await first.append(Array(bytes[..<1_500_000]))
        try await first.suspend()
        let second = try await fixture.uploads.resume(id(bytes), at: 1_500_000)
        await #expect(throws: StorageFault.self) { try await first.append([1]) }
        await #expect(throws: StorageFault.self) { try await first.finish() }
        // The last word of a writer that ended takes nothing from the one after it.
        try await first.suspend()
        await #expect(throws: StorageFault.changed) { try await fixture.uploads.resume(id(bytes), at: 0) }
        try await second.append(Array(bytes[1_500_000...]))
        let staged = try await second.finish()
        #expect(try staged.digestWhileReceiving == sha256(bytes))
        let third = try await fixture.uploads.resume(id(bytes), at: 0)
        #expect(await third.offset == 0)
        #expect(await first.offset == 1_500_000)
        #expect(await second.offset == UInt64(bytes.count))
    }

    @Test("Whoever starts a finished upload again cannot touch the bytes that are being kept")
    func finishedIsApart() async throws {
        let bytes = patternedBytes(100_000)
        let first = try await fixture.uploads.resume(id(bytes), at: 0)
        try await first.append(bytes)
        let staged = try await first.finish()
        await #expect(throws: StorageFault.self) { try await first.append([1]) }
        await #expect(throws: StorageFault.self) { try await first.finish() }
        _ = consume first
        let second = try await fixture.uploads.resume(id(bytes), at: 0)
        try await second.append([9, 9, 9])
        try await second.suspend()
        let kept = try await fixture.blobs.keep(staged, expecting: sha256(bytes), hashing: [], progress: nil)
        let blob = try #require(try await fixture.blobs.open(kept.digest))
        #expect(try content(of: blob) == bytes)
        #expect(try await fixture.uploads.offset(of: id(bytes)) == 3)
    }

    @Test("A finished upload that nobody keeps is discarded")
    func dropsFinished() async throws {
        let writer = try await fixture.uploads.resume(id([1]), at: 0)
        try await writer.append([1])
        _ = try await writer.finish()
        #expect(try await fixture.isStagingEmpty)
        #expect(try await fixture.uploads.offset(of: id([1])) == nil)
    }

    @Test("Discarding forgets an upload, idle ones go together, busy ones stay")
    func discards() async throws {
        for number in UInt8(0)..<3 {
            let writer = try await fixture.uploads.resume(id([number]), at: 0)
            try await writer.append([number])
            try await writer.suspend()
        }
        try await fixture.uploads.discard(id([0]))
        try await fixture.uploads.discard(id([0]))
        #expect(try await fixture.uploads.offset(of: id([0])) == nil)
        #expect(try await fixture.uploads.discard(idleSince: Timestamp(clamping: 1_000_000)) == 0)
        let busy = try await fixture.uploads.resume(id([1]), at: 1)
        #expect(try await fixture.uploads.discard(idleSince: .latest) == 1)
        #expect(await busy.offset == 1)
        #expect(try await fixture.uploads.offset(of: id([1])) == 1)
        #expect(try await fixture.uploads.offset(of: id([2])) == nil)
    }

    @Test("Many uploads at a time do not mix")
    func concurrent() async throws {
        try await withThrowingTaskGroup { group in
            for number in UInt64(0)..<12 {
                group.addTask { [fixture] in
                    let bytes = patternedBytes(1_500_000 + Int(number), seed: number)
                    let writer = try await fixture.uploads.resume(id(bytes), at: 0)
                    for start in stride(from: 0, to: bytes.count, by: 100_000) {
                        try await writer.append(Array(bytes[start..<min(start + 100_000, bytes.count)]))
                    }
                    let staged = try await writer.finish()
                    #expect(try staged.digestWhileReceiving == sha256(bytes))
                    #expect(try content(of: staged) == bytes)
                }
            }
            try await group.waitForAll()
        }
    }
}
