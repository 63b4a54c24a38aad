import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("Uploads that are interrupted, and uploads that meet")
struct InterruptedUploadsTests {
    private static let bytes = Blob.bytes(5 << 20)
    private static let digest = "sha256:" + sha256(bytes)

    /// Begins a stream of the blob and sends its first bytes, without ending it.
    private func stream(_ count: Int, to location: String, _ registry: RunningRegistry) async throws -> HTTPConnection {
        let address = registry.address
        return try await OwnThread.run {
            let connection = try HTTPConnection(to: address)
            try connection.send(
                HTTPRequest("PATCH", location, headers: [("Transfer-Encoding", "chunked")]).authorizedForTest)
            for start in stride(from: 0, to: count, by: 300_000) {
                try connection.send(Blob.chunk(Array(Self.bytes[start..<min(start + 300_000, count)])))
            }
            return connection
        }
    }

    /// Where an upload stands, by what its status says.
    private func offset(_ location: String, _ registry: RunningRegistry) async throws -> Int {
        let answer = try await registry.get(location)
        expect(answer, 204)
        let last = try #require(answer[header: "range"]?.split(separator: "-").last.flatMap { Int($0) })
        return last == 0 ? 0 : last + 1
    }

    /// Sends what is missing and ends the upload.
    private func finish(_ location: String, from offset: Int, _ registry: RunningRegistry) async throws {
        let rest = Array(Self.bytes[offset...])
        let part = try await registry.send(
            .patch(location, rest, ("Content-Range", "\(offset)-\(Self.bytes.count - 1)")))
        expect(part, 202)
        expect(try await registry.send(.put("\(location)?digest=\(Self.digest)", [])), 201)
        #expect(try Blob.stored(Self.digest, registry) == Self.bytes)
    }

    @Test("What a server had when it was killed is there after its start, and the upload goes on to the byte")
    func killed() async throws {
        let home = try RegistryHome()
        let (location, before) = try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            let location = try await registry.begin("team/a")
            let connection = try await stream(3 << 20, to: location, registry)
            try await eventually { try await offset(location, registry) >= 1 << 20 }
            let before = try await offset(location, registry)
            await registry.kill()
            withExtendedLifetime(connection) {}
            return (location, before)
        }
        try await withRegistry(home) { registry in
            let reached = try await offset(location, registry)
            #expect(reached >= before && reached <= 3 << 20)
            try await finish(location, from: reached, registry)
        }
    }

    @Test("An upload that waits for its end outlives a kill, and one that has no bytes is begun again")
    func killedBetween() async throws {
        let home = try RegistryHome()
        let (begun, sent) = try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            let (begun, sent) = (try await registry.begin("a"), try await registry.begin("a"))
            expect(try await registry.send(.patch(sent, Self.bytes)), 202)
            await registry.kill()
            return (begun, sent)
        }
        try await withRegistry(home) { registry in
            expect(try await registry.get(begun), 404)
            #expect(try await offset(sent, registry) == Self.bytes.count)
            expect(try await registry.send(.put("\(sent)?digest=\(Self.digest)", [])), 201)
            try await finish(try await registry.begin("a"), from: 0, registry)
        }
    }

    @Test("What a broken connection delivered is kept, to the last byte", arguments: [true, false])
    func broken(isReset: Bool) async throws {
        try await withRegistry { registry in
            let location = try await registry.begin("a")
            let sent = (2 << 20) + 77_777
            let connection = try await stream(sent, to: location, registry)
            try await eventually { try await offset(location, registry) >= 1 << 20 }
            if isReset { connection.abort() } else { connection.finishSending() }
            // A reset may overtake bytes; the end of a stream does not.
            try await eventually { try await registry.send(.patch(location, [])).status == 202 }
            let reached = try await offset(location, registry)
            #expect(isReset ? reached <= sent : reached == sent)
            try await finish(location, from: reached, registry)
        }
    }

    @Test("A client that stops sending is cut off, and what it sent is kept")
    func stalled() async throws {
        try await withRegistry(["stalled_client_seconds": "1"]) { registry in
            let location = try await registry.begin("a")
            let connection = try await stream(1_500_000, to: location, registry)
            #expect(try await OwnThread.run { connection.isClosed(within: 30) })
            try await eventually { try await offset(location, registry) == 1_500_000 }
            try await finish(location, from: 1_500_000, registry)
        }
    }

    @Test("While one connection sends, another can neither send, end nor give up the upload")
    func twoAtOnce() async throws {
        try await withRegistry { registry in
            let location = try await registry.begin("a")
            let first = try await stream(2 << 20, to: location, registry)
            try await eventually { try await offset(location, registry) > 0 }
            let target = "\(location)?digest=\(Self.digest)"
            for request in [.patch(location, [1]), .put(target, []), HTTPRequest.delete(location)] {
                let answer = try await registry.send(request)
                expectDistribution(answer, 409, "DENIED")
            }
            try await OwnThread.run {
                try first.send(Blob.chunk(Array(Self.bytes[(2 << 20)...])) + Blob.lastChunk)
                expect(try first.receive(), 202)
            }
            expect(try await registry.send(.put(target, [])), 201)
            #expect(try Blob.stored(Self.digest, registry) == Self.bytes)
        }
    }

    @Test("Many sessions at once do not mix, also of the same blob")
    func many() async throws {
        try await withRegistry { registry in
            try await withThrowingTaskGroup { group in
                for number in 0..<12 {
                    group.addTask {
                        let bytes = number % 2 == 0 ? Self.bytes : Blob.bytes(1_500_000 + number, seed: UInt8(number))
                        let way = PushWay.allCases[number % PushWay.allCases.count]
                        let digest = "sha256:" + sha256(bytes)
                        expect(try await registry.push(bytes, as: digest, to: "team/\(number)", way), 201)
                        #expect(try Blob.stored(digest, registry) == bytes)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("The end of an upload takes no reading of what came before it")
    func endsQuickly() async throws {
        try await withRegistry { registry in
            let bytes = Blob.bytes(48 << 20)
            let location = try await registry.begin("a")
            let resident = try registry.peakResidentBytes()
            expect(try await registry.send(.patch(location, bytes)), 202)
            let before = try registry.bytesRead()
            expect(try await registry.send(.put("\(location)?digest=sha256:\(sha256(bytes))", [])), 201)
            #expect(try registry.bytesRead() - before < 4 << 20)
            #expect(try registry.peakResidentBytes() - resident < 24 << 20)
        }
    }

    @Test("A chunk that cannot fit is refused before it is sent, and the session goes on")
    func tooLarge() async throws {
        try await withRegistry { registry in
            let location = try await registry.begin("a")
            for last in ["1152921504606846975", "18446744073709551614"] {
                let request = HTTPRequest(
                    "PATCH", location, headers: [("Transfer-Encoding", "chunked"), ("Content-Range", "0-\(last)")],
                    body: Blob.lastChunk)
                expectDistribution(try await registry.send(request), 507, "UNKNOWN")
            }
            try await finish(location, from: 0, registry)
        }
    }

    @Test("A blob is mounted where it is, and else a session begins")
    func mounts() async throws {
        try await withRegistry { registry in
            let bytes = Blob.bytes(1_000)
            let digest = "sha256:" + sha256(bytes)
            for query in ["mount=\(digest)&from=team/a", "mount=\(digest)"] {
                let answer = try await registry.post("/v2/team/b/blobs/uploads/?" + query)
                expect(answer, 202)
                #expect(answer[header: "location"]?.hasPrefix("/v2/team/b/blobs/uploads/") == true)
            }
            expect(try await registry.push(bytes, as: digest, to: "team/a", .whole), 201)
            expect(try await registry.post("/v2/team/b/blobs/uploads/?mount=\(digest)&from=team/c"), 202)
            expect(try await registry.send(HTTPRequest("HEAD", "/v2/team/b/blobs/\(digest)")), 404)
            for (name, query) in [("team/b", "&from=team/a"), ("team/d", "&from=team%2Fa"), ("team/e", "")] {
                let answer = try await registry.post("/v2/\(name)/blobs/uploads/?mount=\(digest)\(query)")
                expect(answer, 201)
                #expect(answer[header: "location"] == "/v2/\(name)/blobs/\(digest)")
                #expect(answer[header: "docker-content-digest"] == digest)
                expect(try await registry.send(HTTPRequest("HEAD", "/v2/\(name)/blobs/\(digest)")), 200)
            }
            expectDistribution(
                try await registry.post("/v2/a/blobs/uploads/?mount=sha256:1&from=b"), 400, "DIGEST_INVALID")
            expectDistribution(
                try await registry.post("/v2/a/blobs/uploads/?mount=\(digest)&from=B"), 400, "NAME_INVALID")
            expect(try await registry.post("/v2/a/blobs/uploads/?mount=\(digest)&mount=\(digest)"), 400)
        }
    }

    @Test("Who may not read a blob where it is has to send it: mounting it shows nothing of it")
    func mountRights() async throws {
        var home = try RegistryHome(["token_failures_max": "0"])
        let entries = [
            CredentialFile.Entry("own", ["pull", "push"], on: ["own/*"]),
            CredentialFile.Entry("everywhere", ["pull", "push"], on: ["**"]),
        ]
        home.settings["credentials_path"] = try CredentialFile(in: home, entries).path
        try await withRegistry(home) { registry in
            let bytes = Blob.bytes(1_000)
            let digest = "sha256:" + sha256(bytes)
            expect(try await registry.push(bytes, as: digest, to: "foreign/a", .whole), 201)
            func mount(_ name: String, _ from: String) async throws -> Int {
                var request = HTTPRequest.post("/v2/own/b/blobs/uploads/?mount=\(digest)\(from)")
                request.headers.append(("Authorization", "Bearer \(CredentialFile.token(of: name))"))
                return try await registry.send(request, authorized: false).status
            }
            for from in ["&from=foreign/a", ""] { #expect(try await mount("own", from) == 202, "\(from)") }
            expect(try await registry.send(HTTPRequest("HEAD", "/v2/own/b/blobs/\(digest)")), 404)
            for from in ["&from=foreign/a", ""] { #expect(try await mount("everywhere", from) == 201, "\(from)") }
        }
    }
}
