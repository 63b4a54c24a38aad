import RegistryClient
import RegistryCore
import StubRegistry
import Synchronization
import Testing

/// Bytes in memory; can be made to fail.
struct MemoryContent: UploadContent {
    struct Unreadable: Error {}

    var bytes: [UInt8]
    var failsAt: UInt64 = .max
    var sizeBytes: UInt64 { UInt64(bytes.count) }

    func read(at offset: UInt64, bytesMax: Int) async throws -> [UInt8] {
        guard offset < failsAt else { throw Unreadable() }
        return Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + bytesMax)])
    }
}

/// A registry's side of resumable uploads, which loses the connection when told to.
final class StubUploads: Sendable {
    private let kept = Mutex<[UInt8]>([])
    private let size: Int

    init(size: Int, kept: [UInt8] = []) {
        self.size = size
        self.kept.withLock { $0 = kept }
    }

    var bytes: [UInt8] { kept.withLock { $0 } }

    @Sendable func answer(_ request: StubRequest) -> StubAnswer {
        kept.withLock { bytes in
            if request.method == "HEAD" {
                return StubAnswer(bytes.isEmpty ? 404 : 204, headers: [("Upload-Offset", String(bytes.count))])
            }
            let range = (request.headers["content-range"] ?? "").dropFirst("bytes ".count)
            guard let offset = Int(range.prefix { $0 != "-" }), offset <= bytes.count,
                range.hasSuffix("-\(size - 1)/\(size)")
            else {
                return .refusal(409, "upload_offset_mismatch", detail: #"{"offset":\#(bytes.count)}"#)
            }
            bytes = bytes.prefix(offset) + request.body
            return bytes.count == size ? StubAnswer(201, Sample.artifact()) : .refusal(400, "size_mismatch")
        }
    }
}

@Suite("Content upload")
struct ContentUploadTests {
    static let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 13) }

    private func request() throws -> UploadRequest {
        UploadRequest(name: try artifactName(), filename: "a b.gguf", sha256: Sample.digest, source: "hf://x/y")
    }

    @Test("A file arrives whole, with its name and digest, and progress only grows")
    func whole() async throws {
        let uploads = StubUploads(size: Self.bytes.count)
        try await withClient(uploads.answer) { client, server in
            let seen = Mutex<[UInt64]>([])
            _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes)) { sent in
                seen.withLock { $0.append(sent) }
            }
            #expect(uploads.bytes == Self.bytes)
            let put = server.requests[1]
            #expect(put.path == "/v1/model/team/model-a/content")
            #expect(put.headers["content-length"] == "5000000")
            #expect(put.query["filename"] == "a%20b.gguf")
            #expect(put.query["sha256"] == Sample.digest)
            #expect(put.headers["content-range"] == "bytes 0-4999999/5000000")
            #expect(put.query["source"] == "hf%3A%2F%2Fx%2Fy")
            let progress = seen.withLock { $0 }
            #expect(progress == progress.sorted())
            #expect(progress.last == 5_000_000)
        }
    }

    @Test("An upload goes on where an earlier one stopped")
    func resumes() async throws {
        let uploads = StubUploads(size: Self.bytes.count, kept: Array(Self.bytes.prefix(4_000_000)))
        try await withClient(uploads.answer) { client, server in
            _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes))
            #expect(uploads.bytes == Self.bytes)
            #expect(server.requests[1].headers["content-length"] == "1000000")
        }
    }

    @Test("A connection that breaks is taken up again at the byte that arrived")
    func breaks() async throws {
        let uploads = StubUploads(size: Self.bytes.count)
        let breaks = Mutex(3)
        try await withClient(uploads.answer) { request in
            guard request.method == "PUT" else { return nil }
            return breaks.withLock { left in
                guard left > 0 else { return nil }
                if request.body.count >= 1_000_000 { left -= 1 }
                return 1_000_000
            }
        } _: { client, server in
            _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes))
            #expect(uploads.bytes == Self.bytes)
            let puts = server.requests.filter { $0.method == "PUT" }
            #expect(
                puts.map { $0.headers["content-range"] } == [
                    "bytes 0-4999999/5000000", "bytes 1000000-4999999/5000000", "bytes 2000000-4999999/5000000",
                    "bytes 3000000-4999999/5000000",
                ])
        }
    }

    @Test("A registry that names another offset is followed")
    func offsetMismatch() async throws {
        let uploads = StubUploads(size: Self.bytes.count, kept: Array(Self.bytes.prefix(10)))
        let told = Mutex(false)
        try await withClient { request in
            if request.method == "HEAD" {
                let isFirst = told.withLock { told in
                    defer { told = true }
                    return !told
                }
                if isFirst { return StubAnswer(204, headers: [("Upload-Offset", "4999999")]) }
            }
            return uploads.answer(request)
        } _: { client, _ in
            _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes))
            #expect(uploads.bytes == Self.bytes)
        }
    }

    @Test("An upload that only lacked its end is ended by its last byte")
    func lastByte() async throws {
        let uploads = StubUploads(size: Self.bytes.count, kept: Self.bytes)
        try await withClient(uploads.answer) { client, server in
            _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes))
            #expect(uploads.bytes == Self.bytes)
            #expect(server.requests[1].headers["content-range"] == "bytes 4999999-4999999/5000000")
        }
    }

    @Test("A registry that still holds the broken connection is asked again")
    func concurrentChange() async throws {
        let uploads = StubUploads(size: 3)
        let refusals = Mutex(2)
        try await withClient(patience: RegistryClient.Patience(retry: .milliseconds(1))) { request in
            let refuses = refusals.withLock { left in
                guard request.method == "PUT", left > 0 else { return false }
                left -= 1
                return true
            }
            return refuses ? .refusal(409, "concurrent_change") : uploads.answer(request)
        } _: { client, _ in
            _ = try await client.upload(try request(), MemoryContent(bytes: [1, 2, 3]))
            #expect(uploads.bytes == [1, 2, 3])
        }
    }

    @Test("A wrong token is noticed before a byte is sent", arguments: [401, 403])
    func unauthorized(status: Int) async throws {
        try await withClient { _ in
            .refusal(status, "unauthorized")
        } _: { client, server in
            let fault = await fault { _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes)) }
            #expect(fault?.status == status)
            #expect(server.requests.map(\.method) == ["HEAD"])
        }
    }

    @Test("A refusal ends the upload")
    func refused() async throws {
        try await withClient { request in
            request.method == "HEAD" ? StubAnswer(404) : .refusal(422, "digest_mismatch")
        } _: { client, server in
            let fault = await fault { _ = try await client.upload(try request(), MemoryContent(bytes: [1, 2, 3])) }
            #expect(fault?.code == .digestMismatch)
            #expect(server.requests.count == 2)
        }
    }

    @Test("A file that cannot be read to its end is not sent as if it could", arguments: [0, 2_000_000])
    func unreadable(failsAt: UInt64) async throws {
        let uploads = StubUploads(size: Self.bytes.count)
        try await withClient(uploads.answer) { client, server in
            let content = MemoryContent(bytes: Self.bytes, failsAt: failsAt)
            let fault = await fault { _ = try await client.upload(try request(), content) }
            guard case .contentUnreadable = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
            #expect(!server.requests.contains { $0.method == "PUT" && !$0.isBroken })
        }
    }

    @Test("A registry that keeps breaking off is given up")
    func givesUp() async throws {
        let uploads = StubUploads(size: Self.bytes.count)
        let patience = RegistryClient.Patience(retry: .milliseconds(1))
        try await withClient(patience: patience, uploads.answer) { request in
            request.method == "PUT" ? 0 : nil
        } _: { client, server in
            let fault = await fault { _ = try await client.upload(try request(), MemoryContent(bytes: Self.bytes)) }
            guard case .interrupted = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
            #expect(server.requests.filter { $0.method == "PUT" }.count == 6)
        }
    }

    @Test("An upload can be forgotten")
    func discard() async throws {
        try await withClient { _ in
            StubAnswer(204)
        } _: { client, server in
            try await client.discardUpload(try request())
            #expect(server.requests.map(\.method) == ["DELETE"])
        }
    }
}
