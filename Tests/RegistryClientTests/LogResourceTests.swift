import RegistryClient
import StubRegistry
import Testing
import TransparencyLog

@Suite("Log resources")
struct LogResourceTests {
    @Test("Checkpoint, key, tiles and entries have their paths")
    func paths() async throws {
        try await withClient {
            StubAnswer("\($0.path)\n")
        } _: { client, _ in
            #expect(try await client.logCheckpoint() == Array("/log/checkpoint\n".utf8))
            #expect(try await client.logKey() == "/log/key")
            let tile = try #require(TilePath(parsing: "tile/0/x001/000.p/5"))
            #expect(try await client.logResource(tile) == Array("/log/tile/0/x001/000.p/5\n".utf8))
        }
    }

    @Test("A partial tile that is gone is taken from the full one; a full one that is gone is gone")
    func partial() async throws {
        try await withClient { request in
            request.path == "/log/tile/0/000" ? StubAnswer("full") : .refusal(404, "route_not_found")
        } _: { client, server in
            let partial = try #require(TilePath(.hashes(level: 0), index: 0, width: 9))
            #expect(try await client.logResource(partial) == Array("full".utf8))
            #expect(server.requests.map(\.path) == ["/log/tile/0/000.p/9", "/log/tile/0/000"])
            let gone = try #require(TilePath(.hashes(level: 0), index: 1))
            #expect(await fault { _ = try await client.logResource(gone) }?.status == 404)
        }
    }
}
