import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

/// What a start finds in the journal of a process before it, and makes of it.
@Suite("The journal of small blobs", .serialized)
struct BlobJournalTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private static let receipt: [UInt8] = Array(1...40)

    private func blob(_ number: Int) throws -> (digest: Digest, bytes: [UInt8]) {
        let bytes = Array("blob \(number) ".utf8) + patternedBytes(3_000 + number)
        return (try Digest(hashing: bytes), bytes)
    }

    /// The segments that hold something.
    private func written(_ fixture: StoreFixture) throws -> [String: [UInt8]] {
        let journal = try fixture.scratch.directory.subdirectory("store/journal")
        var found: [String: [UInt8]] = [:]
        for name in try journal.entries(entriesMax: 10).compactMap(\.name) {
            let bytes = try journal.openFile(name).readAll(bytesMax: 8 << 20)
            if !bytes.isEmpty, bytes.first != 0 { found[name] = bytes }
        }
        return found
    }

    /// Keeps blobs until one is in the journal.
    ///
    /// - Returns: it, and the segment, before it was emptied.
    private func journaled(
        _ fixture: StoreFixture, from first: Int = 0
    ) async throws -> (digest: Digest, bytes: [UInt8], segment: (name: String, bytes: [UInt8])) {
        for number in first..<(first + 2_000) {
            let (digest, bytes) = try blob(number)
            _ = try await fixture.blobs.keep(bytes, as: digest, receipt: Self.receipt)
            if let segment = try written(fixture).first { return (digest, bytes, (segment.key, segment.value)) }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw FileFault(.write, .other)
    }

    /// Ends the store, puts a segment back as a power cut would have left it, and starts again.
    private func restarted(_ segment: (name: String, bytes: [UInt8])) throws -> StoreFixture {
        fixture.store.close()
        try overwrite(segment.name, with: segment.bytes)
        return try StoreFixture(fixture.scratch)
    }

    private func overwrite(_ name: String, with bytes: [UInt8]) throws {
        let file = try fixture.scratch.directory.subdirectory("store/journal").openFileForWriting(name)
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
    }

    enum Loss: CaseIterable {
        case file, content, bytes, receipt, nothing
    }

    private func lose(_ loss: Loss, of digest: Digest) throws {
        let path = "\(fixture.scratch.path)/\(fixture.blobPath(digest))"
        try #require(chmod(path, 0o600) == 0)
        switch loss {
        case .file: try #require(unlink(path) == 0)
        case .content: try #require(truncate(path, 0) == 0)
        case .bytes: try FileDescriptor(owning: open(path, O_WRONLY)).write([0xFF, 0xFE], at: 100)
        case .receipt:
            _ = try FileDescriptor(owning: open(path, O_WRONLY)).setAttribute("pratique.receipt", to: [])
        case .nothing: break
        }
        if loss != .file { try #require(chmod(path, 0o444) == 0) }
    }

    @Test("A start puts right what a power cut left of a blob", arguments: Loss.allCases)
    func restores(loss: Loss) async throws {
        let (digest, bytes, segment) = try await journaled(fixture)
        fixture.store.close()
        try lose(loss, of: digest)
        let later = try restarted(segment)
        #expect(try await later.blobs.open(digest)?.read(0..<UInt64(bytes.count)) == bytes)
        #expect(try await later.blobs.receipt(of: digest) == Self.receipt)
        #expect(try later.scratch.directory.identity(of: later.blobPath(digest)).permissions == 0o444)
        #expect(try written(later).isEmpty)
        #expect(try await later.isStagingEmpty)
    }

    @Test("A store that was closed leaves nothing in its journal, and one that is left alone empties it")
    func empties() async throws {
        let (digest, bytes, _) = try await journaled(fixture)
        let isEmptied = try await isSoon { try written(fixture).isEmpty }
        #expect(isEmptied)
        _ = try await journaled(fixture, from: 5_000)
        fixture.store.close()
        #expect(try written(fixture).isEmpty)
        #expect(try await fixture.blobs.open(digest)?.read(0..<UInt64(bytes.count)) == bytes)
    }

    @Test("Whatever is damaged in a segment, a start puts nothing into the store that was not pushed")
    func damaged() async throws {
        let (digest, bytes, segment) = try await journaled(fixture)
        fixture.store.close()
        var generator = SeededGenerator(seed: 7)
        let inBlob = (0..<12).map { _ in Int.random(in: 176..<3_000, using: &generator) }
        let positions = Array(stride(from: 0, to: 176, by: 3)) + inBlob
        let all = try await fixture.blobs.blobs(after: nil, limit: 10_000)
        for position in positions {
            try lose(.file, of: digest)
            var damaged = segment.bytes
            damaged[position] ^= UInt8.random(in: 1 ... .max, using: &generator)
            try overwrite(segment.name, with: damaged)
            let later = try StoreFixture(fixture.scratch)
            let found = try await later.blobs.open(digest)?.read(0..<UInt64(bytes.count))
            #expect(found == nil || found == bytes, "\(position)")
            #expect(Set(try await later.blobs.blobs(after: nil, limit: 10_000)).isSubset(of: all), "\(position)")
            _ = try await later.blobs.keep(bytes, as: digest, receipt: Self.receipt)
            later.store.close()
        }
    }

    @Test("Segments that are cut off, longer, or full of anything are put up with", arguments: [0, 100, 200, 9 << 20])
    func lengths(count: Int) async throws {
        let (digest, bytes, segment) = try await journaled(fixture)
        fixture.store.close()
        var generator = SeededGenerator(seed: UInt64(count))
        let noise = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        for other in [Array((segment.bytes + noise).prefix(count)), noise] {
            try overwrite(segment.name, with: other)
            let later = try StoreFixture(fixture.scratch)
            #expect(try await later.blobs.open(digest)?.read(0..<UInt64(bytes.count)) == bytes)
            let (next, more) = try blob(9_000 + count)
            _ = try await later.blobs.keep(more, as: next, receipt: nil)
            #expect(try await later.blobs.open(next)?.read(0..<UInt64(more.count)) == more)
            later.store.close()
        }
    }

    @Test("What an earlier round left behind the end is not read")
    func earlierRounds() async throws {
        let first = try await journaled(fixture)
        let isEmptied = try await isSoon { try written(fixture).isEmpty }
        #expect(isEmptied)
        let second = try await journaled(fixture, from: 5_000)
        fixture.store.close()
        let length = 168 + (second.bytes.count + 7) / 8 * 8
        for digest in [first.digest, second.digest] { try lose(.file, of: digest) }
        let later = try restarted(
            (second.segment.name, Array(second.segment.bytes.prefix(length) + first.segment.bytes)))
        #expect(try await later.blobs.identity(of: second.digest) != nil)
        #expect(try await later.blobs.identity(of: first.digest) == nil)
    }

    @Test("More at a time than the journal takes is kept, too")
    func overflows() async throws {
        _ = try await journaled(fixture)
        let bytes = (0..<400).map { Array("\($0) ".utf8) + patternedBytes(60_000) }
        try await withThrowingTaskGroup { group in
            for bytes in bytes {
                group.addTask { [fixture] in
                    _ = try await fixture.blobs.keep(bytes, as: Digest(hashing: bytes), receipt: Self.receipt)
                }
            }
            try await group.waitForAll()
        }
        for bytes in bytes {
            let opened = try await fixture.blobs.open(Digest(hashing: bytes))
            #expect(try opened?.read(0..<UInt64(bytes.count)) == bytes)
        }
    }
}
