import StubRegistry
import TUF
import TUFUpdater
import Testing

@Suite("Fetching files of a repository")
struct RepositoryHTTPTests {
    private static func fetch(
        bytesMax: Int = 100, fileSeconds: Int64 = RepositoryHTTP.fileSeconds,
        _ answer: @escaping @Sendable (StubRequest) -> StubAnswer
    ) async throws -> (result: Result<[UInt8]?, UpdateFault>, paths: [String]) {
        try await StubServer.run(answer) { server in
            let address = try #require(RepositoryAddress(parsing: "\(server.address)/repo/metadata"))
            let source = RepositoryHTTP(metadata: address, targets: address, fileSeconds: fileSeconds)
            let request = MetadataRequest(role: .snapshot, version: 7, bytesMax: bytesMax)
            let result: Result<[UInt8]?, UpdateFault>
            do throws(UpdateFault) {
                result = .success(try await source.metadata(request))
            } catch {
                result = .failure(error)
            }
            await source.shutdown()
            return (result, server.requests.map(\.path))
        }
    }

    @Test("A file is asked for below the address, by version and role")
    func path() async throws {
        let (result, paths) = try await Self.fetch { _ in StubAnswer("content") }
        #expect(try result.get() == Array("content".utf8))
        #expect(paths == ["/repo/metadata/7.snapshot.json"])
    }

    @Test("What a repository does not have is absent", arguments: [403, 404, 410])
    func absent(status: Int) async throws {
        #expect(try await Self.fetch { _ in StubAnswer(status) }.result.get() == nil)
    }

    @Test(
        "Other statuses are failures, and no redirect is followed", arguments: [204, 206, 301, 302, 307, 429, 500, 503])
    func failures(status: Int) async throws {
        let (result, paths) = try await Self.fetch { _ in
            StubAnswer(status, headers: [("location", "/elsewhere")], "content")
        }
        #expect(
            result == .failure(.unavailable(file: "7.snapshot.json", reason: "HTTP status \(status)")))
        #expect(paths.count == 1)
    }

    @Test("A file without end is refused as soon as there is too much of it")
    func endless() async throws {
        let piece = [UInt8](repeating: 0x20, count: 60)
        let (result, _) = try await Self.fetch { _ in
            StubAnswer(200, pieces: Array(repeating: piece, count: 1_000))
        }
        #expect(result == .failure(.refused(TUFRefusal(.snapshot, .tooLarge(bytesMax: 100)))))
    }

    @Test("A file whose bytes come one by one is given up, as one of which none come", arguments: [true, false])
    func slow(isDripping: Bool) async throws {
        let (result, _) = try await Self.fetch(bytesMax: 1 << 20, fileSeconds: 1) { _ in
            isDripping ? .dripping : .silent
        }
        #expect(result == .failure(.unavailable(file: "7.snapshot.json", reason: "it takes too long")))
    }

    @Test("A file that breaks off is none")
    func breaksOff() async throws {
        let (result, _) = try await Self.fetch { _ in
            StubAnswer(200, pieces: [[1, 2, 3]], breaksOff: true)
        }
        #expect(throws: UpdateFault.self) { try result.get() }
    }

    @Test("A repository that cannot be reached is unavailable")
    func unreachable() async throws {
        let port = try SilentPort()
        let address = try #require(RepositoryAddress(parsing: "http://127.0.0.1:\(port.number)"))
        let source = RepositoryHTTP(metadata: address, targets: address)
        let request = MetadataRequest(role: .timestamp, version: nil, bytesMax: 100)
        await #expect(throws: UpdateFault.unavailable(file: "timestamp.json", reason: "it cannot be reached")) {
            try await source.metadata(request)
        }
        await source.shutdown()
    }
}
