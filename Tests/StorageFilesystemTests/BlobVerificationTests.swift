import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryPorts
import StorageFilesystem
import Testing

@Suite("What a full read of a blob finds", .serialized)
struct BlobVerificationTests {
    let fixture: StoreFixture
    private let bytes = patternedBytes(100_000)

    init() throws {
        fixture = try StoreFixture()
    }

    private func check(_ digest: Digest) async throws -> BlobCheck {
        try await fixture.blobs.verify(
            digest, sizeBytes: UInt64(bytes.count), hashing: [], pace: .full, progress: nil)
    }

    private func path(_ digest: Digest) -> String {
        "\(fixture.scratch.path)/\(fixture.blobPath(digest))"
    }

    private func change(_ digest: Digest, _ body: (FileDescriptor) throws -> Void) throws {
        #expect(chmod(path(digest), 0o644) == 0)
        try body(FileDescriptor(owning: open(path(digest), O_RDWR)))
    }

    @Test("An untouched blob is intact, with its identity and the digests of its parts")
    func intact() async throws {
        let digest = try await fixture.keep(bytes)
        let found = try await fixture.blobs.verify(
            digest, sizeBytes: UInt64(bytes.count), hashing: [10..<20], pace: .background,
            progress: nil)
        let identity = try #require(try await fixture.blobs.identity(of: digest))
        #expect(found == .intact(identity: identity, rangeDigests: [try sha256(bytes[10..<20])]))
    }

    @Test("One flipped bit is found wherever it is", arguments: [0, 1, 4_095, 4_096, 50_000, 99_999])
    func flippedBit(position: Int) async throws {
        let digest = try await fixture.keep(bytes)
        try change(digest) { try $0.write([bytes[position] ^ 0x10], at: Int64(position)) }
        var changed = bytes
        changed[position] ^= 0x10
        #expect(try await check(digest) == .otherBytes(found: try sha256(changed), rangeDigests: []))
    }

    @Test("A shorter or longer file is found without reading it", arguments: [Int64(0), 99_999, 100_001])
    func otherSize(size: Int64) async throws {
        let digest = try await fixture.keep(bytes)
        try change(digest) { try $0.truncate(to: size) }
        #expect(try await check(digest) == .otherSize(found: UInt64(size)))
    }

    @Test("A missing blob is missing")
    func missing() async throws {
        #expect(try await check(sha256(bytes)) == .missing)
        #expect(try await fixture.blobs.identity(of: sha256(bytes)) == nil)
        #expect(try await fixture.blobs.open(sha256(bytes)) == nil)
    }

    @Test("A link, a directory or a pipe in place of a blob is no blob")
    func notRegular() async throws {
        let digest = try await fixture.keep(bytes)
        #expect(rename(path(digest), "\(fixture.scratch.path)/copy") == 0)
        #expect(symlink("\(fixture.scratch.path)/copy", path(digest)) == 0)
        #expect(try await check(digest) == .notARegularFile)
        #expect(try await fixture.blobs.identity(of: digest) == nil)
        await #expect(throws: StorageFault.self) { try await fixture.blobs.open(digest) }
        #expect(unlink(path(digest)) == 0)
        #expect(mkdir(path(digest), 0o700) == 0)
        #expect(try await check(digest) == .notARegularFile)
        #expect(rmdir(path(digest)) == 0)
        #expect(mkfifo(path(digest), 0o600) == 0)
        #expect(try await check(digest) == .notARegularFile)
    }

    @Test("Names that a blob has elsewhere are counted")
    func linkedElsewhere() async throws {
        let digest = try await fixture.keep(bytes)
        #expect(link(path(digest), "\(fixture.scratch.path)/second") == 0)
        guard case .intact(let identity, _) = try await check(digest) else {
            Issue.record("a second name is not damage by itself")
            return
        }
        #expect(identity.links == 2)
    }

    @Test("Blobs are listed in the order of their digests, page by page, without what is not ours")
    func lists() async throws {
        var digests: [Digest] = []
        for number in UInt8(0)..<20 { digests.append(try await fixture.keep([number])) }
        digests.sort()
        _ = try fixture.scratch.directory.subdirectory("store/blobs/sha256/00").createFile(
            "stranger", permissions: 0o600)
        var listed: [Digest] = []
        while true {
            let page = try await fixture.blobs.blobs(after: listed.last, limit: 7)
            #expect(page.allSatisfy { $0.sizeBytes == 1 })
            listed += page.map(\.digest)
            if page.count < 7 { break }
        }
        #expect(listed == digests)
    }

    @Test("A removed blob is gone, and may be kept again")
    func removes() async throws {
        let digest = try await fixture.keep(bytes)
        try await fixture.blobs.remove(digest)
        try await fixture.blobs.remove(digest)
        #expect(try await fixture.blobs.open(digest) == nil)
        #expect(try await fixture.keep(bytes) == digest)
        guard case .intact = try await check(digest) else {
            Issue.record("kept again, but not intact")
            return
        }
    }

    @Test("Leftovers of an earlier process go, what is being worked on stays")
    func discardsLeftovers() async throws {
        let scratch = try ScratchDirectory()
        try FilesystemStore(path: scratch.path).close()
        let staging = try scratch.directory.subdirectory("store/staging")
        try staging.createFile(".unfinished-1-1", permissions: 0o600).write(patternedBytes(1_000), at: 0)
        _ = try staging.makeDirectory("view-1", permissions: 0o700).createFile("file", permissions: 0o444)
        let later = try StoreFixture(scratch)
        let upload = try await later.uploads.resume(UploadID(name: "a", filename: "b", sha256: sha256([1])), at: 0)
        try await upload.append([1])
        let staged = try await upload.finish()
        #expect(try await later.blobs.discardLeftovers() == 1_000)
        #expect(try await later.blobs.discardLeftovers() == 0)
        #expect(try later.stagingNames.count == 1)
        #expect(try content(of: staged) == [1])
        _ = try await later.blobs.keep(staged, expecting: sha256([1]), hashing: [], progress: nil)
        #expect(try await later.isStagingEmpty)
    }
}
