import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/{name}/content")
struct ContentTests {
    private static let bytes = ModelFiles.largeGGUF(5, megabytes: 4)
    private static let digest = sha256(bytes)
    private static let target = "/v1/model/org/up/content?filename=up.gguf&sha256=\(digest)"

    private func range(_ first: Int, _ end: Int, of total: Int = bytes.count, _ part: [UInt8]? = nil) -> HTTPRequest {
        .put(
            Self.target, part ?? Array(Self.bytes[first..<end]),
            ("Content-Range", "bytes \(first)-\(end - 1)/\(total)"))
    }

    private func offset(_ registry: RunningRegistry) async throws -> Int? {
        let answer = try await registry.send(HTTPRequest("HEAD", Self.target))
        return answer[header: "upload-offset"].flatMap { Int($0) }
    }

    @Test("A whole file in one body becomes an artifact; the same again is the same artifact")
    func whole() async throws {
        try await withRegistry { registry in
            let answer = try await registry.send(.put(Self.target + "&source=ci&source_revision=r1", Self.bytes))
            expect(answer, 201)
            #expect(answer["name"] == "org/up")
            #expect(answer["sha256"] == Self.digest)
            #expect(answer["filename"] == "up.gguf")
            #expect(answer["state"] == "acquired")
            #expect(answer["source"] == "ci")
            expect(try await registry.promote("org/up"), 201)
            expect(try await registry.send(.put(Self.target, Self.bytes)), 200)
        }
    }

    @Test("A chunked body needs no length")
    func chunked() async throws {
        try await withRegistry { registry in
            let address = registry.address
            let answer = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(
                    HTTPRequest(
                        "PUT", Self.target,
                        headers: [("Transfer-Encoding", "chunked"), ("Authorization", "Bearer \(RegistryHome.token)")]))
                for start in stride(from: 0, to: Self.bytes.count, by: 100_000) {
                    let part = Self.bytes[start..<min(start + 100_000, Self.bytes.count)]
                    try connection.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + Array("\r\n".utf8))
                }
                try connection.send(Array("0\r\n\r\n".utf8))
                return try connection.receive()
            }
            expect(answer, 201)
        }
    }

    @Test("Ranges are put together in order; 202 says that more is to come")
    func ranges() async throws {
        try await withRegistry { registry in
            let third = Self.bytes.count / 3
            expect(try await registry.send(HTTPRequest("HEAD", Self.target)), 404)
            expect(try await registry.send(range(0, third)), 202)
            #expect(try await offset(registry) == third)
            expect(try await registry.send(range(third, 2 * third)), 202)
            let answer = try await registry.send(range(2 * third, Self.bytes.count))
            expect(answer, 201)
            #expect(answer["sha256"] == Self.digest)
            expect(try await registry.send(HTTPRequest("HEAD", Self.target)), 404)
        }
    }

    @Test("A range that leaves a gap is refused with the offset to go on from")
    func gap() async throws {
        try await withRegistry { registry in
            expect(try await registry.send(range(0, 1_000)), 202)
            let answer = try await registry.send(range(2_000, 3_000))
            expect(answer, 409, "upload_offset_mismatch")
            #expect(answer.detail["offset"]?.asUInt64 == 1_000)
            expect(try await registry.send(range(1_000, 2_000)), 202)
        }
    }

    @Test("A file that cannot fit is refused before it is sent, and nothing of it is kept")
    func tooLarge() async throws {
        try await withRegistry { registry in
            for total in [1 << 60, Int.max] {
                let answer = try await registry.send(range(0, 7, of: total))
                expect(answer, 507, "storage_full")
                #expect(try await offset(registry) == nil)
            }
            let most = HTTPRequest.put(
                Self.target, [1], ("Content-Range", "bytes 0-18446744073709551614/18446744073709551615"))
            expect(try await registry.send(most), 507, "storage_full")
        }
    }

    @Test("A body that is shorter or longer than its range is refused")
    func wrongLength() async throws {
        try await withRegistry { registry in
            expect(try await registry.send(range(0, 1_000, Array(Self.bytes[..<900]))), 422, "size_mismatch")
            expect(try await registry.send(range(0, 1_000, Array(Self.bytes[..<1_100]))), 422, "size_mismatch")
            expect(try await registry.get("/v1/model/org/up"), 404)
        }
    }

    @Test(
        "A Content-Range that makes no sense is refused",
        arguments: [
            "bytes 5-4/10", "bytes 0-10/10", "bytes -1-4/10", "bytes 0-4/*", "bytes */10", "bytes 0-4", "items 0-4/10",
            "bytes 0-18446744073709551615/18446744073709551616",
            "bytes 9223372036854775807-9223372036854775808/9223372036854775809", "", "bytes", "bytes a-b/c",
        ])
    func badRange(text: String) async throws {
        try await withRegistry { registry in
            let answer = try await registry.send(.put(Self.target, [1, 2, 3, 4, 5], ("Content-Range", text)))
            #expect((400..<500).contains(answer.status), "\(answer)")
            expect(try await registry.get("/v1/model/org/up"), 404)
        }
    }

    @Test("An upload goes on where the server stood when it was killed")
    func killed() async throws {
        let home = try RegistryHome()
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            let half = Self.bytes.count / 2
            let address = registry.address
            let request = range(0, half).authorizedForTest
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(request)
                expect(try connection.receive(), 202)
            }
            await registry.kill()
        }
        try await withRegistry(home) { registry in
            let reached = try #require(try await offset(registry))
            #expect(reached == Self.bytes.count / 2)
            let answer = try await registry.send(range(reached, Self.bytes.count))
            expect(answer, 201)
            #expect(answer["sha256"] == Self.digest)
            expect(try await registry.promote("org/up"), 201)
        }
    }

    @Test("What arrived before a connection broke is kept, and the rest completes it")
    func brokenConnection() async throws {
        try await withRegistry { registry in
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                var request = HTTPRequest("PUT", Self.target)
                request.headers = [("Content-Length", String(Self.bytes.count))]
                try connection.send(request.authorizedForTest)
                try connection.send(Array(Self.bytes[..<3_000_000]))
                connection.finishSending()
                _ = try? connection.readToEnd()
            }
            try await eventually { try await offset(registry) != nil }
            // The server may still be writing what had arrived.
            try await eventually {
                let reached = try await offset(registry) ?? 0
                return try await registry.send(range(reached, Self.bytes.count)).status == 201
            }
            #expect(try await registry.get("/v1/model/org/up")["sha256"] == Self.digest)
        }
    }

    @Test("Bytes that hash to something else are refused, nothing of them is seen, and a new attempt works")
    func wrongDigest() async throws {
        try await withRegistry { registry in
            var damaged = Self.bytes
            damaged[1_000_000] ^= 1
            let answer = try await registry.send(.put(Self.target, damaged))
            expect(answer, 422, "digest_mismatch")
            #expect(answer.detail["actual"]?.asString == sha256(damaged))
            expect(try await registry.get("/v1/model/org/up"), 404)
            #expect(!FileManager.default.fileExists(atPath: registry.home.blobPath(sha256(damaged))))
            expect(try await registry.send(.put(Self.target, Self.bytes)), 201)
        }
    }

    @Test("An upload that is given up is gone")
    func discarded() async throws {
        try await withRegistry { registry in
            expect(try await registry.send(range(0, 1_000)), 202)
            expect(try await registry.delete(Self.target), 204)
            expect(try await registry.send(HTTPRequest("HEAD", Self.target)), 404)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: registry.home.directory + "/store/uploads") == [])
        }
    }

    @Test("Two connections cannot send one upload at the same time")
    func twoAtOnce() async throws {
        try await withRegistry { registry in
            let address = registry.address
            let first = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                var request = HTTPRequest("PUT", Self.target)
                request.headers = [("Content-Length", String(Self.bytes.count))]
                try connection.send(request.authorizedForTest)
                try connection.send(Array(Self.bytes[..<2_000_000]))
                return connection
            }
            try await eventually { try await offset(registry) ?? 0 > 0 }
            expect(try await registry.send(.put(Self.target, Self.bytes)), 409, "concurrent_change")
            try await OwnThread.run {
                try first.send(Array(Self.bytes[2_000_000...]))
                expect(try first.receive(), 201)
            }
        }
    }

    @Test("Parameters that an upload needs are asked for by name", arguments: ["filename", "sha256"])
    func missing(field: String) async throws {
        try await withRegistry { registry in
            let query = field == "filename" ? "sha256=\(Self.digest)" : "filename=f"
            let answer = try await registry.send(.put("/v1/model/a/content?\(query)", [1]))
            expect(answer, 400, "missing_field")
            #expect(answer.detail["field"]?.asString == field)
        }
    }

    @Test("Receiving a large file takes little memory")
    func memory() async throws {
        try await withRegistry { registry in
            let bytes = ModelFiles.largeGGUF(6, megabytes: 96)
            let before = try registry.peakResidentBytes()
            let answer = try await registry.send(
                .put("/v1/model/large/content?filename=l.gguf&sha256=\(sha256(bytes))", bytes))
            expect(answer, 201)
            #expect(try registry.peakResidentBytes() - before < 32 << 20)
        }
    }
}
