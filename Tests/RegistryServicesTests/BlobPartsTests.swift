import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("Parts of a blob that come in any order")
struct BlobPartsTests {
    private static let bytes = [UInt8]("some bytes of a large layer".utf8)
    private static let total = UInt64(bytes.count)

    private func send(
        _ range: Range<UInt64>, to session: UploadSession, _ registry: TestRegistry, _ bytes: [UInt8]? = nil
    ) async throws {
        let writer = try await registry.distribution.uploads.openPart(
            range, of: Self.total, session, in: TestRegistry.repository("team/a"), TestRegistry.caller)
        try await writer.append((bytes ?? Self.bytes)[Int(range.lowerBound)..<Int(range.upperBound)])
        try await writer.suspend()
    }

    private func withSession(
        _ body: (TestRegistry, RepositoryKey, UploadSession) async throws -> Void
    ) async throws {
        try await TestRegistry.scenario { registry in
            let repository = try TestRegistry.repository("team/a")
            let session = try await registry.distribution.uploads.begin(
                in: repository, hashing: .sha256, TestRegistry.caller)
            try await body(registry, repository, session)
        }
    }

    @Test("What was sent in parts can be named in its repository", arguments: Digest.Algorithm.allCases)
    func parts(algorithm: Digest.Algorithm) async throws {
        try await withSession { registry, repository, session in
            let uploads = registry.distribution.uploads
            let digest = try Digest(algorithm, hashing: Self.bytes)
            try await send(10..<Self.total, to: session, registry)
            try await send(0..<10, to: session, registry)
            let writer = try await uploads.join(session, in: repository, endingAs: digest, TestRegistry.caller)
            try await uploads.finish(writer, as: digest, in: repository, TestRegistry.caller)
            #expect(try await registry.store.hasBlob(digest, in: repository, receivedSince: .earliest))
            await expectError(.uploadNotFound) {
                try await uploads.standing(of: session, in: repository, TestRegistry.caller)
            }
            #expect(registry.world.uploads.count == 0)
        }
    }

    @Test("Nothing is kept of bytes that hash to something else")
    func mismatch() async throws {
        try await withSession { registry, repository, session in
            let uploads = registry.distribution.uploads
            let digest = try Digest(hashing: Self.bytes)
            var wrong = Self.bytes
            wrong[12] ^= 1
            try await send(10..<Self.total, to: session, registry, wrong)
            try await send(0..<10, to: session, registry)
            let writer = try await uploads.join(session, in: repository, endingAs: digest, TestRegistry.caller)
            await expectError(.digestMismatch) {
                try await uploads.finish(writer, as: digest, in: repository, TestRegistry.caller)
            }
            #expect(!registry.world.blobs.contains(digest))
            #expect(registry.world.uploads.count == 0)
        }
    }

    @Test("It ends when every byte is there, and not before")
    func gaps() async throws {
        try await withSession { registry, repository, session in
            let uploads = registry.distribution.uploads
            let digest = try Digest(hashing: Self.bytes)
            try await send(0..<5, to: session, registry)
            try await send(6..<Self.total, to: session, registry)
            let error = await expectError(.uploadOffsetMismatch) {
                try await uploads.join(session, in: repository, endingAs: digest, TestRegistry.caller)
            }
            #expect(error?.detail["offset"]?.asNumber?.uint64 == 5)
            let standing = try await uploads.standing(of: session, in: repository, TestRegistry.caller)
            #expect(standing.offset == 5)
            #expect(standing.parts?.present.description == "0-4,6-\(Self.total - 1)")
        }
    }

    @Test("A part of another upload, of another length, or behind the end is refused, and so are bytes in order")
    func refused() async throws {
        try await withSession { registry, repository, session in
            let uploads = registry.distribution.uploads
            try await send(0..<5, to: session, registry)
            await expectError(.invalidField) {
                try await uploads.openPart(5..<6, of: 6, session, in: repository, TestRegistry.caller)
            }
            await expectError(.invalidField) {
                try await uploads.openPart(
                    5..<Self.total + 1, of: Self.total, session, in: repository, TestRegistry.caller)
            }
            await expectError(.uploadNotFound) {
                try await uploads.openPart(
                    5..<6, of: Self.total, session, in: TestRegistry.repository("team/b"), TestRegistry.caller)
            }
            let other = Caller.registry(.reconciler)
            await expectError(.uploadNotFound) {
                try await uploads.openPart(5..<6, of: Self.total, session, in: repository, other)
            }
            await expectError(.invalidField) {
                try await uploads.resume(
                    session, in: repository, at: 5, expecting: nil, endingAs: nil, TestRegistry.caller)
            }
            let ordered = try await uploads.begin(in: repository, hashing: .sha256, TestRegistry.caller)
            let writer = try await uploads.resume(
                ordered, in: repository, at: 0, expecting: nil, endingAs: nil, TestRegistry.caller)
            try await writer.append([1, 2])
            try await writer.suspend()
            await expectError(.uploadOffsetMismatch) {
                try await uploads.openPart(2..<5, of: Self.total, ordered, in: repository, TestRegistry.caller)
            }
        }
    }

    @Test("Two who send the same bytes do not meet, and an upload that is being sent is not given up")
    func twoAtOnce() async throws {
        try await withSession { registry, repository, session in
            let uploads = registry.distribution.uploads
            let writer = try await uploads.openPart(
                0..<10, of: Self.total, session, in: repository, TestRegistry.caller)
            await expectError(.concurrentChange) {
                try await uploads.openPart(9..<20, of: Self.total, session, in: repository, TestRegistry.caller)
            }
            await expectError(.concurrentChange) {
                try await uploads.cancel(session, in: repository, TestRegistry.caller)
            }
            try await writer.suspend()
            try await uploads.cancel(session, in: repository, TestRegistry.caller)
            #expect(registry.world.uploads.count == 0)
        }
    }

    @Test("Gaps are bounded, and can be closed")
    func tooManyGaps() async throws {
        try await TestRegistry.scenario { registry in
            let uploads = registry.distribution.uploads
            let repository = try TestRegistry.repository("team/a")
            let session = try await uploads.begin(in: repository, hashing: .sha256, TestRegistry.caller)
            let total = UInt64(UploadParts.rangesMax * 2 + 10)
            func send(_ range: Range<UInt64>) async throws(RegistryError) {
                let writer = try await uploads.openPart(range, of: total, session, in: repository, TestRegistry.caller)
                do {
                    try await writer.append(Array(repeating: 1, count: range.count))
                    try await writer.suspend()
                } catch { throw RegistryError(error) }
            }
            for number in 0..<UInt64(UploadParts.rangesMax) { try await send(number * 2 + 1..<number * 2 + 2) }
            await expectError(.invalidField) { try await send(total - 1..<total) }
            try await send(2..<3)
            try await send(total - 1..<total)
            try await send(0..<total)
            #expect(try await uploads.standing(of: session, in: repository, TestRegistry.caller).offset == total)
        }
    }
}
