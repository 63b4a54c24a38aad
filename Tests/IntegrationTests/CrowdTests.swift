import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("Crowds of connections")
struct CrowdTests {
    @Test("Connections that are opened and left keep nobody from revoking")
    func leftOpen() async throws {
        let home = try RegistryHome(["idle_connection_seconds": "300"])
        try await serverPermits.with {
            // As many files as systems allow a process that does not ask for more.
            let few = ["/bin/bash", "-c", #"ulimit -n 1024; exec "$@""#, "few-files"]
            let registry = try await RunningRegistry(home, runBy: few)
            try await registry.admit("a", ModelFiles.gguf(1))
            let path = try #require(try await registry.path(of: "a")["path"])
            let address = registry.address
            let crowd = try await OwnThread.run { try (0..<1_200).map { _ in try HTTPConnection(to: address) } }
            expect(try await registry.post("/v1/model/revoke?name=a"), 200)
            #expect(!FileManager.default.fileExists(atPath: path))
            expect(try await registry.path(of: "a"), 403)
            try await registry.admit("b", ModelFiles.gguf(2))
            #expect(try await registry.metric("pratique_connections") ?? 1_024 < 512)
            #expect(try await registry.metric("pratique_connections_shed_total") ?? 0 > 600)
            #expect(crowd.count == 1_200)
            #expect(try await registry.stop() == .exited(0))
            try await home.requireClean()
        }
    }

    @Test("The connection that waited longest without a request makes room, and one at work does not")
    func longestIdle() async throws {
        try await withRegistry(["connections_max": "8", "idle_connection_seconds": "300"]) { registry in
            let address = registry.address
            try await OwnThread.run {
                let connections = try (0..<8).map { _ in
                    let connection = try HTTPConnection(to: address)
                    expect(try connection.exchange(.get("/livez")), 200)
                    return connection
                }
                expect(try connections[0].exchange(.get("/livez")), 200)
                let more = try HTTPConnection(to: address)
                expect(try more.exchange(.get("/livez")), 200)
                #expect(connections[1].isClosed(within: 10))
                expect(try connections[0].exchange(.get("/livez")), 200)
            }
        }
    }

    @Test("Where every connection is at work a new one is told to come again, until one of them ends")
    func everyPlaceAtWork() async throws {
        try await withRegistry(["connections_max": "8", "stalled_client_seconds": "300"]) { registry in
            try await fill(registry, 1_000, [("source", .string(String(repeating: "s", count: 1_000)))])
            let address = registry.address
            let readers = try await OwnThread.run {
                try (0..<8).map { _ in
                    let connection = try HTTPConnection(to: address, receiveBytes: 4_096)
                    try connection.send(.get("/v1/models"))
                    // Its answer has begun, and is far from its end.
                    #expect(try !connection.read(atMost: 1).isEmpty)
                    return connection
                }
            }
            try await OwnThread.run {
                let refused = try HTTPConnection(to: address).receive()
                expect(refused, 503)
                #expect(refused[header: "retry-after"] == "1")
                readers[3].abort()
            }
            try await eventually { try await registry.get("/livez").status == 200 }
            #expect(try await registry.metric("pratique_connections_refused_total") ?? 0 > 0)
            for reader in readers { reader.abort() }
        }
    }
}
