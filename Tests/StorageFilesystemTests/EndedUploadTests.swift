import FileTestSupport
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

/// Uploads that end while the process is killed. What is alive of the process before keeps its hands off: its last
/// references are held until the end of a test.
@Suite("Uploads that ended and came to nothing", .serialized)
struct EndedUploadTests {
    private static let bytes = patternedBytes(1 << 20 + 3)
    private let digest: Digest
    private let id: UploadID
    private let fixture: StoreFixture

    init() throws {
        digest = try sha256(Self.bytes)
        id = UploadID(name: "model", filename: "model.gguf", sha256: digest)
        fixture = try StoreFixture()
    }

    private func end(isParted: Bool) async throws -> any StagedBlob {
        let count = UInt64(Self.bytes.count)
        guard isParted else {
            let writer = try await fixture.uploads.resume(id, at: 0)
            try await writer.append(Self.bytes)
            return try await writer.finish()
        }
        try await fixture.uploads.create(id)
        let part = try await fixture.uploads.openPart(0..<count, of: id, total: count, hashing: .sha256)
        try await part.append(Self.bytes)
        try await part.suspend()
        return try await fixture.uploads.join(id, hashing: .sha256).finish()
    }

    private func restarted() throws -> StoreFixture {
        fixture.store.close()
        return try StoreFixture(fixture.scratch)
    }

    private func uploadNames() throws -> [String] {
        try fixture.scratch.directory.subdirectory("store/uploads").entries(entriesMax: 10).compactMap(\.name)
    }

    /// Opens what was given back, which has every byte, for its end.
    private func reopen(in later: StoreFixture, isParted: Bool) async throws -> any UploadWriter {
        let count = UInt64(Self.bytes.count)
        guard isParted else {
            #expect(try await later.uploads.offset(of: id) == count)
            return try await later.uploads.resume(id, at: count)
        }
        let parts = try #require(try await later.uploads.parts(of: id))
        #expect(parts.total == count && parts.present.description == "0-\(count - 1)")
        // A client that did not hear of it sends a part again.
        let part = try await later.uploads.openPart(0..<1_000, of: id, total: count, hashing: .sha256)
        try await part.append(Self.bytes[..<1_000])
        try await part.suspend()
        return try await later.uploads.join(id, hashing: .sha256)
    }

    @Test("What was whole is given back whole after a kill before it was a blob", arguments: [false, true])
    func beforeBlob(isParted: Bool) async throws {
        let lost = try await end(isParted: isParted)
        let later = try restarted()
        #expect(try await later.blobs.open(digest) == nil)
        let staged = try await reopen(in: later, isParted: isParted).finish()
        #expect(staged.digestWhileReceiving == digest)
        _ = try await later.blobs.keep(staged, expecting: digest, hashing: [], progress: nil)
        _ = consume staged
        #expect(try await isSoon { try uploadNames().isEmpty })
        #expect(try await content(of: #require(later.blobs.open(digest))) == Self.bytes)
        withExtendedLifetime(lost) {}
    }

    @Test("Nothing is given back of what is a blob, and no note of it stays", arguments: [false, true])
    func afterBlob(isParted: Bool) async throws {
        let lost = try await end(isParted: isParted)
        _ = try await fixture.blobs.keep(lost, expecting: digest, hashing: [], progress: nil)
        let later = try restarted()
        #expect(try await later.uploads.offset(of: id) == nil)
        #expect(try await later.uploads.parts(of: id) == nil)
        #expect(try uploadNames().allSatisfy { $0.hasSuffix(".ranges") })
        #expect(try fixture.scratch.directory.identity(of: fixture.blobPath(digest)).links == 1)
        withExtendedLifetime(lost) {}
    }

    @Test("What is given back may be begun anew, or cut")
    func anew() async throws {
        let lost = try await end(isParted: false)
        let later = try restarted()
        let writer = try await later.uploads.resume(id, at: 10)
        try await writer.append(Self.bytes[10...])
        #expect(try await writer.finish().digestWhileReceiving == digest)
        withExtendedLifetime(lost) {}
    }

    @Test("What has a second name, as a blob may have, is not given back")
    func secondName() async throws {
        let lost = try await end(isParted: false)
        let staging = try fixture.scratch.directory.subdirectory("store/staging")
        let name = try #require(try fixture.stagingNames.first.flatMap { $0 })
        try staging.link(name, in: try fixture.scratch.directory.subdirectory("trusted"), as: "second")
        let later = try restarted()
        #expect(try await later.uploads.offset(of: id) == nil)
        #expect(try uploadNames().isEmpty)
        withExtendedLifetime(lost) {}
    }

    @Test("A start puts up with notes of what never left, of what is nowhere, and of nothing")
    func notes() async throws {
        let writer = try await fixture.uploads.resume(id, at: 0)
        try await writer.append([1])
        try await writer.suspend()
        let uploads = try fixture.scratch.directory.subdirectory("store/uploads")
        for name in ["\(id.hex).ended", String(repeating: "0", count: 64) + ".ended", ".ended"] {
            _ = try uploads.createFile(name, permissions: 0o600)
        }
        let later = try restarted()
        #expect(try uploadNames() == [id.hex])
        #expect(try await later.uploads.offset(of: id) == 1)
    }
}
